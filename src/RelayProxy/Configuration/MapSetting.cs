using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RelayProxy.Configuration;

/// <summary>A setting with names of its owner's choosing in it: <c>Section:Name:entry</c>, in a file an object. Sources add up name by
/// name.</summary>
internal sealed class MapSetting(
    string key, Func<RelayOptions, IDictionary<string, string>> get, Action<RelayOptions, IDictionary<string, string>> set) : Setting(key)
{
    public override SettingShape Shape { get; } = new(
        SettingKind.Map, "an object of names and texts", "write { \"name\": \"text\" }, or set each name by itself");

    /// <summary>The whole map, as the text of a JSON object.</summary>
    public override string? Apply(RelayOptions options, SettingValue value)
    {
        try
        {
            set(options, Read(value.Text));
            return null;
        }
        catch (JsonException)
        {
            return $"is not {Shape.Noun}; {Shape.Expects}";
        }
    }

    /// <summary>One name of it. A list is the same as its items with commas between them.</summary>
    public string? ApplyEntry(RelayOptions options, string name, SettingValue value)
    {
        string text = value.Text.Trim();
        if (name.Length == 0 || name.Any(char.IsControl) || text.Any(char.IsControl))
        {
            return "is not a text without control characters; write a text on one line";
        }

        get(options)[name] = text;
        return null;
    }

    public override SettingValue Show(RelayOptions options)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach ((string name, string text) in get(options).OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase))
            {
                json.WriteString(name, text);
            }

            json.WriteEndObject();
        }

        return SettingValue.One(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <exception cref="JsonException"/>
    private static Dictionary<string, string> Read(string text)
    {
        var entries = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            entries[name] = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException();
        }

        return reader.Read() ? throw new JsonException() : entries;
    }
}
