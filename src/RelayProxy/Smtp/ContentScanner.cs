using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Smtp;

/// <summary>
/// Sees what a message holds while it streams past: what it will need of the smarthost (8BITMIME, SMTPUTF8) is known when it has
/// been taken, whatever the client declared. Expects CRLF line ends only, as <see cref="DotReader"/> puts them out.
/// </summary>
internal sealed class ContentScanner
{
    /// <summary>With its CRLF (RFC 5321 §4.5.3.1.6).</summary>
    private const int MaxLineOctets = 1000;

    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    private long _octets;

    /// <summary>Octets of the unfinished line.</summary>
    private long _lineOctets;

    /// <summary>The unfinished line holds nothing yet, or a CR.</summary>
    private bool _lineIsEmpty = true;

    private bool _endsInCr;

    public ContentTraits Traits { get; private set; }

    /// <summary>The content so far ends in CRLF, or is empty.</summary>
    public bool EndsInCrLf { get; private set; } = true;

    /// <summary>How many octets the header section has, the empty line behind it included; <c>null</c> while it goes on.</summary>
    public long? HeaderOctets { get; private set; }

    public void Scan(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        int header = HeaderOctets is null ? ScanHeaderLines(content) : 0;
        ScanOctets(content[..header], ContentTraits.EightBit | ContentTraits.Utf8Header);
        ScanOctets(content[header..], ContentTraits.EightBit);
        ScanBodyLines(content[header..]);

        EndsInCrLf = content[^1] == Lf && (content.Length > 1 ? content[^2] == Cr : _endsInCr);
        _endsInCr = content[^1] == Cr;
        _octets += content.Length;
    }

    /// <summary>Line by line, up to and with the first empty one.</summary>
    /// <returns>How many octets belong to the header section.</returns>
    private int ScanHeaderLines(ReadOnlySpan<byte> content)
    {
        int at = 0;
        while (at < content.Length)
        {
            int lineFeed = content[at..].IndexOf(Lf);
            ReadOnlySpan<byte> line = lineFeed < 0 ? content[at..] : content.Slice(at, lineFeed);
            _lineIsEmpty = _lineIsEmpty && !line.ContainsAnyExcept(Cr);
            if (lineFeed < 0)
            {
                AddToLine(line.Length);
                return content.Length;
            }

            at += lineFeed + 1;
            AddToLine(lineFeed + 1);
            _lineOctets = 0;
            if (_lineIsEmpty)
            {
                HeaderOctets = _octets + at;
                return at;
            }

            _lineIsEmpty = true;
        }

        return at;
    }

    /// <summary>In leaps: where some line ends within the next 1000 octets, none of those that end there is too long.</summary>
    private void ScanBodyLines(ReadOnlySpan<byte> content)
    {
        while (!Traits.HasFlag(ContentTraits.LongLine) && !content.IsEmpty)
        {
            int within = (int)Math.Min(content.Length, MaxLineOctets - _lineOctets);
            int lineFeed = content[..within].LastIndexOf(Lf);
            if (lineFeed < 0)
            {
                AddToLine(within < content.Length ? within + 1 : within);
                content = content[within..];
                continue;
            }

            _lineOctets = 0;
            content = content[(lineFeed + 1)..];
        }
    }

    private void AddToLine(int octets)
    {
        _lineOctets += octets;
        if (_lineOctets > MaxLineOctets)
        {
            Traits |= ContentTraits.LongLine;
        }
    }

    private void ScanOctets(ReadOnlySpan<byte> content, ContentTraits ifEightBit)
    {
        if (!Traits.HasFlag(ifEightBit) && !Ascii.IsValid(content))
        {
            Traits |= ifEightBit;
        }

        if (!Traits.HasFlag(ContentTraits.Nul) && content.Contains((byte)0))
        {
            Traits |= ContentTraits.Nul;
        }
    }
}
