using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RelayProxy.Configuration;

/// <summary>Writes the JSON Schema of <c>relayproxy.json</c>, so that an editor completes, explains and checks settings: what may be
/// written from <see cref="Settings"/>, the words from <see cref="SettingsGuide"/>.</summary>
internal static class SettingsSchema
{
    public static string Write()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "RelayProxy's settings");
            WriteObject(json, "", SettingsGuide.Comments());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void WriteObject(Utf8JsonWriter json, string section, IReadOnlyList<(string Key, string Comment)> comments)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        if (section.Length == 0)
        {
            WriteText(json, "$schema", "Where this schema is, for editors.");
        }

        foreach ((string key, string comment) in comments.Where(entry => SectionOf(entry.Key) == section && entry.Key != section))
        {
            json.WriteStartObject(key[(section.Length == 0 ? 0 : section.Length + 1)..]);
            json.WriteString("description", comment);
            if (Settings.ByKey.TryGetValue(key, out Setting? setting))
            {
                WriteSetting(json, setting);
            }
            else
            {
                WriteObject(json, key, comments);
            }

            json.WriteEndObject();
        }

        foreach ((string variant, string key) in Settings.FileVariants.Where(variant => SectionOf(variant.Key) == section))
        {
            WriteText(json, variant[(section.Length + 1)..], $"A file whose first line is {key}.");
        }

        json.WriteEndObject();
    }

    private static string SectionOf(string key) => key.IndexOf(':', StringComparison.Ordinal) is >= 0 and int colon ? key[..colon] : "";

    private static void WriteText(Utf8JsonWriter json, string name, string description)
    {
        json.WriteStartObject(name);
        json.WriteString("description", description);
        json.WriteString("type", "string");
        json.WriteEndObject();
    }

    private static void WriteSetting(Utf8JsonWriter json, Setting setting)
    {
        SettingShape shape = setting.Shape;
        switch (shape.Kind)
        {
            case SettingKind.Text:
                json.WriteString("type", "string");
                break;
            case SettingKind.Switch:
                json.WriteString("type", "boolean");
                break;
            case SettingKind.Number:
                json.WriteString("type", "integer");
                json.WriteNumber("minimum", shape.Least);
                json.WriteNumber("maximum", shape.Most);
                break;
            case SettingKind.Octets:
                WriteTypes(json, "integer", "string");
                json.WriteNumber("minimum", shape.Least);
                json.WriteNumber("maximum", shape.Most);
                json.WriteString("pattern", "^[0-9]+ ?([KkMG]i?B|B)?$");
                break;
            case SettingKind.Duration:
                WriteTypes(json, "string", "integer");
                json.WriteNumber("minimum", 0);
                json.WriteNumber("maximum", 0);
                json.WriteString("pattern", "^(?=.)(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?|([0-9]+\\.)?[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,7})?)$");
                break;
            case SettingKind.Choice:
                json.WriteStartArray("enum");
                foreach (string choice in shape.Choices!)
                {
                    json.WriteStringValue(choice);
                }

                json.WriteEndArray();
                break;
            case SettingKind.List:
                WriteTypes(json, "array", "string");
                json.WriteStartObject("items");
                json.WriteString("type", "string");
                json.WriteEndObject();
                break;
            case SettingKind.Map:
                json.WriteString("type", "object");
                json.WriteStartObject("additionalProperties");
                WriteTypes(json, "string", "array");
                json.WriteStartObject("items");
                json.WriteString("type", "string");
                json.WriteEndObject();
                json.WriteEndObject();
                break;
        }

        WriteDefault(json, setting);
    }

    private static void WriteTypes(Utf8JsonWriter json, params ReadOnlySpan<string> types)
    {
        json.WriteStartArray("type");
        foreach (string type in types)
        {
            json.WriteStringValue(type);
        }

        json.WriteEndArray();
    }

    private static void WriteDefault(Utf8JsonWriter json, Setting setting)
    {
        SettingValue value = setting.Show(new RelayOptions());
        json.WritePropertyName("default");
        switch (setting.Shape.Kind)
        {
            case SettingKind.List:
                json.WriteStartArray();
                foreach (string item in value.Items)
                {
                    json.WriteStringValue(item);
                }

                json.WriteEndArray();
                break;
            case SettingKind.Switch or SettingKind.Number or SettingKind.Map:
                json.WriteRawValue(value.Text);
                break;
            default:
                json.WriteStringValue(value.Text);
                break;
        }
    }
}
