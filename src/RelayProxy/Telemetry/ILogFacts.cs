using System.Text.Json;

namespace RelayProxy.Telemetry;

/// <summary>More about an event than its words say: fields of its own in a JSON line, and nothing in a line of text (its
/// <c>ToString</c> is empty), at whose end it stands.</summary>
internal interface ILogFacts
{
    void WriteTo(Utf8JsonWriter json);
}
