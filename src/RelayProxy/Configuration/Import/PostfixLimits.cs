using System.Globalization;

namespace RelayProxy.Configuration.Import;

/// <summary>Postfix's sizes and times.</summary>
internal static class PostfixLimits
{
    /// <summary>Octets; 0 is no limit, which there is none for here.</summary>
    private const string Largest = "1GiB";

    public static void MessageSize(PostfixParameter parameter, ImportDraft draft)
    {
        if (!long.TryParse(parameter.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long octets))
        {
            draft.Impossible(parameter.Line, $"{parameter}: it is no size");
        }
        else if (octets == 0)
        {
            draft.Set("Listener:MaxMessageOctets", Largest);
            draft.Changed(parameter.Line, $"{parameter} → Listener:MaxMessageOctets = {Largest}; some limit there must be");
        }
        else
        {
            draft.Keep(parameter.Line, parameter.Name, "Listener:MaxMessageOctets", octets.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <param name="unit">Of a number that has none of its own.</param>
    public static Action<PostfixParameter, ImportDraft> TimeOf(string key, char unit) => (parameter, draft) =>
    {
        string value = parameter.Value.Length > 0 && char.IsAsciiDigit(parameter.Value[^1]) ? parameter.Value + unit : parameter.Value;
        if (value.EndsWith('w') && int.TryParse(value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int weeks))
        {
            value = $"{weeks * 7}d";
        }

        if (Duration.TryParse(value, out TimeSpan time))
        {
            draft.Keep(parameter.Line, parameter.Name, key, Duration.Format(time));
        }
        else
        {
            draft.Impossible(parameter.Line, $"{parameter}: it is no time");
        }
    };
}
