using System.Collections;

namespace RelayProxy.Configuration;

/// <summary>Where the sources are looked for. Tests put a folder of their own in the place of the machine.</summary>
internal sealed record ConfigurationInputs
{
    /// <summary><c>--config</c>; <c>null</c> if it was not given.</summary>
    public string? File { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The command line; what is no setting in it is passed over.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What relative paths are relative to.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>Stands before <c>/etc/relayproxy</c> and <c>/run/secrets</c>.</summary>
    public string Root { get; init; } = "/";

    /// <summary>This process's.</summary>
    public static ConfigurationInputs OfThisProcess()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return new ConfigurationInputs
        {
            Environment = environment,
            WorkingFolder = FindWorkingFolder(),
        };
    }

    private static string FindWorkingFolder()
    {
        try
        {
            return System.IO.Directory.GetCurrentDirectory();
        }
        catch (FileNotFoundException)
        {
            // It was deleted under whoever started us, who need not have meant to stand anywhere.
            return "/";
        }
    }
}
