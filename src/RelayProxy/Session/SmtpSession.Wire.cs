using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>Lines in, replies out. Replies are kept back while the input still holds whole commands, so that those to a pipelined
/// group leave in one write (RFC 2920 §3.2); a client that does not take them is not read from either.</summary>
internal sealed partial class SmtpSession
{
    /// <summary>Octets of replies that are kept back at most.</summary>
    private const int MaxUnflushed = 16 * 1024;

    /// <summary>Octets of one command line that are thrown away before the connection is.</summary>
    private const int MaxDiscarded = 1024 * 1024;

    /// <summary>How long the last reply may take to leave.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    /// <summary>How long a client that never pauses may keep the thread that others' octets come in on too.</summary>
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(5);

    /// <summary>A client that has been waited for so long has begun anew.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private Deadline _deadline = null!;
    private CancellationToken _stopping;
    private CancellationToken _graceOver;
    private Wait _wait;

    private byte[] _line = [];
    private int _lineLength;

    /// <summary>More octets stood behind the line when it was taken.</summary>
    private bool _moreFollows;
    private bool _leavesAtOnce;
    private long _turnBegan;

    private enum Wait
    {
        Command,
        Content,
        Flush,
    }

    /// <summary>Takes the next line into <see cref="_line"/>; <c>null</c> if the session is at its end.</summary>
    /// <remarks>What waits here for each command and each piece of content is used again, and nothing is allocated for it.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<LineStatus?> NextLineAsync()
    {
        long discarded = 0;
        bool waiting = false;
        while (true)
        {
            if (!_input.TryRead(out ReadResult read))
            {
                await FlushAsync();
                if (_stopping.IsCancellationRequested && _phase != Phases.Chunks)
                {
                    Say(HangUp(SessionEnd.Stopping, Replies.Stopping));
                    return null;
                }

                // One bound for the whole line, however it trickles in.
                if (!waiting)
                {
                    waiting = true;
                    _wait = Wait.Command;
                    _deadline.Start(_options.CommandTimeout);
                }

                long since = _clock.GetTimestamp();
                read = await _input.ReadAsync(_deadline.Token);
                HasWaited(_clock.GetElapsedTime(since));
            }

            if (_commands == 0 && discarded == 0 && !read.Buffer.IsEmpty && ForeignProtocol.IsFirstOctet(read.Buffer.FirstSpan[0]))
            {
                Say(HangUp(SessionEnd.ForeignProtocol, Replies.ForeignProtocol));
                return null;
            }

            LineStatus status = TakeLine(read.Buffer, ref discarded);
            if (status != LineStatus.NeedMore)
            {
                _deadline.Stop();
                return status;
            }

            if (read.IsCompleted)
            {
                _end = SessionEnd.ClientLeft;
                return null;
            }

            if (discarded > MaxDiscarded)
            {
                Say(HangUp(SessionEnd.Endless, Replies.LineTooLong));
                return null;
            }
        }
    }

    /// <param name="discarded">How much of a line that is too long has been thrown away; 0 while it is not too long.</param>
    private LineStatus TakeLine(ReadOnlySequence<byte> buffer, ref long discarded)
    {
        _lineLength = 0;
        LineStatus status = LineStatus.TooLong;
        if (discarded == 0)
        {
            status = SmtpLine.TryTake(ref buffer, _options.MaxCommandOctets, out ReadOnlySequence<byte> line);
            line.CopyTo(_line);
            _lineLength = (int)line.Length;
        }

        if (status == LineStatus.TooLong)
        {
            long before = buffer.Length;
            status = SmtpLine.Discard(ref buffer) switch
            {
                LineStatus.NeedMore => LineStatus.NeedMore,
                LineStatus.BareLineFeed when _options.BareNewlines == BareNewlines.Reject => LineStatus.BareLineFeed,
                _ => LineStatus.TooLong,
            };
            discarded += before - buffer.Length;
        }

        _moreFollows = !buffer.IsEmpty;
        _input.AdvanceTo(buffer.Start, status == LineStatus.NeedMore ? buffer.End : buffer.Start);
        return status;
    }

    /// <summary>More of a message. Waits for as long as <see cref="SessionOptions.DataTimeout"/> allows, and watches the pace.</summary>
    /// <exception cref="EndOfStreamException">There is no more.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlySequence<byte>> ReadContentAsync()
    {
        while (true)
        {
            if (IsTurnOver())
            {
                await Task.Yield();
            }

            if (!_input.TryRead(out ReadResult read))
            {
                await FlushAsync();
                long since = _clock.GetTimestamp();
                _wait = Wait.Content;
                _deadline.Start(_options.DataTimeout);
                read = await _input.ReadAsync(_deadline.Token);
                _deadline.Stop();
                TimeSpan waited = _clock.GetElapsedTime(since);
                _pace.Waited += waited;
                HasWaited(waited);
            }

            if (!read.Buffer.IsEmpty)
            {
                return read.Buffer;
            }

            _input.AdvanceTo(read.Buffer.Start);
            if (read.IsCompleted)
            {
                throw new EndOfStreamException("The client left in the middle of a message.");
            }
        }
    }

    private void HasWaited(TimeSpan wait) => _turnBegan = wait > s_pause ? _clock.GetTimestamp() : _turnBegan;

    /// <summary>Whether it is for others to go first: what follows is done behind what they have waiting. The next turn begins.</summary>
    private bool IsTurnOver()
    {
        if (_clock.GetElapsedTime(_turnBegan) < s_turn)
        {
            return false;
        }

        _turnBegan = _clock.GetTimestamp();
        return true;
    }

    private void Say(SmtpReply reply) => reply.WriteTo(_output);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FlushAsync()
    {
        if (_output.UnflushedBytes == 0)
        {
            return;
        }

        ValueTask<FlushResult> flush = _output.FlushAsync(_deadline.Token);
        if (!flush.IsCompleted)
        {
            _wait = Wait.Flush;
            _deadline.Start(_options.DataTimeout);
        }

        FlushResult result = await flush;
        _deadline.Stop();
        if (result.IsCompleted)
        {
            throw new IOException("The client takes no more replies.");
        }
    }

    /// <summary>Drops what is under way, lets the last reply go, and ends both directions.</summary>
    private async ValueTask LeaveAsync()
    {
        try
        {
            await DropTransactionAsync();
            if (_end != SessionEnd.NotReading)
            {
                using var farewell = new Deadline(_clock, CancellationToken.None);
                farewell.Start(s_farewell);
                await _output.FlushAsync(farewell.Token);
            }
        }
        catch (Exception trouble) when (trouble is IOException or OperationCanceledException)
        {
            // Nobody is there to hear it.
        }
        catch (Exception fault)
        {
            Log.Fault(_logger, _peer, fault);
        }

        await _output.CompleteAsync();
        await _input.CompleteAsync();
    }
}
