using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RelayProxy.Configuration.Import;

/// <summary>Writes settings as a configuration file.</summary>
internal static class ImportedJson
{
    public static string Write(IEnumerable<(Setting Setting, SettingValue Value)> settings)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var section in settings.GroupBy(entry => entry.Setting.Key.Split(':')[0]))
            {
                json.WriteStartObject(section.Key);
                foreach ((Setting setting, SettingValue value) in section)
                {
                    json.WritePropertyName(setting.Key.Split(':')[1]);
                    WriteValue(json, setting.Shape.Kind, value);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteValue(Utf8JsonWriter json, SettingKind kind, SettingValue value)
    {
        if (kind == SettingKind.List)
        {
            json.WriteStartArray();
            foreach (string item in value.AsList())
            {
                json.WriteStringValue(item);
            }

            json.WriteEndArray();
        }
        else if (kind == SettingKind.Map)
        {
            json.WriteRawValue(value.Text);
        }
        else if (kind == SettingKind.Switch)
        {
            json.WriteBooleanValue(value.Text == "true");
        }
        else if (kind == SettingKind.Number && int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(value.Text);
        }
    }
}
