using System.Buffers;
using System.Globalization;
using System.Text;

namespace RelayProxy.Smtp;

/// <summary>The first digit of a reply: what a client must do about it (RFC 5321 §4.2.1).</summary>
internal enum Severity
{
    Unknown = 0,
    Success = 2,
    Intermediate = 3,
    Transient = 4,
    Permanent = 5,
}

/// <summary>
/// The second and third number of an enhanced status code (RFC 3463): <c>1.1</c> of <c>5.1.1</c>. The first number is the
/// reply's own first digit, so the two cannot disagree.
/// </summary>
internal readonly record struct StatusDetail(int Subject, int Detail)
{
    /// <summary>X.0.0: nothing more is known.</summary>
    public static StatusDetail Undefined => default;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Subject}.{Detail}");
}

/// <summary>One SMTP reply, ours or the smarthost's.</summary>
/// <param name="Code">Three digits, 200 to 599.</param>
/// <param name="Status">The enhanced status, without its class; <c>null</c> where the reply carries none (the greeting, EHLO
/// and HELO replies, 3yz replies, and far sides that do not speak RFC 2034).</param>
/// <param name="Text">Printable ASCII (UTF-8 from a smarthost that was spoken to with SMTPUTF8); lines are separated by LF.</param>
internal readonly record struct SmtpReply(int Code, StatusDetail? Status, string Text)
{
    public SmtpReply(int code, int subject, int detail, string text)
        : this(code, new StatusDetail(subject, detail), text)
    {
    }

    public Severity Severity => (Code / 100) switch
    {
        2 => Severity.Success,
        3 => Severity.Intermediate,
        4 => Severity.Transient,
        5 => Severity.Permanent,
        _ => Severity.Unknown,
    };

    public bool IsSuccess => Severity == Severity.Success;

    /// <summary>The full enhanced status code, for example <c>5.1.1</c>; <c>X.0.0</c> where the reply has none.</summary>
    public string EnhancedCode => string.Create(CultureInfo.InvariantCulture, $"{Code / 100}.{Status ?? StatusDetail.Undefined}");

    /// <summary>As it goes over the wire, with its line ends.</summary>
    /// <param name="allowUtf8">The client asked for SMTPUTF8; otherwise what is not ASCII becomes <c>?</c>.</param>
    public void WriteTo(IBufferWriter<byte> output, bool allowUtf8 = false) => ReplyWriter.Write(this, output, allowUtf8);

    /// <summary>As one line, for logs, history and reports: <c>550 5.1.1 No such user</c>.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{Code}");
        if (Status is not null)
        {
            line.Append(' ').Append(EnhancedCode);
        }

        if (Text.Length > 0)
        {
            line.Append(' ').Append(Text.Replace('\n', ' '));
        }

        return line.ToString();
    }
}
