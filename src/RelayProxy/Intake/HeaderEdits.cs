using System.Buffers;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Rewrite.Header;

namespace RelayProxy.Intake;

/// <summary>
/// All that intake changes in one message (and each of it but the trace field can be switched off): what goes on top of the header
/// section, what is spliced inside it, what goes at its end. Every octet not named here stays.
/// </summary>
internal sealed record HeaderEdits
{
    public required ReadOnlyMemory<byte> Top { get; init; }

    /// <summary>In the order in which they stand.</summary>
    public IReadOnlyList<HeaderSplice> Splices { get; init; } = [];

    public ReadOnlyMemory<byte> Bottom { get; init; }

    /// <summary>The message's Message-ID, its own or the one added; empty if it has none or the section was not read.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>The names of fields that a rewrite would have changed and that a signature covers.</summary>
    public IReadOnlyList<string> KeptFields { get; init; } = [];

    /// <param name="rewrite">What is rewritten; <c>null</c> if nothing is.</param>
    /// <param name="status">How the section ended; <see cref="HeaderStatus.NeedMore"/> if it is too long to be read to its end. It
    /// then gets the trace field alone: nobody can tell what is missing.</param>
    public static HeaderEdits For(
        ReadOnlySpan<byte> content, HeaderBlock header, HeaderStatus status, HeaderRewrite? rewrite, IntakeOptions options, Trace trace)
    {
        var top = new ArrayBufferWriter<byte>(512);
        ReceivedField.Write(top, trace);
        OriginalToFields.Write(top, trace.OriginalRecipients);
        if (header.HasMailboxLine)
        {
            // The field that Postfix makes of it; without it the line would end the header section where it begins.
            top.Write("X-Mailbox-Line: "u8);
        }

        string messageId = header.Find(content, "Message-ID"u8) is { } field ? HeaderBlock.Value(content, field) : "";
        if (status == HeaderStatus.NeedMore)
        {
            return new HeaderEdits { Top = top.WrittenMemory, MessageId = messageId };
        }

        var bottom = new ArrayBufferWriter<byte>(256);
        messageId = HeaderRepairs.Write(bottom, content, header, options, trace) ?? messageId;
        bottom.Write(rewrite is null ? [] : rewrite.ReplyTo.Span);
        if (status != HeaderStatus.EmptyLine)
        {
            // Or the text that follows would be read as header.
            bottom.Write("\r\n"u8);
        }

        return new HeaderEdits
        {
            Top = top.WrittenMemory,
            Splices = Merged(HeaderRepairs.Removals(content, header, options), rewrite),
            Bottom = bottom.WrittenMemory,
            MessageId = messageId,
            KeptFields = rewrite is null ? [] : KeptFieldsOf(content, rewrite),
        };
    }

    /// <summary>In order; what is taken out as a whole is not rewritten.</summary>
    private static IReadOnlyList<HeaderSplice> Merged(IReadOnlyList<HeaderSplice> removals, HeaderRewrite? rewrite)
    {
        if (rewrite is null)
        {
            return removals;
        }

        var merged = new List<HeaderSplice>();
        IEnumerable<HeaderSplice> rewrites = rewrite.Fields.Where(field => !field.IsKept).SelectMany(field => field.Splices);
        foreach (HeaderSplice splice in removals.Concat(rewrites).OrderBy(splice => splice.Start))
        {
            if (merged.Count == 0 || splice.Start >= merged[^1].Start + merged[^1].Length)
            {
                merged.Add(splice);
            }
        }

        return merged;
    }

    private static List<string> KeptFieldsOf(ReadOnlySpan<byte> content, HeaderRewrite rewrite)
    {
        var names = new List<string>();
        foreach (FieldRewrite kept in rewrite.Fields.Where(field => field.IsKept))
        {
            names.Add(Encoding.ASCII.GetString(content.Slice(kept.Field.Start, kept.Field.NameLength)));
        }

        return names;
    }
}

/// <summary>What the fields that intake writes say.</summary>
/// <param name="Author">Whom From is to name; <c>null</c> if there is one.</param>
/// <param name="OnlyRecipient">The recipient, if there is exactly one.</param>
/// <param name="ReceivedAt">With the offset of the zone to write it in.</param>
internal sealed record Trace(
    QueueId Id, MessageOrigin Origin, string HostName, Mailbox? Author, Mailbox? OnlyRecipient, DateTimeOffset ReceivedAt)
{
    /// <summary>Who would have got the message, were not all mail redirected.</summary>
    public IReadOnlyList<Mailbox> OriginalRecipients { get; init; } = [];
}
