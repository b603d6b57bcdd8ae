using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RelayProxy.Integration.Callers;

/// <summary>
/// A program that hands mail to sendmail: how it calls, what it writes, and what has to arrive. <c>\r</c> and <c>\xe4</c> in a text stand for the
/// octets that they name, <c>USER</c> for whoever runs the tests. Lines end in LF, the last one too unless it ends in <c>\</c>.
/// </summary>
/// <param name="Arguments">With blanks between them; one that has any stands in double quotes.</param>
/// <param name="Input">Standard input: header, empty line, body.</param>
internal sealed partial record Caller(string Name, string Arguments, string Input)
{
    /// <summary>The envelope's, as it reaches the smarthost.</summary>
    public string Sender { get; init; } = "USER@example.org";

    /// <summary>As they reach the smarthost, with blanks between them.</summary>
    public required string Recipients { get; init; }

    /// <summary>What else MAIL or RCPT says there.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>What is different in the header that arrives: <c>- a line that was there</c>, <c>+ a line that was not</c>. Received is not told of, nor
    /// Date and Message-ID where they were missing.</summary>
    public string Changes { get; init; } = "";

    /// <summary>The body that arrives; the same as in <see cref="Input"/> if left out.</summary>
    public string? Body { get; init; }

    public IEnumerable<string> ArgumentList => Word().Matches(Filled(Arguments)).Select(word => word.Value.Trim('"'));

    public byte[] InputOctets => Octets(Input.EndsWith('\\') ? Input[..^1] : Input + "\n");

    public string ExpectedSender => Filled(Sender);

    public IEnumerable<string> ExpectedRecipients => Filled(Recipients).Split(' ');

    public IEnumerable<string> Gone => Changed('-');

    public IEnumerable<string> Added => Changed('+');

    /// <summary>Lines, without their ends.</summary>
    public static IEnumerable<string> LinesOf(string text) => text.Split('\n').Select(line => line.TrimEnd('\r'));

    /// <summary>A text as octets, each of them a letter.</summary>
    public static byte[] Octets(string text) => Encoding.Latin1.GetBytes(Escape().Replace(
        Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Filled(text))),
        escape => escape.Value == @"\r" ? "\r" : ((char)byte.Parse(escape.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));

    public override string ToString() => Name;

    private static string Filled(string text) => text.Replace("USER", Environment.UserName, StringComparison.Ordinal);

    private IEnumerable<string> Changed(char sign) =>
        Encoding.Latin1.GetString(Octets(Changes)).Split('\n').Where(line => line.StartsWith(sign)).Select(line => line[2..]);

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\\r|\\x[0-9a-f]{2}")]
    private static partial Regex Escape();
}
