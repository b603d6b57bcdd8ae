using System.Buffers;
using System.Globalization;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Intake;

/// <summary>
/// The trace field that goes on top of every message (RFC 5321 §4.4): who brought it, as far as the kernel and the client said,
/// when, how (RFC 3848), and under which queue id. Nothing that a client said gets in unless it is a domain or an address literal,
/// and all of it is ASCII.
/// </summary>
internal static class ReceivedField
{
    private const int MaxDomainLength = 255;
    private const int MaxUserNameLength = 64;

    /// <summary>General address literals may hold more (RFC 5321 §4.1.3), down to brackets and semicolons.</summary>
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:[]");

    public static void Write(IBufferWriter<byte> output, Trace trace)
    {
        var field = new FieldWriter(output, "Received");
        if (!trace.Origin.IsReport)
        {
            WriteFrom(ref field, trace.Origin);
        }

        field.Word($"by {Host(trace.HostName)} (RelayProxy)", onNewLine: !trace.Origin.IsReport);
        if (Keyword(trace.Origin.Protocol) is { } protocol)
        {
            field.Word($"with {protocol}");
        }

        // With more than one recipient the field would show each of them to all the others (RFC 5321 §7.2).
        if (trace.OnlyRecipient is { IsAscii: true } recipient)
        {
            field.Word($"id {trace.Id}");
            field.Word($"for <{recipient}>;", onNewLine: true);
        }
        else
        {
            field.Word($"id {trace.Id};");
        }

        field.Word(InternetDate.Format(trace.ReceivedAt));
        field.End();
    }

    /// <summary>A name that may stand in a header field: itself if it is one, else <c>localhost</c>.</summary>
    public static string Host(string name) => IsPlainDomain(name) ? name : "localhost";

    private static void WriteFrom(ref FieldWriter field, MessageOrigin origin)
    {
        string literal = $"[{origin.Address}]";
        bool hasAddress = IsPlainDomain(literal);
        bool hasName = IsPlainDomain(origin.HeloName);
        field.Word("from " + (hasName ? origin.HeloName : hasAddress ? literal : "localhost"));
        if (hasAddress)
        {
            field.Word($"({literal})");
        }

        if (origin.UserName.Length > 0 || origin.UserId is not null)
        {
            field.Word(User(origin));
        }
    }

    private static string User(MessageOrigin origin)
    {
        var comment = new StringBuilder("(");
        if (origin.UserName.Length > 0)
        {
            comment.Append("user ");
            foreach (char letter in origin.UserName.AsSpan(0, Math.Min(origin.UserName.Length, MaxUserNameLength)))
            {
                // ctext, and quoted-pairs for what would end or nest the comment (RFC 5322 §3.2.2).
                _ = letter switch
                {
                    '(' or ')' or '\\' => comment.Append('\\').Append(letter),
                    >= ' ' and <= '~' => comment.Append(letter),
                    _ => comment.Append('?'),
                };
            }
        }

        if (origin.UserId is { } uid)
        {
            comment.Append(comment.Length > 1 ? " " : "").Append(CultureInfo.InvariantCulture, $"uid {uid}");
        }

        return comment.Append(')').ToString();
    }

    private static bool IsPlainDomain(string name) =>
        name.Length <= MaxDomainLength
        && !name.AsSpan().ContainsAnyExcept(s_plain)
        && DomainParser.IsWhole(Encoding.UTF8.GetBytes(name));

    private static string? Keyword(string protocol) =>
        protocol.Length is > 0 and <= 20 && protocol.All(char.IsAsciiLetterOrDigit) ? protocol : null;
}
