using System.Globalization;
using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery;

/// <summary>The line that people grep for, one for each recipient and attempt, and the counts beside it.</summary>
internal sealed partial class OutcomeLog(ILogger logger)
{
    private long _delivered;
    private long _deferred;
    private long _bounced;
    private long _parked;
    private long _inDoubt;

    public DeliveryCounts Counts => new(
        Interlocked.Read(ref _delivered),
        Interlocked.Read(ref _deferred),
        Interlocked.Read(ref _bounced),
        Interlocked.Read(ref _parked),
        Interlocked.Read(ref _inDoubt));

    public void Write(QueuedMessage message, string smarthost, RecipientResult result, RecipientSettlement settlement, DateTimeOffset now)
    {
        smarthost = smarthost.Length == 0 ? "none" : smarthost;
        string recipient = LogText.Printable(result.Recipient.Recipient.Address.ToString());
        string delay = (now - message.ReceivedAt).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
        if (result.MayHaveBeenDelivered)
        {
            Interlocked.Increment(ref _inDoubt);
        }

        switch (settlement.State)
        {
            case RecipientState.Delivered:
                Interlocked.Increment(ref _delivered);
                Log.Delivered(logger, message.Id, recipient, smarthost, delay, settlement.LastReply);
                break;
            case RecipientState.Waiting or RecipientState.Held:
                Interlocked.Increment(ref _deferred);
                Log.Deferred(logger, message.Id, recipient, smarthost, delay, settlement.LastReply);
                break;
            case RecipientState.Bounced:
                Interlocked.Increment(ref _bounced);
                Log.Bounced(logger, message.Id, recipient, smarthost, delay, settlement.LastReply);
                break;
            case RecipientState.Parked:
                Interlocked.Increment(ref _parked);
                Log.Parked(logger, message.Id, recipient, smarthost, delay, settlement.LastReply);
                break;
        }

        if (result.MayHaveBeenDelivered || (settlement.State == RecipientState.Delivered && result.Recipient.MayHaveBeenDelivered))
        {
            Log.PossibleDuplicate(logger, message.Id, recipient, LogText.Printable(message.MessageId));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventIds.Delivered, LogLevel.Information, "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={Delay} status=delivered ({Reply})")]
        public static partial void Delivered(ILogger logger, QueueId queueId, string recipient, string smarthost, string delay, string reply);

        [LoggerMessage(
            EventIds.Deferred, LogLevel.Warning, "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={Delay} status=deferred ({Reply})")]
        public static partial void Deferred(ILogger logger, QueueId queueId, string recipient, string smarthost, string delay, string reply);

        [LoggerMessage(
            EventIds.Bounced, LogLevel.Warning, "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={Delay} status=bounced ({Reply})")]
        public static partial void Bounced(ILogger logger, QueueId queueId, string recipient, string smarthost, string delay, string reply);

        [LoggerMessage(
            EventIds.Parked,
            LogLevel.Error,
            "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={Delay} status=parked ({Reply}); it stays in the queue until somebody releases or deletes it")]
        public static partial void Parked(ILogger logger, QueueId queueId, string recipient, string smarthost, string delay, string reply);

        [LoggerMessage(
            EventIds.PossibleDuplicate,
            LogLevel.Warning,
            "{QueueId}: to=<{Recipient}>: possible duplicate, a connection was lost after the final dot: message-id={MessageId}")]
        public static partial void PossibleDuplicate(ILogger logger, QueueId queueId, string recipient, string messageId);
    }
}
