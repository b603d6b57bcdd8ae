using System.Text.Json;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery;

/// <summary>What a program wants to know of an outcome, beside what people read.</summary>
internal sealed class OutcomeFacts(QueuedMessage message, AttemptResult attempt, RecipientResult result, RecipientSettlement settlement) : ILogFacts
{
    public override string ToString() => "";

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteNumber("attempt", settlement.Attempts);
        json.WriteNumber("code", result.Outcome.Reply.Code);
        if (result.Outcome.Reply.Status is not null)
        {
            json.WriteString("enh", result.Outcome.Reply.EnhancedCode);
        }

        if (settlement.State == RecipientState.Delivered && UpstreamId.Of(result.Outcome.Reply) is { } id)
        {
            json.WriteString("upstream_id", id);
        }

        if (attempt.Began is { } began)
        {
            json.WriteNumber("delay_queue", Math.Round((began - message.ReceivedAt).TotalSeconds, 3));
        }

        if (attempt.Tls.Length > 0)
        {
            json.WriteString("tls", attempt.Tls);
        }
    }
}
