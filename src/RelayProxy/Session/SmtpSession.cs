using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RelayProxy.Intake;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Session;

/// <summary>
/// One conversation with a client (RFC 5321 §4.1), from the greeting to its end. Strict in what ends a line or a message, tolerant in
/// what old programs write. Commands come one at a time from <see cref="SmtpVerbs"/>; mail goes to the <see cref="IntakeDesk"/>
/// and nowhere else. Memory does not grow with what the client sends, and every wait has a bound.
/// </summary>
internal sealed partial class SmtpSession
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SessionPeer _peer;
    private readonly SessionOptions _options;
    private readonly IntakeDesk _intake;
    private readonly OctetsInFlight _inFlight;
    private readonly MessageRates _rates;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Func<CancellationToken, Task<HealthReport>>? _health;
    private Phases _phase = Phases.Strangers;
    private SessionEnd? _end;
    private SmtpVerb? _verb;
    private int _commands;
    private int _errors;
    private int _messages;

    /// <summary>What comes next was perhaps sent before the client could know of a refusal: it is refused too, but not held against it.</summary>
    private bool _inAftermath;

    /// <param name="options">As they are now; a session keeps them to its end.</param>
    /// <param name="inFlight">Shared by all sessions.</param>
    /// <param name="rates">Shared by all sessions.</param>
    /// <param name="health">Tells how the relay is; <c>null</c> where there is no relay around it.</param>
    public SmtpSession(
        IDuplexPipe transport,
        SessionPeer peer,
        SessionOptions options,
        IntakeDesk intake,
        OctetsInFlight inFlight,
        MessageRates rates,
        TimeProvider clock,
        ILogger logger,
        Func<CancellationToken, Task<HealthReport>>? health = null)
    {
        _input = transport.Input;
        _output = transport.Output;
        _peer = peer;
        _options = options;
        _intake = intake;
        _inFlight = inFlight;
        _rates = rates;
        _gate = new ContentGate(options, inFlight);
        _clock = clock;
        _logger = logger;
        _health = health;
    }

    /// <summary>Why who is at the other end may not send, where that has changed since he came in; asked for each message.</summary>
    public Func<SmtpReply?> Refusal { get; init; } = static () => null;

    /// <summary>Converses until one side ends it. Throws nothing: what goes wrong is answered where that is still possible, and logged.</summary>
    /// <param name="stopping">The relay stops: a client that is not in the middle of a message is told so at once.</param>
    /// <param name="graceOver">A message under way has had its time too.</param>
    public async Task<SessionEnd> RunAsync(CancellationToken stopping, CancellationToken graceOver = default)
    {
        using var deadline = new Deadline(_clock, graceOver);
        _deadline = deadline;
        _stopping = stopping;
        _graceOver = graceOver;
        _line = ArrayPool<byte>.Shared.Rent(_options.MaxCommandOctets);
        using CancellationTokenRegistration wake = stopping.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), _input);
        try
        {
            await ConverseAsync();
        }
        catch (Exception trouble)
        {
            EndWith(trouble);
        }

        await LeaveAsync();
        ArrayPool<byte>.Shared.Return(_line);
        SessionEnd end = _end ?? SessionEnd.ClientLeft;
        Log.Ended(_logger, IsProbe(end) ? LogLevel.Debug : LogLevel.Information, _peer, end, _commands, _messages, _errors);
        return end;
    }

    private async Task ConverseAsync()
    {
        Greet();
        _turnBegan = _clock.GetTimestamp();
        while (_end is null && await NextLineAsync() is { } status)
        {
            SmtpReply reply = await ObeyAsync(status);
            if (_end is null && CountsAgainst(reply) && ++_errors > _options.MaxErrors)
            {
                reply = HangUp(SessionEnd.TooManyErrors, Replies.TooManyErrors);
            }

            Say(reply);
            if (_leavesAtOnce || _output.UnflushedBytes > MaxUnflushed)
            {
                await FlushAsync();
            }

            if (IsTurnOver())
            {
                await Task.Yield();
            }
        }
    }

    private ValueTask<SmtpReply> ObeyAsync(LineStatus status)
    {
        _leavesAtOnce = true;
        _verb = null;
        if (++_commands > _options.MaxCommands)
        {
            return new(HangUp(SessionEnd.TooManyCommands, Replies.TooManyCommands));
        }

        if (RefusalOfLine(status) is { } refusal)
        {
            return new(refusal);
        }

        ReadOnlyMemory<byte> line = _line.AsMemory(0, _lineLength);
        int blank = line.Span.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlyMemory<byte> word = blank < 0 ? line : line[..blank];
        SmtpVerb? verb = _verb = SmtpVerbs.Find(word.Span);
        if (RefusalAfterRefusedData(line.Span, verb) is { } content)
        {
            return new(content);
        }

        if (verb is null)
        {
            return new(ForeignProtocol.IsLine(line.Span, word.Span)
                ? HangUp(SessionEnd.ForeignProtocol, Replies.ForeignProtocol)
                : Replies.UnknownCommand);
        }

        _leavesAtOnce = verb.LastInGroup;
        return (verb.Allowed & _phase) == 0
            ? new(Replies.OutOfOrder(_phase, verb.Allowed))
            : verb.Handler(this, blank < 0 ? default : Trim(line[blank..]));
    }

    /// <summary>What is no command line at all.</summary>
    private SmtpReply? RefusalOfLine(LineStatus status)
    {
        ReadOnlySpan<byte> line = _line.AsSpan(0, _lineLength);
        return status switch
        {
            LineStatus.TooLong => Replies.LineTooLong,
            LineStatus.BareCarriageReturn => HangUp(SessionEnd.ControlCharacters, Replies.NulOrBareNewline),
            LineStatus.BareLineFeed when _options.BareNewlines == BareNewlines.Reject =>
                HangUp(SessionEnd.BareNewline, Replies.NulOrBareNewline),
            _ when line.Contains((byte)0) => HangUp(SessionEnd.ControlCharacters, Replies.NulOrBareNewline),
            _ when HasControl(line) => HangUp(SessionEnd.ControlCharacters, Replies.ControlCharacter),
            _ => null,
        };
    }

    /// <summary>The reply is the last one.</summary>
    private SmtpReply HangUp(SessionEnd end, SmtpReply reply)
    {
        _end = end;
        return reply;
    }

    /// <summary>It only wanted to know whether somebody is there: a health check, every few seconds, all year.</summary>
    private bool IsProbe(SessionEnd end) => end == SessionEnd.Quit && !_hasSaidMail && _errors == 0;

    private bool CountsAgainst(SmtpReply reply)
    {
        if (reply.Code < 400)
        {
            return false;
        }

        _intake.Metrics.Refused(_verb?.Stage ?? "other", reply.Code);
        Log.Refused(_logger, _peer, reply);
        return reply.Code is 500 or 501 or 502 or 503 or 504 or 555 && !(_inAftermath && reply.Code == 503);
    }

    /// <summary>Turns what was thrown into the way the session ends: at this wall, and nowhere else.</summary>
    private void EndWith(Exception trouble)
    {
        switch (trouble)
        {
            case OperationCanceledException when _deadline.Passed && _wait == Wait.Flush:
                _end = SessionEnd.NotReading;
                break;
            case OperationCanceledException when _deadline.Passed:
                Say(HangUp(SessionEnd.WaitedTooLong, Replies.WaitedTooLong));
                break;
            case OperationCanceledException when _graceOver.IsCancellationRequested:
                Say(HangUp(SessionEnd.Stopping, Replies.Stopping));
                break;
            case IOException or OperationCanceledException:
                _end = SessionEnd.ClientLeft;
                break;
            default:
                Log.Fault(_logger, _peer, trouble);
                Say(HangUp(SessionEnd.Fault, Replies.Fault));
                break;
        }
    }

    private static bool HasControl(ReadOnlySpan<byte> line)
    {
        foreach (byte octet in line)
        {
            if (octet is (< 0x20 and not (byte)'\t') or 0x7f)
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> text) => text.Trim(" \t"u8);

    private static partial class Log
    {
        [LoggerMessage(EventId = EventIds.SessionEnded, Message =
            "{Peer}: session ended ({End}): {Commands} commands, {Messages} messages, {Errors} errors")]
        public static partial void Ended(
            ILogger logger, LogLevel level, SessionPeer peer, SessionEnd end, int commands, int messages, int errors);

        [LoggerMessage(EventIds.CommandRefused, LogLevel.Information, "{Peer}: answered {Reply}")]
        public static partial void Refused(ILogger logger, SessionPeer peer, SmtpReply reply);

        [LoggerMessage(EventIds.BareNewlineSeen, LogLevel.Information,
            "{QueueId}: {Peer} ends lines with a bare CR or LF; each became CRLF. Told once a session")]
        public static partial void BareNewline(ILogger logger, Mail.QueueId queueId, SessionPeer peer);

        [LoggerMessage(EventIds.SessionFault, LogLevel.Error, "{Peer}: a fault of the relay ended the session")]
        public static partial void Fault(ILogger logger, SessionPeer peer, Exception fault);
    }
}
