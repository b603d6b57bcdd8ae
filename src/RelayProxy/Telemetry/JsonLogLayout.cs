using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>
/// A JSON object on a line for each event: <c>ts</c>, <c>level</c>, <c>event</c> (its name), <c>id</c> (its number), <c>room</c>,
/// <c>message</c>, and every value of the message by name.
/// </summary>
/// <param name="prefix">Only <see cref="TextLogPrefix.Journal"/> makes a difference: the priority stands before the object, where the journal takes it off.</param>
/// <param name="veil">Put over addresses; <c>null</c> for none.</param>
internal sealed class JsonLogLayout(TextLogPrefix prefix = TextLogPrefix.Time, AddressVeil? veil = null) : ILogLayout
{
    private const string MessageId = "msgid";
    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions s_options = new() { Encoder = new LegibleJson(), SkipValidation = true };

    /// <summary>Values that log readers expect by a shorter name than the code has for them.</summary>
    private static readonly ConcurrentDictionary<string, string> s_names = new()
    {
        ["QueueId"] = "qid",
        ["MessageId"] = MessageId,
        ["Sender"] = "from",
        ["Recipient"] = "to",
        ["RecipientCount"] = "nrcpt",
        ["Octets"] = "size",
        ["TotalDelay"] = "delay_total",
    };

    [ThreadStatic]
    private static Utf8JsonWriter? s_writer;

    public void Write(in LogEvent entry, IBufferWriter<byte> line)
    {
        if (prefix == TextLogPrefix.Journal)
        {
            line.Write([(byte)'<', TextLogLayout.Priority(entry.Level), (byte)'>']);
        }

        Utf8JsonWriter json = s_writer ??= new Utf8JsonWriter(line, s_options);
        json.Reset(line);
        json.WriteStartObject();
        json.WriteString("ts", entry.At.UtcDateTime);
        json.WriteString("level", Name(entry.Level));
        if (entry.Id.Name is { } name)
        {
            json.WriteString("event", name);
        }

        json.WriteNumber("id", entry.Id.Id);
        json.WriteString("room", entry.Category);
        json.WriteString("message", Veiled(entry.Message));
        for (int i = 0; i < (entry.Values?.Count ?? 0); i++)
        {
            (string key, object? value) = entry.Values![i];
            if (key != Template)
            {
                WriteValue(json, NameOf(key), value);
            }
        }

        if (entry.Exception is { } exception)
        {
            json.WriteString("exception", Veiled(exception.ToString()));
        }

        json.WriteEndObject();
        json.Flush();
        line.Write("\n"u8);
    }

    private void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case string text:
                json.WriteString(name, name == MessageId ? text : Veiled(text));
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, Math.Round(number, 3));
                break;
            case TimeSpan duration:
                json.WriteNumber(name, Math.Round(duration.TotalSeconds, 3));
                break;
            case DateTimeOffset time:
                json.WriteString(name, time);
                break;
            case ILogFacts facts:
                facts.WriteTo(json);
                break;
            default:
                json.WriteString(name, Veiled(value.ToString() ?? ""));
                break;
        }
    }

    private string Veiled(string text) => veil?.Over(text) ?? text;

    /// <summary><c>QueueId</c> → <c>qid</c>, <c>Smarthost</c> → <c>smarthost</c>; what would clash with the event's own fields gets a
    /// line below it.</summary>
    private static string NameOf(string key) => s_names.GetOrAdd(key, static key =>
    {
        string name = JsonNamingPolicy.CamelCase.ConvertName(key);
        return name is "ts" or "level" or "event" or "id" or "room" or "message" or "exception" ? name + "_" : name;
    });

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Critical => "critical",
        LogLevel.Error => "error",
        LogLevel.Warning => "warning",
        LogLevel.Information => "info",
        LogLevel.Debug => "debug",
        LogLevel.Trace or LogLevel.None => "trace",
    };
}
