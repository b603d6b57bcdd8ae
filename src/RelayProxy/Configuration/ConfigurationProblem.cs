namespace RelayProxy.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">The setting; empty where the trouble is with a source as a whole.</param>
/// <param name="Value">As it was given, secrets masked; <c>null</c> where there is none to show.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Trouble">What is wrong, and the way out.</param>
internal sealed record ConfigurationProblem(string Key, string? Value, string Source, string Trouble)
{
    /// <summary>The source is there, and not for whoever runs this.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>On one line, for the log and for <c>check</c>.</summary>
    public override string ToString() => (Key, Value) switch
    {
        ("", _) => $"{Source}: {Trouble}",
        (_, null) => $"{Key} ({Source}): {Trouble}",
        _ => $"{Key} = {Value} ({Source}): {Trouble}",
    };
}

/// <summary>The configuration cannot be used. All that is wrong with it is told at once.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigurationProblem> problems)
    : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = problems;
}
