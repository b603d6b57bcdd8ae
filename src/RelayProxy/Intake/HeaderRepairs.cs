using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Intake;

/// <summary>
/// The fields that a message must have and that programs forget: Date, From, Message-ID (RFC 6409 §8). Added behind the fields that
/// are there, each only where it is missing and only if its setting says so; one that is there stays, however malformed.
/// </summary>
internal static class HeaderRepairs
{
    /// <returns>The Message-ID that was added; <c>null</c> if none was.</returns>
    public static string? Write(
        IBufferWriter<byte> output, ReadOnlySpan<byte> content, HeaderBlock header, IntakeOptions options, Trace trace)
    {
        string host = ReceivedField.Host(trace.HostName);
        if (options.AddDate && header.Find(content, "Date"u8) is null)
        {
            Append(output, $"Date: {InternetDate.Format(trace.ReceivedAt)}\r\n");
        }

        if (options.AddFrom && trace.Author is not null)
        {
            Append(output, $"From: <{trace.Author}>\r\n");
        }

        if (!options.AddMessageId || header.Find(content, "Message-ID"u8) is not null)
        {
            return null;
        }

        string messageId = $"<{trace.Id}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}@{host}>";
        Append(output, $"Message-ID: {messageId}\r\n");
        return messageId;
    }

    /// <summary>The fields to be taken out, in their order: those that would tell who got a blind copy (RFC 5322 §3.6.3, §3.6.6), and those that
    /// name a trace.</summary>
    public static IReadOnlyList<HeaderSplice> Removals(ReadOnlySpan<byte> content, HeaderBlock header, IntakeOptions options)
    {
        if (!options.RemoveBcc && !options.RemoveTraceFields)
        {
            return [];
        }

        var splices = new List<HeaderSplice>();
        foreach (HeaderField field in header.Fields)
        {
            if ((options.RemoveBcc && IsBlindCopy(content, field)) || (options.RemoveTraceFields && IsTrace(content, field)))
            {
                splices.Add(new HeaderSplice(field.Start, field.Length));
            }
        }

        return splices;
    }

    private static bool IsBlindCopy(ReadOnlySpan<byte> content, HeaderField field) =>
        HeaderBlock.IsNamed(content, field, "Bcc"u8) || HeaderBlock.IsNamed(content, field, "Resent-Bcc"u8);

    private static bool IsTrace(ReadOnlySpan<byte> content, HeaderField field) =>
        HeaderBlock.IsNamed(content, field, "traceparent"u8) || HeaderBlock.IsNamed(content, field, "tracestate"u8);

    private static void Append(IBufferWriter<byte> output, string field) => Encoding.UTF8.GetBytes(field, output);
}
