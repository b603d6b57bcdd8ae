using RelayProxy.Smtp;

namespace RelayProxy.Submission.Handing;

/// <summary>The relay's replies (RFC 5321 §4.2), read one by one.</summary>
/// <param name="show">Told each line as it came; <c>null</c> if nobody wants to see them.</param>
internal sealed class RelayReplies(RelaySocket socket, Action<string>? show)
{
    private const int MaxLines = 200;

    private readonly byte[] _input = new byte[4 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next reply, its lines joined by LF; an enhanced status code stays in the text.</summary>
    /// <exception cref="RelayLostException"/>
    public RelayReply Read(int milliseconds)
    {
        string text = "";
        for (int lines = 1; ; lines++)
        {
            ReadOnlySpan<byte> line = ReadLine(milliseconds);
            if (line.Length < 3 || !char.IsAsciiDigit((char)line[0]) || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])
                || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')) || lines > MaxLines)
            {
                throw new RelayLostException($"what answers does not speak SMTP: {Printable.Of(line, maxOctets: 100)}");
            }

            show?.Invoke(Printable.Of(line, allowUtf8: true));
            string words = Printable.Of(line.Length > 4 ? line[4..] : default, allowUtf8: true);
            text = text.Length == 0 ? words : string.Concat(text, "\n", words);
            if (line.Length == 3 || line[3] == ' ')
            {
                return new RelayReply(((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0', text);
            }
        }
    }

    private ReadOnlySpan<byte> ReadLine(int milliseconds)
    {
        while (true)
        {
            ReadOnlySpan<byte> pending = _input.AsSpan(_start, _end - _start);
            int end = pending.IndexOf((byte)'\n');
            if (end >= 0)
            {
                _start += end + 1;
                return pending[..end].TrimEnd((byte)'\r');
            }

            if (pending.Length == _input.Length)
            {
                throw new RelayLostException("what answers does not speak SMTP");
            }

            pending.CopyTo(_input);
            (_start, _end) = (0, pending.Length);
            _end += socket.Read(_input.AsSpan(_end), milliseconds);
        }
    }
}
