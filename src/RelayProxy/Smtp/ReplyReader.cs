using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace RelayProxy.Smtp;

/// <summary>Reads a server's replies (RFC 5321 §4.2), bounded in lines and octets: an endless or malformed reply is a
/// <see cref="ReplyFormatException"/>, a connection that ends before one is complete an <see cref="IOException"/>. Neither leaves a
/// reader that can be used again.</summary>
internal sealed class ReplyReader(PipeReader input)
{
    /// <summary>RFC 5321 §4.5.3.1.5 allows 512; servers that return a rejected message's log lines do not know that.</summary>
    private const int MaxLineOctets = 8 * 1024;

    private const int MaxReplyOctets = 64 * 1024;
    private const int MaxLines = 200;
    private const int MaxQuotedOctets = 200;

    private readonly StringBuilder _text = new();

    /// <summary>A read begun by <see cref="HasUnsolicited"/>, which the next reply is to be taken from.</summary>
    private Task<ReadResult>? _begun;

    // The reply under way: it may come in many pieces.
    private int _lines;
    private int _octets;
    private int _code;
    private StatusDetail? _status;

    /// <summary>Keep UTF-8 in the text: the server was spoken to with SMTPUTF8 (RFC 6531 §3.7.4).</summary>
    public bool AllowUtf8 { get; set; }

    /// <summary>Takes out what must not be repeated, of replies and of what is quoted of things that are none. A challenge (334) stays as it is: it is for
    /// the one who answers it.</summary>
    public Func<string, string> Veil { get; set; } = static text => text;

    /// <summary>The next reply, its lines joined by LF, its enhanced status code taken out of the text where it has one. If
    /// cancelled, what has come of the reply is kept for the next call.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SmtpReply> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await ReadMoreAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool complete = false;
            try
            {
                complete = TryTakeReply(ref buffer);
            }
            finally
            {
                input.AdvanceTo(buffer.Start, complete ? buffer.Start : buffer.End);
            }

            if (complete)
            {
                return TakeReply();
            }

            if (result.IsCompleted)
            {
                throw new IOException(_lines == 0 && buffer.IsEmpty
                    ? "connection closed by the server"
                    : "connection closed by the server in the middle of a reply");
            }

            if (result.IsCanceled)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Whether octets have arrived that nobody asked for, or the far side has closed. Does not wait, but begins to read:
    /// what arrives between two calls is seen by the second.</summary>
    public bool HasUnsolicited()
    {
        if (_begun is null)
        {
            _begun = input.ReadAsync(CancellationToken.None).AsTask();

            // Whoever gives the connection up for what comes of it reads no more.
            _begun.Abandon();
        }

        return _begun.IsCompleted;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadMoreAsync(CancellationToken cancellationToken)
    {
        if (_begun is not { } begun)
        {
            return await input.ReadAsync(cancellationToken);
        }

        _begun = null;
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static reader => ((PipeReader)reader!).CancelPendingRead(), input);
        return await begun;
    }

    /// <returns>Whether the last line of the reply was among those taken.</returns>
    private bool TryTakeReply(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            switch (SmtpLine.TryTake(ref buffer, MaxLineOctets, out ReadOnlySequence<byte> line))
            {
                case LineStatus.NeedMore:
                    return false;
                case LineStatus.TooLong:
                    throw new ReplyFormatException($"a reply line of more than {MaxLineOctets} octets: {Quote(buffer)}");
                case LineStatus.BareLineFeed:
                    throw new ReplyFormatException($"a reply line that ends in LF without CR: {Quote(line)}");
                case LineStatus.BareCarriageReturn:
                    throw new ReplyFormatException($"a lone CR in a reply: {Quote(line)}");
                case LineStatus.Line:
                    if (IsLast(line))
                    {
                        return true;
                    }

                    break;
            }
        }
    }

    private bool IsLast(in ReadOnlySequence<byte> sequence)
    {
        ReadOnlySpan<byte> line = sequence.IsSingleSegment ? sequence.FirstSpan : sequence.ToArray();
        _octets += line.Length;
        if (++_lines > MaxLines || _octets > MaxReplyOctets)
        {
            throw new ReplyFormatException($"a reply of more than {MaxLines} lines or {MaxReplyOctets} octets: {Quote(sequence)}");
        }

        if (!TryReadCode(line, out int code))
        {
            throw new ReplyFormatException($"not a reply: {Quote(sequence)}");
        }

        if (_lines > 1 && code != _code)
        {
            throw new ReplyFormatException($"a reply that began with {_code} goes on with {Quote(sequence)}");
        }

        _code = code;
        ReadOnlySpan<byte> text = line.Length > 4 ? line[4..] : default;
        if (TryReadStatus(text, code, out StatusDetail status, out int length) && (_status is null || _status == status))
        {
            _status = status;
            text = text[length..];
        }

        if (_lines > 1)
        {
            _text.Append('\n');
        }

        _text.Append(Printable.Of(text, AllowUtf8));
        return line.Length == 3 || line[3] == ' ';
    }

    /// <summary>Three digits, of which the first is 2 to 5, then a blank, a hyphen or nothing. What the other two mean is not ours
    /// to judge (RFC 5321 §4.3.2: a client goes by the first digit).</summary>
    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        if (line.Length < 3
            || line[0] is < (byte)'2' or > (byte)'5'
            || !char.IsAsciiDigit((char)line[1])
            || !char.IsAsciiDigit((char)line[2])
            || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')))
        {
            return false;
        }

        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        return true;
    }

    /// <summary>RFC 2034 §4: class, subject and detail, in front of the text. A class that is not the code's own first digit is not
    /// believed, and stays in the text.</summary>
    /// <param name="length">With the blank behind it.</param>
    private static bool TryReadStatus(ReadOnlySpan<byte> text, int code, out StatusDetail status, out int length)
    {
        status = default;
        length = 0;
        int blank = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = blank < 0 ? text : text[..blank];
        if (code is >= 300 and < 400
            || word.Length < 5
            || word[0] != '0' + (code / 100)
            || word[1] != '.'
            || word[2..].IndexOf((byte)'.') is not (>= 1 and <= 3 and int dot)
            || !TryReadNumber(word.Slice(2, dot), out int subject)
            || !TryReadNumber(word[(3 + dot)..], out int detail))
        {
            return false;
        }

        status = new StatusDetail(subject, detail);
        length = blank < 0 ? text.Length : blank + 1;
        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        return digits.Length is >= 1 and <= 3
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private SmtpReply TakeReply()
    {
        const int challenge = 334;
        string text = _text.ToString();
        var reply = new SmtpReply(_code, _status, _code == challenge ? text : Veil(text));
        _text.Clear();
        _lines = 0;
        _octets = 0;
        _status = null;
        return reply;
    }

    private string Quote(in ReadOnlySequence<byte> octets) =>
        string.Concat("\"", Veil(Printable.Of(octets.Slice(0, Math.Min(octets.Length, MaxQuotedOctets + 1)).ToArray(), maxOctets: MaxQuotedOctets)), "\"");
}

/// <summary>The far side does not speak SMTP. The message quotes what it said, made printable and cut short.</summary>
internal sealed class ReplyFormatException(string message) : Exception(message);
