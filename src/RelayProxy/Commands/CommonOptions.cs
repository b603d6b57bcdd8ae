using System.CommandLine;

namespace RelayProxy.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary>On every command.</summary>
    public static Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "The configuration file, instead of /etc/relayproxy/relayproxy.json.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<bool> Json() => new("--json") { Description = "Write JSON: one object on a line." };
}
