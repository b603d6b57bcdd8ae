using System.Collections;

namespace RelayProxy.Configuration;

/// <summary>Where the sources are looked for. Tests put a folder of their own in the place of the machine.</summary>
internal sealed record ConfigurationInputs
{
    /// <summary><c>--config</c>; <c>null</c> if it was not given.</summary>
    public string? File { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The settings among the arguments of the command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What relative paths are relative to.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>Stands before <c>/etc/relayproxy</c> and <c>/run/secrets</c>.</summary>
    public string Root { get; init; } = "/";

    /// <summary>This process's.</summary>
    public static ConfigurationInputs OfThisProcess(string? file, IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return new ConfigurationInputs
        {
            File = file,
            Environment = environment,
            Arguments = arguments,
            WorkingFolder = System.IO.Directory.GetCurrentDirectory(),
        };
    }
}
