namespace RelayProxy.Queue.Sqlite;

/// <summary>History rows for what happens to mail in the queue itself. What a damaged row cannot tell is left empty.</summary>
internal static class Happenings
{
    public static HistoryEntry Of(
        MessageRow row, QueuedRecipient recipient, DateTimeOffset at, string stage, string outcome, string reply = "") => new()
    {
        Id = row.Id,
        At = at,
        Sender = row.Envelope is { } readable ? readable.Envelope.Sender?.ToString() ?? "<>" : "",
        Recipient = recipient.Recipient.Address is { LocalPart: "" } ? "" : recipient.Recipient.Address.ToString(),
        Stage = stage,
        Outcome = outcome,
        Reply = reply,
        Delay = row.Envelope is { } envelope ? at - envelope.ReceivedAt : TimeSpan.Zero,
    };
}
