using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>A queued message in words and in JSON.</summary>
internal static class QueueWords
{
    public static string Address(Mailbox? mailbox) => $"<{mailbox}>";

    /// <summary>Where on this machine a recipient lives, to stand behind his address; empty if he does not.</summary>
    public static string Place(LocalDestination? destination) => Words(destination) is { } words ? $" ({words})" : "";

    private static string? Words(LocalDestination? destination) => destination is null ? null : destination.Kind switch
    {
        LocalDestinationKind.User => $"local user {destination.Target}",
        LocalDestinationKind.File => $"file {destination.Target}",
        LocalDestinationKind.Folder => $"Maildir {destination.Target}",
        LocalDestinationKind.Command => $"command {destination.Target}",
    };

    /// <summary>Of all recipients' states the one that wants most attention.</summary>
    public static string State(QueuedMessage message)
    {
        RecipientState[] states = [.. message.Recipients.Select(recipient => recipient.State)];
        return states.Contains(RecipientState.Parked) ? "parked"
            : states.Contains(RecipientState.Held) ? "held"
            : message.InDelivery ? "delivering"
            : message.Recipients.Any(recipient => recipient is { State: RecipientState.Waiting, LastReply: not null }) ? "deferred"
            : "waiting";
    }

    public static string State(RecipientState state) => state switch
    {
        RecipientState.Waiting => "waiting",
        RecipientState.Held => "held",
        RecipientState.Parked => "parked",
        RecipientState.Delivered => "delivered",
        RecipientState.Bounced => "bounced",
    };

    /// <summary>The first recipient that is not done, and how many more there are.</summary>
    public static string Recipients(QueuedMessage message)
    {
        QueuedRecipient[] open = [.. message.Recipients.Where(recipient => recipient.State is not (RecipientState.Delivered or RecipientState.Bounced))];
        QueuedRecipient[] shown = open.Length > 0 ? open : [.. message.Recipients];
        return $"{Address(shown[0].Recipient.Address)}{(shown.Length > 1 ? $" and {TerminalText.Count(shown.Length - 1, "other")}" : "")}";
    }

    public static MessageFacts Facts(QueuedMessage message, string? header = null) => new()
    {
        Id = message.Id.ToString(),
        State = State(message),
        Sender = message.Envelope.Sender?.ToString() ?? "",
        Octets = message.Octets,
        ReceivedAt = message.ReceivedAt,
        ExpiresAt = message.ExpiresAt,
        Origin = message.Origin,
        MessageId = message.MessageId,
        Header = header,
        Recipients =
        [
            .. message.Recipients.Select(recipient => new RecipientFacts
            {
                Address = recipient.Recipient.Address.ToString(),
                State = State(recipient.State),
                Attempts = recipient.Attempts,
                NextAttempt = recipient.State == RecipientState.Waiting ? recipient.NextAttempt : null,
                LastReply = recipient.LastReply,
                Local = Words(recipient.Recipient.Local),
                MayHaveBeenDelivered = recipient.MayHaveBeenDelivered,
            }),
        ],
    };
}
