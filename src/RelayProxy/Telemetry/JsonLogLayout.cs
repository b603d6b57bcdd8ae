using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>
/// A JSON object on a line for each event: <c>ts</c>, <c>level</c>, <c>event</c> (its name), <c>id</c> (its number), <c>room</c>,
/// <c>message</c>, and every value of the message by name.
/// </summary>
internal sealed class JsonLogLayout : ILogLayout
{
    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Values that log readers expect by a shorter name than the code has for them.</summary>
    private static readonly ConcurrentDictionary<string, string> s_names = new()
    {
        ["QueueId"] = "qid",
        ["MessageId"] = "msgid",
        ["Sender"] = "from",
        ["Recipient"] = "to",
        ["RecipientCount"] = "nrcpt",
        ["Octets"] = "size",
    };

    [ThreadStatic]
    private static Utf8JsonWriter? s_writer;

    public void Write(in LogEvent entry, IBufferWriter<byte> line)
    {
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
        json.WriteString("message", entry.Message);
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
            json.WriteString("exception", exception.ToString());
        }

        json.WriteEndObject();
        json.Flush();
        line.Write("\n"u8);
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case string text:
                json.WriteString(name, text);
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
                json.WriteNumber(name, number);
                break;
            case TimeSpan duration:
                json.WriteNumber(name, Math.Round(duration.TotalSeconds, 3));
                break;
            case DateTimeOffset time:
                json.WriteString(name, time);
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }

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
