using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Harness;

internal sealed partial class MemoryQueueStore
{
    /// <summary>One message in the queue, and what may be done to it.</summary>
    private sealed class StoredMessage(QueueId id, NewMessage message, MemoryContent content)
    {
        private readonly QueuedRecipient[] _recipients = [.. message.Recipients.Select((recipient, ordinal) =>
            new QueuedRecipient { Ordinal = ordinal, Recipient = recipient, NextAttempt = message.FirstAttempt ?? message.ReceivedAt })];

        public QueueId Id => id;

        public MemoryContent Content => content;

        public IReadOnlyList<QueuedRecipient> Recipients => _recipients;

        public DateTimeOffset ExpiresAt => message.ExpiresAt;

        public DateTimeOffset? DelayNoticeAt { get; private set; } = message.DelayNoticeAt;

        public long Token { get; set; }

        public DateTimeOffset LeasedUntil { get; set; } = DateTimeOffset.MinValue;

        public IEnumerable<QueuedRecipient> Waiting => _recipients.Where(recipient => recipient.State == RecipientState.Waiting);

        public bool IsDone =>
            _recipients.All(recipient => recipient.State is RecipientState.Delivered or RecipientState.Bounced);

        public bool IsLeased(DateTimeOffset now) => LeasedUntil > now;

        public QueuedMessage ToMessage(DateTimeOffset now) => new()
        {
            Id = id,
            Envelope = message.Envelope,
            Traits = message.Traits,
            Octets = content.Octets,
            HeaderOctets = message.HeaderOctets,
            ReceivedAt = message.ReceivedAt,
            Origin = message.Origin,
            MessageId = message.MessageId,
            TraceParent = message.TraceParent,
            ExpiresAt = message.ExpiresAt,
            DelayNoticeAt = DelayNoticeAt,
            InDelivery = IsLeased(now),
            Recipients = [.. _recipients],
        };

        public void Settle(Settlement settlement)
        {
            EndLease();
            DelayNoticeAt = settlement.DelayNoticeDone ? null : DelayNoticeAt;
            foreach (RecipientSettlement outcome in settlement.Recipients)
            {
                QueuedRecipient before = _recipients[outcome.Ordinal];

                // What was delivered is delivered. But who was put on hold meanwhile does not wait again for having been tried.
                bool isFinal = outcome.State is RecipientState.Delivered or RecipientState.Bounced;
                _recipients[outcome.Ordinal] = before with
                {
                    State = isFinal || before.State == RecipientState.Waiting ? outcome.State : before.State,
                    Attempts = outcome.Attempts,
                    NextAttempt = outcome.NextAttempt,
                    LastReply = outcome.LastReply,
                    MayHaveBeenDelivered = before.MayHaveBeenDelivered || outcome.MayHaveBeenDelivered,
                };
            }
        }

        /// <returns>Whether it changed anything.</returns>
        public bool Apply(QueueAction action, DateTimeOffset now, List<HistoryEntry> history)
        {
            bool isChanged = action == QueueAction.Delete;
            for (int i = 0; i < _recipients.Length; i++)
            {
                QueuedRecipient before = _recipients[i];
                (QueuedRecipient After, string Outcome)? change = (action, before.State) switch
                {
                    (QueueAction.Retry, RecipientState.Waiting) => (before with { NextAttempt = now }, ""),
                    (QueueAction.Hold, RecipientState.Waiting) => (before with { State = RecipientState.Held }, "held"),
                    (QueueAction.Release, RecipientState.Held or RecipientState.Parked) =>
                        (before with { State = RecipientState.Waiting, NextAttempt = now }, "released"),
                    (QueueAction.Delete, RecipientState.Waiting or RecipientState.Held or RecipientState.Parked) => (before, "deleted"),
                    _ => null,
                };
                if (change is not { } made)
                {
                    continue;
                }

                isChanged = true;
                _recipients[i] = made.After;
                if (made.Outcome.Length > 0)
                {
                    history.Add(Entry(before, now, made.Outcome));
                }
            }

            return isChanged;
        }

        public void EndLease()
        {
            Token = 0;
            LeasedUntil = DateTimeOffset.MinValue;
        }

        private HistoryEntry Entry(QueuedRecipient recipient, DateTimeOffset now, string outcome) => new()
        {
            Id = id,
            At = now,
            Sender = message.Envelope.Sender?.ToString() ?? "<>",
            Recipient = recipient.Recipient.Address.ToString(),
            Stage = "Operator",
            Outcome = outcome,
            Delay = now - message.ReceivedAt,
        };
    }

    private sealed class Writer(MemoryQueueStore store, QueueId id) : IMessageWriter
    {
        private readonly MemoryStream _octets = new();
        private bool _isDisposed;

        public QueueId Id => id;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (store.WriteFault is { } fault && _octets.Length + octets.Length > store.FaultAfterOctets)
            {
                throw fault;
            }

            store.OctetsWritten += octets.Length;
            _octets.Write(octets.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask<PreparedMessage> CompleteAsync(NewMessage message, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Interlocked.Increment(ref store._openCount);
            return ValueTask.FromResult<PreparedMessage>(new Prepared(store, id, message, _octets.ToArray()));
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Add(ref store._openCount, _isDisposed ? 0 : -1);
            _isDisposed = true;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Prepared(MemoryQueueStore store, QueueId id, NewMessage message, byte[] octets) : PreparedMessage(id, message)
    {
        private bool _isDisposed;

        public MemoryContent Content { get; } = new(octets);

        public override long Octets => Content.Octets;

        public override ValueTask DisposeAsync()
        {
            Interlocked.Add(ref store._openCount, _isDisposed ? 0 : -1);
            _isDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
