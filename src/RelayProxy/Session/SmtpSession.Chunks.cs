using System.Buffers;
using System.Buffers.Text;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>The message in counted pieces: BDAT (RFC 3030 §2). The octets of a chunk are read before anything is judged, whatever the
/// judgement will be, so that the next command is a command.</summary>
internal sealed partial class SmtpSession
{
    private CrLfWriter _chunks = new();

    internal async ValueTask<SmtpReply> BdatAsync(ReadOnlyMemory<byte> argument)
    {
        if (!TryReadChunkHead(argument.Span, out long octets, out ReadOnlySpan<byte> flag))
        {
            return HangUp(SessionEnd.UnknowableChunk, Replies.BdatSyntax);
        }

        bool isLast = Ascii.EqualsIgnoreCase(flag, "LAST");
        SmtpReply? refusal = RefusalOfChunk(isLast || flag.IsEmpty);
        return refusal is { } outright
            ? await SwallowAsync(octets, outright)
            : await TakeChunkAsync(octets, isLast);
    }

    /// <summary><c>BDAT SP chunk-size [ SP "LAST" ]</c>. False where it cannot be known how many octets follow.</summary>
    private static bool TryReadChunkHead(ReadOnlySpan<byte> argument, out long octets, out ReadOnlySpan<byte> flag)
    {
        bool read = Utf8Parser.TryParse(argument, out octets, out int digits, 'D') && char.IsAsciiDigit((char)argument[0]);
        flag = read ? argument[digits..] : default;
        if (!read || (!flag.IsEmpty && flag[0] is not ((byte)' ' or (byte)'\t')))
        {
            return false;
        }

        flag = flag.Trim(" \t"u8);
        return true;
    }

    private SmtpReply? RefusalOfChunk(bool isWellFormed) => _phase switch
    {
        _ when !isWellFormed => Replies.BdatSyntax,
        Phases.Recipients or Phases.Chunks => null,
        Phases.Sender when _inAftermath => Replies.NoValidRecipients,
        _ => Replies.OutOfOrder(_phase, Phases.Recipients),
    };

    private async ValueTask<SmtpReply> TakeChunkAsync(long octets, bool isLast)
    {
        if (_phase != Phases.Chunks)
        {
            _phase = Phases.Chunks;
            _chunks = new CrLfWriter();
            _pace = default;
            _gate.Open(_transaction!);
        }

        while (octets > 0)
        {
            ReadOnlySequence<byte> content = await ReadContentAsync();
            content = content.Slice(0, Math.Min(octets, content.Length));
            octets -= content.Length;
            foreach (ReadOnlyMemory<byte> segment in content)
            {
                _chunks.Write(segment.Span, _transaction!);
            }

            SmtpReply? farewell = Count(content.Length);
            _input.AdvanceTo(content.End);
            if (farewell is { } last)
            {
                return last;
            }

            await _gate.PassAsync(_graceOver);
        }

        if (isLast)
        {
            _chunks.Finish(_transaction!);
            await _gate.PassAsync(_graceOver);
            return await FinishAsync(_chunks.SawBareNewline);
        }

        if (_gate.Refusal is not { } refusal)
        {
            return Replies.ChunkOk;
        }

        // One chunk that fails is the end of the message (RFC 3030 §2); those behind it may be on their way.
        await DropTransactionAsync();
        _inAftermath = true;
        return refusal;
    }

    /// <summary>Reads a chunk that nobody wants.</summary>
    private async ValueTask<SmtpReply> SwallowAsync(long octets, SmtpReply refusal)
    {
        _pace = default;
        while (octets > 0)
        {
            ReadOnlySequence<byte> content = await ReadContentAsync();
            content = content.Slice(0, Math.Min(octets, content.Length));
            octets -= content.Length;
            _swallowed += content.Length;
            _pace.Octets += content.Length;
            _input.AdvanceTo(content.End);
            if (IsSwallowingTooMuch)
            {
                return HangUp(SessionEnd.Endless, refusal);
            }

            if (_pace.IsBelow(_options.MinDataOctetsPerSecond))
            {
                return HangUp(SessionEnd.TooSlow, Replies.TooSlow);
            }
        }

        if (_phase == Phases.Chunks)
        {
            // A malformed BDAT in the middle of a message: what the message would be now is anybody's guess.
            await DropTransactionAsync();
        }

        _inAftermath = true;
        return refusal;
    }
}
