using System.Buffers;
using RelayProxy.Intake;
using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>The message itself: DATA (RFC 5321 §4.1.1.4). Content streams from the connection into the transaction, and only
/// CRLF.CRLF ends it.</summary>
internal sealed partial class SmtpSession
{
    /// <summary>Octets of messages already refused that are read in vain, for the sake of the next command, before the connection ends.
    /// At least as many as the largest message that would have been taken.</summary>
    private const long MinSwallowed = 128L * 1024 * 1024;

    private readonly DotReader _dots = new();
    private readonly ContentGate _gate;
    private ContentPace _pace;
    private long _swallowed;
    private AfterRefusedData _afterRefusedData;
    private bool _hasToldOfBareNewlines;

    /// <summary>A client that did not wait for 354 sends content now, and content is no command (RFC 2920 §3.1).</summary>
    private enum AfterRefusedData
    {
        No,

        /// <summary>A command may follow.</summary>
        Waiting,

        /// <summary>Something stood behind DATA already: it can only be content.</summary>
        Content,
    }

    private bool IsSwallowingTooMuch => _swallowed > Math.Max(_options.MaxMessageOctets, MinSwallowed);

    internal async ValueTask<SmtpReply> DataAsync(ReadOnlyMemory<byte> argument)
    {
        if (RefusalOfData(argument.Span) is { } refusal)
        {
            _afterRefusedData = _moreFollows ? AfterRefusedData.Content : AfterRefusedData.Waiting;
            return refusal;
        }

        Say(Replies.GoAhead);
        await FlushAsync();
        _dots.Reset();
        _pace = default;
        _gate.Open(_transaction!);
        DotStatus status;
        do
        {
            ReadOnlySequence<byte> content = await ReadContentAsync();
            status = _dots.Read(content, _transaction!, out SequencePosition consumed);
            SmtpReply? farewell = Count(content.Slice(0, consumed).Length);
            _input.AdvanceTo(consumed);
            if (farewell is { } last)
            {
                return last;
            }

            await _gate.PassAsync(_graceOver);
        }
        while (status != DotStatus.End);

        return await FinishAsync(_dots.SawBareNewline);
    }

    private SmtpReply? RefusalOfData(ReadOnlySpan<byte> argument) => _phase switch
    {
        _ when !argument.IsEmpty => Replies.NoArgument,
        Phases.Recipients => null,
        Phases.Sender when _inAftermath => Replies.NoValidRecipients,
        _ => Replies.OutOfOrder(_phase, Phases.Recipients),
    };

    /// <summary>Judges the line behind a DATA that was refused; <c>null</c> if it may be run as a command. A lone dot is what a client says
    /// that has sent all of nothing; it gets its answer (RFC 2920 §3.1). Anything else that is no command, or was there too early to
    /// be one, is a message, and what a message says must never be obeyed.</summary>
    private SmtpReply? RefusalAfterRefusedData(ReadOnlySpan<byte> line, SmtpVerb? verb)
    {
        AfterRefusedData now = _afterRefusedData;
        _afterRefusedData = AfterRefusedData.No;
        return now switch
        {
            AfterRefusedData.No => null,
            _ when line is [(byte)'.'] => Replies.NoValidRecipients,
            AfterRefusedData.Waiting when verb is not null => null,
            _ => HangUp(SessionEnd.ContentAsCommands, Replies.ContentAsCommands),
        };
    }

    /// <summary>Counts octets of content as they stood on the wire; the farewell if there are too many of them, or too few.</summary>
    private SmtpReply? Count(long octets)
    {
        _pace.Octets += octets;
        if (_gate.Refusal is { } refusal)
        {
            _swallowed += octets;
            if (IsSwallowingTooMuch)
            {
                return HangUp(SessionEnd.Endless, refusal);
            }
        }

        return _pace.IsBelow(_options.MinDataOctetsPerSecond) ? HangUp(SessionEnd.TooSlow, Replies.TooSlow) : null;
    }

    /// <summary>The whole message is here: the final reply, and the end of the transaction either way.</summary>
    private async ValueTask<SmtpReply> FinishAsync(bool hadBareNewlines)
    {
        IntakeTransaction transaction = _transaction!;
        if (hadBareNewlines && _options.BareNewlines == BareNewlines.Reject)
        {
            // The client and we may disagree where its messages end: it is not asked for another.
            await DropTransactionAsync();
            return HangUp(SessionEnd.BareNewline, Replies.BareNewlineInMessage);
        }

        if (hadBareNewlines && !_hasToldOfBareNewlines)
        {
            _hasToldOfBareNewlines = true;
            Log.BareNewline(_logger, transaction.Id, _peer);
        }

        // Without a token: once begun, a commit is waited for, so that the reply is true.
        SmtpReply reply = await transaction.CommitAsync(CancellationToken.None);
        if (reply.IsSuccess)
        {
            _messages++;
            _swallowed = 0;
        }

        await DropTransactionAsync();
        return reply;
    }
}
