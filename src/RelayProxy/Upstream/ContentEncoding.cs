using System.Buffers;
using System.Globalization;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>How content is put on the wire.</summary>
internal interface IContentEncoding
{
    void Begin(MessageContent content, IBufferWriter<byte> output);

    void Write(ReadOnlySpan<byte> octets, IBufferWriter<byte> output);

    void Finish(IBufferWriter<byte> output);
}

/// <summary>After DATA: dot-stuffed, ended by a dot (RFC 5321 §4.5.2).</summary>
internal sealed class StuffedContent : IContentEncoding
{
    private readonly DotWriter _dots = new();

    public void Begin(MessageContent content, IBufferWriter<byte> output)
    {
    }

    public void Write(ReadOnlySpan<byte> octets, IBufferWriter<byte> output) => _dots.Write(octets, output);

    public void Finish(IBufferWriter<byte> output) => _dots.Finish(output);
}

/// <summary>
/// As one chunk, its length said first (RFC 3030 §2). Nothing can be mended on the way, as the length would change; so what holds a lone CR
/// or LF, or is not as long as it should be, never becomes complete.
/// </summary>
internal sealed class ChunkedContent : IContentEncoding
{
    private long _missing;
    private bool _afterCr;

    public void Begin(MessageContent content, IBufferWriter<byte> output)
    {
        _missing = content.Octets;
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"BDAT {_missing} LAST\r\n"), output);
    }

    public void Write(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        _missing -= octets.Length;
        if (_missing < 0 || HoldsBareNewline(octets) || (_missing == 0 && _afterCr))
        {
            throw new InvalidDataException("The stored message is longer than it should be, or holds a lone CR or LF.");
        }

        output.Write(octets);
    }

    public void Finish(IBufferWriter<byte> output)
    {
        if (_missing != 0)
        {
            throw new InvalidDataException($"The stored message lacks {_missing} octets.");
        }
    }

    private bool HoldsBareNewline(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_afterCr)
            {
                if (octets[0] != '\n')
                {
                    return true;
                }

                _afterCr = false;
                octets = octets[1..];
            }

            int newline = octets.IndexOfAny((byte)'\r', (byte)'\n');
            if (newline < 0)
            {
                return false;
            }

            if (octets[newline] == '\n')
            {
                return true;
            }

            _afterCr = true;
            octets = octets[(newline + 1)..];
        }

        return false;
    }
}
