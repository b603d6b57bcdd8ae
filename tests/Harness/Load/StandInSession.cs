using System.Text;

namespace RelayProxy.Harness.Load;

/// <summary>
/// The stand-in's half of one conversation, as a large provider holds it: EHLO, AUTH, MAIL, RCPT, DATA and BDAT, groups of commands
/// answered in one write (RFC 2920). It reads what must be read and looks at nothing else: what is spent here is taken from the server
/// that is measured. Serves one connection after the other, on the thread of whoever calls, with the same buffers.
/// </summary>
internal sealed class StandInSession(StandInTally tally, string username, string password)
{
    private const int LongestReply = 256;

    private static readonly byte[] s_greeting = "220 smarthost.test ESMTP\r\n"u8.ToArray();
    private static readonly byte[] s_hello =
        "250-smarthost.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-AUTH PLAIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 CHUNKING\r\n"u8.ToArray();

    private static readonly byte[] s_welcome = "235 2.7.0 Authentication successful\r\n"u8.ToArray();
    private static readonly byte[] s_wrongLogin = "535 5.7.8 Authentication failed\r\n"u8.ToArray();
    private static readonly byte[] s_loginFirst = "530 5.7.0 Authentication required\r\n"u8.ToArray();
    private static readonly byte[] s_sender = "250 2.1.0 Ok\r\n"u8.ToArray();
    private static readonly byte[] s_recipient = "250 2.1.5 Ok\r\n"u8.ToArray();
    private static readonly byte[] s_goOn = "354 End data with <CR><LF>.<CR><LF>\r\n"u8.ToArray();
    private static readonly byte[] s_taken = "250 2.0.0 Ok: queued as 4BxYz81Qk2z\r\n"u8.ToArray();
    private static readonly byte[] s_ok = "250 2.0.0 Ok\r\n"u8.ToArray();
    private static readonly byte[] s_bye = "221 2.0.0 Bye\r\n"u8.ToArray();
    private static readonly byte[] s_unknown = "502 5.5.2 Not known here\r\n"u8.ToArray();

    private readonly byte[] _login =
        Encoding.ASCII.GetBytes("AUTH PLAIN " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"\0{username}\0{password}")));

    private readonly byte[] _input = new byte[64 * 1024];
    private readonly byte[] _output = new byte[4 * 1024];
    private int _begin;
    private int _end;
    private int _replied;
    private int _taken;
    private Expected _expected;
    private long _chunkLeft;
    private bool _isLastChunk;
    private bool _isLoggedIn;

    private enum Expected
    {
        Command,
        Content,
        Chunk,
        Nothing,
    }

    /// <summary>Serves a connection to its end.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public void Run(Stream stream)
    {
        (_begin, _end, _replied, _taken, _expected, _isLoggedIn) = (0, 0, 0, 0, Expected.Command, false);
        Reply(s_greeting);
        do
        {
            bool needsMore = false;
            while (!needsMore && _replied < _output.Length - LongestReply)
            {
                needsMore = !Step();
            }

            Flush(stream);
            if (needsMore && _expected != Expected.Nothing && !Fill(stream))
            {
                return;
            }
        }
        while (_expected != Expected.Nothing || _replied > 0);
    }

    /// <returns><c>false</c> if more octets are needed.</returns>
    private bool Step() => _expected switch
    {
        Expected.Command => TakeCommand(),
        Expected.Content => TakeContent(),
        Expected.Chunk => TakeChunk(),
        Expected.Nothing => false,
    };

    private bool TakeCommand()
    {
        int length = _input.AsSpan(_begin, _end - _begin).IndexOf("\r\n"u8);
        if (length < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> line = _input.AsSpan(_begin, length);
        _begin += length + 2;
        Answer(line);
        return true;
    }

    private void Answer(ReadOnlySpan<byte> line)
    {
        if (Is(line, "MAIL"u8))
        {
            Reply(_isLoggedIn ? s_sender : s_loginFirst);
        }
        else if (Is(line, "RCPT"u8))
        {
            Reply(_isLoggedIn ? s_recipient : s_loginFirst);
        }
        else if (Is(line, "DATA"u8) && _isLoggedIn)
        {
            // The end of this line begins the end of an empty message.
            _begin -= 2;
            _expected = Expected.Content;
            Reply(s_goOn);
        }
        else if (Is(line, "BDAT"u8) && _isLoggedIn)
        {
            _expected = Expected.Chunk;
            _isLastChunk = line.EndsWith(" LAST"u8);
            _chunkLeft = Number(line[5..]);
        }
        else if (Is(line, "EHLO"u8))
        {
            Reply(s_hello);
        }
        else if (Is(line, "AUTH"u8))
        {
            _isLoggedIn = line.SequenceEqual(_login);
            Reply(_isLoggedIn ? s_welcome : s_wrongLogin);
        }
        else if (Is(line, "QUIT"u8))
        {
            Reply(s_bye);
            _expected = Expected.Nothing;
        }
        else
        {
            Reply(Is(line, "RSET"u8) || Is(line, "NOOP"u8) ? s_ok : s_unknown);
        }
    }

    private bool TakeContent()
    {
        ReadOnlySpan<byte> endOfData = "\r\n.\r\n"u8;
        int at = _input.AsSpan(_begin, _end - _begin).IndexOf(endOfData);
        if (at < 0)
        {
            // What may be its beginning is kept.
            _begin = Math.Max(_begin, _end - endOfData.Length + 1);
            return false;
        }

        _begin += at + endOfData.Length;
        Taken();
        return true;
    }

    private bool TakeChunk()
    {
        int here = (int)Math.Min(_chunkLeft, _end - _begin);
        _begin += here;
        _chunkLeft -= here;
        if (_chunkLeft > 0)
        {
            return false;
        }

        if (_isLastChunk)
        {
            Taken();
        }
        else
        {
            Reply(s_ok);
            _expected = Expected.Command;
        }

        return true;
    }

    private void Taken()
    {
        Reply(s_taken);
        _taken++;
        _expected = Expected.Command;
    }

    private void Reply(byte[] reply)
    {
        reply.CopyTo(_output.AsSpan(_replied));
        _replied += reply.Length;
    }

    private void Flush(Stream stream)
    {
        if (_replied == 0)
        {
            return;
        }

        if (tally.Latency is { Ticks: > 0 } latency)
        {
            Thread.Sleep(latency);
        }

        stream.Write(_output, 0, _replied);
        _replied = 0;
        if (_taken > 0)
        {
            tally.Add(_taken);
            _taken = 0;
        }
    }

    private bool Fill(Stream stream)
    {
        if (_begin > 0)
        {
            _input.AsSpan(_begin, _end - _begin).CopyTo(_input);
            (_begin, _end) = (0, _end - _begin);
        }

        int read = stream.Read(_input, _end, _input.Length - _end);
        _end += read;
        return read > 0;
    }

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> verb) =>
        line.Length >= verb.Length && Ascii.EqualsIgnoreCase(line[..verb.Length], verb);

    private static long Number(ReadOnlySpan<byte> text)
    {
        long number = 0;
        for (int i = 0; i < text.Length && char.IsAsciiDigit((char)text[i]); i++)
        {
            number = (10 * number) + text[i] - '0';
        }

        return number;
    }
}
