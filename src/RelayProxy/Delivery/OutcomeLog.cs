using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery;

/// <summary>The line that people grep for, one for each recipient and attempt, and its count.</summary>
internal sealed partial class OutcomeLog(RelayMetrics metrics, ILogger logger)
{
    /// <summary>In a smarthost's place, where none was asked.</summary>
    public const string Nobody = "none";

    public void Write(QueuedMessage message, AttemptResult attempt, RecipientResult result, RecipientSettlement settlement, DateTimeOffset now)
    {
        string smarthost = attempt.Smarthost.Length == 0 ? Nobody : attempt.Smarthost;
        string recipient = LogText.Printable(result.Recipient.Recipient.Address.ToString());
        double delay = (now - message.ReceivedAt).TotalSeconds;
        var facts = new OutcomeFacts(message, attempt, result, settlement);
        Count(message, smarthost, result, settlement.State, now);
        switch (settlement.State)
        {
            case RecipientState.Delivered:
                Log.Delivered(logger, message.Id, recipient, smarthost, delay, settlement.LastReply, facts);
                break;
            case RecipientState.Waiting or RecipientState.Held:
                Log.Deferred(logger, message.Id, recipient, smarthost, delay, settlement.LastReply, facts);
                break;
            case RecipientState.Bounced:
                Log.Bounced(logger, message.Id, recipient, smarthost, delay, settlement.LastReply, facts);
                break;
            case RecipientState.Parked:
                Log.Parked(logger, message.Id, recipient, smarthost, delay, settlement.LastReply, facts);
                break;
        }

        if (result.MayHaveBeenDelivered || (settlement.State == RecipientState.Delivered && result.Recipient.MayHaveBeenDelivered))
        {
            Log.PossibleDuplicate(logger, message.Id, recipient, LogText.Printable(message.MessageId));
        }
    }

    private void Count(QueuedMessage message, string smarthost, RecipientResult result, RecipientState state, DateTimeOffset now)
    {
        metrics.Attempted(smarthost, state switch
        {
            RecipientState.Delivered => DeliveryResult.Delivered,
            RecipientState.Waiting or RecipientState.Held => DeliveryResult.Deferred,
            RecipientState.Bounced => DeliveryResult.Bounced,
            RecipientState.Parked => DeliveryResult.Parked,
        });
        if (state == RecipientState.Delivered)
        {
            metrics.Delivered(smarthost, now - message.ReceivedAt);
        }

        if (result.FromSmarthost)
        {
            metrics.Replied(smarthost, result.Outcome.Reply.Code);
        }

        if (result.MayHaveBeenDelivered)
        {
            metrics.InDoubt();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventIds.Delivered, LogLevel.Information, "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={TotalDelay:0.00} status=delivered ({Reply}){Facts}")]
        public static partial void Delivered(ILogger logger, QueueId queueId, string recipient, string smarthost, double totalDelay, string reply, OutcomeFacts facts);

        [LoggerMessage(
            EventIds.Deferred, LogLevel.Warning, "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={TotalDelay:0.00} status=deferred ({Reply}){Facts}")]
        public static partial void Deferred(ILogger logger, QueueId queueId, string recipient, string smarthost, double totalDelay, string reply, OutcomeFacts facts);

        [LoggerMessage(
            EventIds.Bounced, LogLevel.Warning, "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={TotalDelay:0.00} status=bounced ({Reply}){Facts}")]
        public static partial void Bounced(ILogger logger, QueueId queueId, string recipient, string smarthost, double totalDelay, string reply, OutcomeFacts facts);

        [LoggerMessage(
            EventIds.Parked,
            LogLevel.Error,
            "{QueueId}: to=<{Recipient}> smarthost={Smarthost} delay={TotalDelay:0.00} status=parked ({Reply}){Facts}; it stays in the queue until somebody releases or deletes it")]
        public static partial void Parked(ILogger logger, QueueId queueId, string recipient, string smarthost, double totalDelay, string reply, OutcomeFacts facts);

        [LoggerMessage(
            EventIds.PossibleDuplicate,
            LogLevel.Warning,
            "{QueueId}: to=<{Recipient}>: possible duplicate, a connection was lost after the final dot: message-id={MessageId}")]
        public static partial void PossibleDuplicate(ILogger logger, QueueId queueId, string recipient, string messageId);
    }
}
