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

    /// <summary>On every command; read by <see cref="Configuration.Dma.DmaFile"/>, which finds it among the arguments as the settings are found.</summary>
    public static Option<string?> Dma { get; } = new("--dma")
    {
        Description = "A dma.conf to take settings from (or RELAYPROXY_DMACONF), in the place of the configuration file; --config then names one that is laid over it.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<bool> Json() => new("--json") { Description = "Write JSON: one object on a line." };
}
