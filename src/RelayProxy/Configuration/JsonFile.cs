using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RelayProxy.Configuration;

/// <summary>
/// Reads <c>relayproxy.json</c>: objects are sections, comments and trailing commas are welcome, <c>null</c> leaves a setting
/// at its default. Remembers the line of each value, for that is where somebody will have to look.
/// </summary>
internal static class JsonFile
{
    public static List<SourcedSetting> Read(string path, ReadOnlyMemory<byte> json, int rank, ICollection<ConfigurationProblem> problems)
    {
        var settings = new List<SourcedSetting>();
        try
        {
            CheckLetters(json.Span);
            new Walk(path, rank, settings, problems).Read(SkipByteOrderMark(json.Span));
        }
        catch (JsonException fault)
        {
            string place = $"{path}:{fault.LineNumber + 1}:{fault.BytePositionInLine + 1}".TrimEnd(':');
            problems.Add(new ConfigurationProblem("", null, place, $"is not well-formed JSON here: {Reason(fault)}"));
        }

        return settings;
    }

    /// <exception cref="JsonException">It is not UTF-8, which JSON is (RFC 8259 §8.1).</exception>
    private static void CheckLetters(ReadOnlySpan<byte> json)
    {
        if (Utf8.IsValid(json))
        {
            return;
        }

        int line = 0;
        foreach (Range range in json.Split((byte)'\n'))
        {
            if (!Utf8.IsValid(json[range]))
            {
                throw new JsonException("it is not UTF-8; save the file as that", null, line, null);
            }

            line++;
        }
    }

    private static ReadOnlySpan<byte> SkipByteOrderMark(ReadOnlySpan<byte> json) =>
        json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;

    /// <summary>The reader's own words, without the position, which it counts from 0; and without the word that it repeats where a text stands in no
    /// quotes and begins as true, false or null do: that may be a password.</summary>
    private static string Reason(JsonException fault)
    {
        if (fault.Message.Contains("is an invalid JSON literal", StringComparison.Ordinal))
        {
            return "a word that is neither true nor false nor null; write a text in double quotes";
        }

        int position = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? fault.Message : fault.Message[..position];
    }

    private sealed class Walk(string path, int rank, List<SourcedSetting> settings, ICollection<ConfigurationProblem> problems)
    {
        private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);
        private int _line = 1;
        private int _counted;

        public void Read(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(
                json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                problems.Add(new ConfigurationProblem("", null, $"{path}:1", "must hold one JSON object: { … }"));
                return;
            }

            ReadObject(ref reader, "", json);
            reader.Read();
        }

        private void ReadObject(ref Utf8JsonReader reader, string section, ReadOnlySpan<byte> json)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = String(ref reader);
                string key = section.Length == 0 ? name : $"{section}:{name}";
                int line = LineOf(reader.TokenStartIndex, json);
                reader.Read();
                if (key is "$schema")
                {
                    reader.Skip();
                }
                else if (reader.TokenType == JsonTokenType.StartObject)
                {
                    int before = settings.Count;
                    ReadObject(ref reader, key, json);
                    if (settings.Count == before && Settings.ByKey.TryGetValue(key, out Setting? map) && map is MapSetting)
                    {
                        Add(key, SettingValue.One("{}"), line);
                    }
                }
                else
                {
                    Add(key, ReadValue(ref reader), line);
                }
            }
        }

        private void Add(string key, SettingValue? value, int line)
        {
            if (!_lines.TryAdd(key, line))
            {
                problems.Add(new ConfigurationProblem(
                    key, null, $"{path}:{line}", $"is set a second time; line {_lines[key]} sets it too: keep one of them"));
            }
            else if (value is not null)
            {
                settings.Add(new SourcedSetting(key, value, rank, $"{path}:{line}"));
            }
        }

        private SettingValue? ReadValue(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }

            if (reader.TokenType != JsonTokenType.StartArray)
            {
                return SettingValue.One(Text(ref reader));
            }

            var items = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                // A list of lists or of objects fits no setting; as text it will be refused where the setting is known.
                items.Add(Text(ref reader));
            }

            return SettingValue.List(items);
        }

        private string Text(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    return String(ref reader);
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    reader.Skip();
                    return "{…}";
                default:
                    return Encoding.UTF8.GetString(reader.ValueSpan);
            }
        }

        /// <exception cref="JsonException">It holds half a character.</exception>
        private string String(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                throw new JsonException("of two \\u that are one character, one is missing", null, _line - 1, null);
            }
        }

        private int LineOf(long offset, ReadOnlySpan<byte> json)
        {
            _line += json[_counted..(int)offset].Count((byte)'\n');
            _counted = (int)offset;
            return _line;
        }
    }
}
