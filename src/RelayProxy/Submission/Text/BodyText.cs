using System.Text;

namespace RelayProxy.Submission.Text;

/// <summary>The body as it comes in: lines that end in CRLF, and what must be known of them before the header can be finished.</summary>
internal sealed class BodyText : IDisposable
{
    /// <summary>RFC 5322 §2.1.1, without the CRLF.</summary>
    public const int MaxLineOctets = 998;

    private readonly KeptOctets _octets = new(Path.GetTempPath());
    private Utf8Check _utf8;
    private long _lineOctets;

    public KeptOctets Octets => _octets;

    public bool IsEightBit { get; private set; }

    /// <summary>All of it, so far as it was whole lines.</summary>
    public bool IsUtf8 => _utf8.IsValid;

    public bool HasLongLine { get; private set; }

    public void Append(ReadOnlySpan<byte> text)
    {
        _octets.Append(text);
        _lineOctets += text.Length;
        HasLongLine |= _lineOctets > MaxLineOctets;
        IsEightBit |= !Ascii.IsValid(text);
        _utf8.Add(text);
    }

    public void EndLine()
    {
        _octets.Append("\r\n"u8);
        _lineOctets = 0;
        _utf8.Add("\r\n"u8);
    }

    /// <summary>There is no more text.</summary>
    public void End()
    {
        if (_lineOctets > 0)
        {
            EndLine();
        }
    }

    public void Dispose() => _octets.Dispose();
}
