using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Mailq;

/// <summary><c>mailq --json</c>: one object a message, with the names of Postfix's <c>postqueue -j</c>; what Postfix does not know has names of
/// the same kind. Times are in seconds since 1970.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WaitingMessageFacts))]
internal sealed partial class MailqJson : JsonSerializerContext
{
    /// <summary>Writes <c>&lt;</c> and umlauts as themselves.</summary>
    public static MailqJson Plain => s_plain.Value;

    private static readonly Lazy<MailqJson> s_plain = new(static () =>
        new MailqJson(new JsonSerializerOptions(Default!.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
}

internal sealed record WaitingMessageFacts
{
    /// <summary><c>active</c>, <c>hold</c>, <c>deferred</c>, <c>incoming</c>.</summary>
    public required string QueueName { get; init; }

    public required string QueueId { get; init; }

    public required long ArrivalTime { get; init; }

    public required long MessageSize { get; init; }

    /// <summary>Nothing here can be.</summary>
    public required bool ForcedExpire { get; init; }

    public required string Sender { get; init; }

    public required IReadOnlyList<WaitingRecipientFacts> Recipients { get; init; }

    /// <summary>When the sender is told that it was in vain. Not of a message that is damaged.</summary>
    public required long? GiveUpTime { get; init; }

    public required string MessageId { get; init; }

    public string? EnvelopeId { get; init; }

    public required string Origin { get; init; }

    public static WaitingMessageFacts Of(QueuedMessage message) => new()
    {
        QueueName = MailqWords.Queue(message),
        QueueId = message.Id.ToString(),
        ArrivalTime = message.ReceivedAt.ToUnixTimeSeconds(),
        MessageSize = message.Octets,
        ForcedExpire = false,
        Sender = MailqWords.Sender(message),
        Recipients = [.. message.Recipients.Where(MailqWords.IsOpen).Select(WaitingRecipientFacts.Of)],
        GiveUpTime = message.IsDamaged ? null : message.ExpiresAt.ToUnixTimeSeconds(),
        MessageId = message.MessageId,
        EnvelopeId = message.Envelope.EnvelopeId,
        Origin = message.Origin,
    };
}

internal sealed record WaitingRecipientFacts
{
    public required string Address { get; init; }

    /// <summary>Not before the first attempt.</summary>
    public string? DelayReason { get; init; }

    /// <summary><c>waiting</c>, <c>held</c>, <c>parked</c>.</summary>
    public required string State { get; init; }

    public required int Attempts { get; init; }

    /// <summary>Only of one who waits.</summary>
    public long? NextAttempt { get; init; }

    public static WaitingRecipientFacts Of(QueuedRecipient recipient) => new()
    {
        Address = recipient.Recipient.Address.ToString(),
        DelayReason = recipient.LastReply,
        State = QueueWords.State(recipient.State),
        Attempts = recipient.Attempts,
        NextAttempt = recipient.State == RecipientState.Waiting ? recipient.NextAttempt.ToUnixTimeSeconds() : null,
    };
}
