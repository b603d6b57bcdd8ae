using System.Diagnostics.CodeAnalysis;

namespace RelayProxy.Configuration;

/// <summary>When a changed setting takes effect.</summary>
internal enum SettingEffect
{
    /// <summary>At the next reload.</summary>
    Reload,

    /// <summary>At the next start.</summary>
    Restart,
}

/// <summary>One setting: its key, what may be written for it, and where it goes.</summary>
internal abstract class Setting(string key)
{
    /// <summary><c>Section:Name</c>; read without regard to case.</summary>
    public string Key { get; } = key;

    /// <summary>Never shown.</summary>
    public bool IsSecret { get; init; }

    public SettingEffect Effect { get; init; }

    public abstract SettingShape Shape { get; }

    /// <summary>Puts a value into the options; the trouble with it, and what may be written instead, if it does not fit.</summary>
    public abstract string? Apply(RelayOptions options, SettingValue value);

    /// <summary>The value in effect, as it could be written in a source.</summary>
    public abstract SettingValue Show(RelayOptions options);
}

internal sealed class Setting<T>(string key, SettingType<T> type, Func<RelayOptions, T> get, Action<RelayOptions, T> set) : Setting(key)
{
    public override SettingShape Shape => type.Shape;

    public override string? Apply(RelayOptions options, SettingValue value)
    {
        if (value.IsList && Shape.Kind != SettingKind.List)
        {
            return $"takes one value, not a list; {Shape.Expects}";
        }

        if (!type.TryParse(value, out T? parsed))
        {
            return $"is not {Shape.Noun}; {Shape.Expects}";
        }

        set(options, parsed);
        return null;
    }

    public override SettingValue Show(RelayOptions options) => type.Format(get(options));
}

/// <summary>How values of a type are read and written.</summary>
internal sealed record SettingType<T>(SettingShape Shape, SettingParser<T> TryParse, Func<T, SettingValue> Format);

internal delegate bool SettingParser<T>(SettingValue value, [MaybeNullWhen(false)] out T parsed);

internal enum SettingKind
{
    Text,
    Switch,
    Number,
    Octets,
    Duration,
    Choice,
    List,
    Map,
}

/// <summary>What may be written, for messages and for the JSON schema.</summary>
/// <param name="Noun">What it is: <c>a duration</c>.</param>
/// <param name="Expects">What to write: <c>write 30s, 5m …</c>.</param>
/// <param name="Least">For numbers.</param>
/// <param name="Most">For numbers.</param>
/// <param name="Choices">For choices.</param>
internal sealed record SettingShape(
    SettingKind Kind, string Noun, string Expects, long Least = 0, long Most = long.MaxValue, IReadOnlyList<string>? Choices = null);
