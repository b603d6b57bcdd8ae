using System.Text;

namespace RelayProxy.Harness;

/// <summary>
/// Reads a delivery report back as a stranger would: MIME parts by their boundary (RFC 2046), fields unfolded (RFC 5322), status
/// groups apart (RFC 3464). Written from the RFCs and not from the code that writes reports.
/// </summary>
internal sealed class ReportReader
{
    public ReportReader(ReadOnlySpan<byte> message)
        : this(Encoding.UTF8.GetString(message))
    {
    }

    public ReportReader(string message)
    {
        (Header, string body) = Split(message);
        string type = Header["Content-Type"];
        int at = type.IndexOf("boundary=\"", StringComparison.Ordinal) + "boundary=\"".Length;
        string boundary = type[at..type.IndexOf('"', at)];

        string[] pieces = ("\r\n" + body).Split("\r\n--" + boundary);
        if (!pieces[^1].StartsWith("--", StringComparison.Ordinal))
        {
            throw new InvalidDataException("The last part is not closed.");
        }

        Parts = [.. pieces[1..^1].Select(piece => Part(piece["\r\n".Length..]))];
        string[] groups = Parts[1].Body.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries);
        PerMessage = Fields(groups[0]);
        PerRecipient = [.. groups[1..].Select(Fields)];
    }

    /// <summary>The report's own header section.</summary>
    public IReadOnlyDictionary<string, string> Header { get; }

    public IReadOnlyList<(IReadOnlyDictionary<string, string> Header, string Body)> Parts { get; }

    /// <summary>The part for people.</summary>
    public string Text => Parts[0].Body;

    public IReadOnlyDictionary<string, string> PerMessage { get; }

    public IReadOnlyList<IReadOnlyDictionary<string, string>> PerRecipient { get; }

    /// <summary>What of the message came back.</summary>
    public string Returned => Parts[2].Body;

    public string TypeOf(int part) => Parts[part].Header["Content-Type"].Split(';')[0];

    private static (IReadOnlyDictionary<string, string> Header, string Body) Part(string text) => Split(text);

    private static (IReadOnlyDictionary<string, string> Header, string Body) Split(string text)
    {
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 ? throw new InvalidDataException("A part without an empty line.") : (Fields(text[..end]), text[(end + 4)..]);
    }

    private static Dictionary<string, string> Fields(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string unfolded = text.Replace("\r\n ", " ", StringComparison.Ordinal).Replace("\r\n\t", "\t", StringComparison.Ordinal);
        foreach (string line in unfolded.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || line[..colon].Contains(' ', StringComparison.Ordinal))
            {
                throw new InvalidDataException($"Not a field: {line}");
            }

            fields.TryAdd(line[..colon], line[(colon + 1)..].TrimStart(' '));
        }

        return fields;
    }
}
