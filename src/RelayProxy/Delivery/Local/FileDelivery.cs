using Microsoft.Extensions.Logging;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// Writes into mailboxes that may be locked, full, or on a disk that has gone away: one at a time into each, waiting a little where somebody
/// else has it, and not for ever for anything.
/// </summary>
internal sealed partial class FileDelivery(TimeProvider clock, ILogger logger)
{
    /// <summary>Postfix's deliver_lock_attempts and deliver_lock_delay.</summary>
    private const int LockAttempts = 20;

    private static readonly TimeSpan s_lockPause = TimeSpan.FromSeconds(1);

    /// <summary>For a message of any size on a disk of any kind. Then it hangs, which no call of the system tells.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];
    private int _stuck;

    /// <inheritdoc cref="LocalDelivery.Stuck"/>
    public int Stuck => Volatile.Read(ref _stuck);

    /// <param name="write">Makes calls of the system and nothing else.</param>
    /// <exception cref="IOException">The message cannot be read from the queue.</exception>
    /// <exception cref="InvalidDataException">It is not what was accepted.</exception>
    public async Task<Delivery> RunAsync(
        string path, Identity identity, Letter letter, Action<Stream, Patient> write, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns[(uint)path.GetHashCode(StringComparison.Ordinal) % (uint)_turns.Length];
        using var bound = new CancellationTokenSource(s_longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            await turn.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new(cancellationToken.IsCancellationRequested ? LocalReplies.Stopped : LocalReplies.Hangs(path, s_longest));
        }

        Task? writing = null;
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                Stream content = letter.Open();
                var patient = new Patient();
                Task<bool> one = identity.RunAsync(() =>
                {
                    using (content)
                    {
                        write(content, patient);
                    }

                    return true;
                });
                writing = one;
                await Task.WhenAny(one, Task.Delay(Timeout.InfiniteTimeSpan, either.Token)).ConfigureAwait(false);
                if (!one.IsCompleted)
                {
                    patient.Leave();
                    Log.Stuck(logger, letter.Message.Id, path);
                    return new(cancellationToken.IsCancellationRequested ? LocalReplies.Stopped : LocalReplies.Hangs(path, s_longest), InDoubt: true);
                }

                if (await TryAsync(one, path).ConfigureAwait(false) is { } reply)
                {
                    return new(reply);
                }

                if (attempt == LockAttempts)
                {
                    return new(LocalReplies.Of(new MailboxBusyException(path)));
                }

                await Task.Delay(s_lockPause, clock, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return new(LocalReplies.Stopped);
        }
        finally
        {
            Release(turn, writing);
        }
    }

    /// <summary><c>null</c> if somebody has the mailbox locked.</summary>
    private static async Task<SmtpReply?> TryAsync(Task writing, string path)
    {
        try
        {
            await writing.ConfigureAwait(false);
            return LocalReplies.Delivered(path);
        }
        catch (MailboxBusyException)
        {
            return null;
        }
        catch (MailboxRefusedException fault)
        {
            return LocalReplies.Of(fault);
        }
        catch (PosixException fault)
        {
            return LocalReplies.Of(fault);
        }
        catch (PlatformNotSupportedException fault)
        {
            return LocalReplies.Misfit(fault.Message);
        }
    }

    /// <summary>Whoever comes next into this mailbox waits until whoever hangs in it comes back.</summary>
    private void Release(SemaphoreSlim turn, Task? writing)
    {
        if (writing is null || writing.IsCompleted)
        {
            turn.Release();
            return;
        }

        Interlocked.Increment(ref _stuck);
        _ = writing.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                Interlocked.Decrement(ref _stuck);
                turn.Release();
            },
            TaskScheduler.Default);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.LocalStuck, LogLevel.Error, "{QueueId}: {Path} does not answer, and holds one of the few places for local mail until it does")]
        public static partial void Stuck(ILogger logger, Mail.QueueId queueId, string path);
    }
}
