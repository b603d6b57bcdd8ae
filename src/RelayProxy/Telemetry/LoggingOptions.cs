using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary><see cref="Text"/> on a terminal and in the journal, <see cref="Json"/> elsewhere (a container's standard output).</summary>
    Auto,

    /// <summary>One line of words for each event.</summary>
    Text,

    /// <summary>One JSON object on a line for each event.</summary>
    Json,
}

/// <summary>What becomes of mail addresses in the log.</summary>
internal enum LogAddresses
{
    Plain,

    /// <summary><c>~3f9ac81d22e0</c>: whoever has the log can tell which lines are about the same address, and not whose it is.</summary>
    Hashed,

    /// <summary><c>b***@example.org</c>.</summary>
    Masked,
}

/// <summary>Settings of the <c>Logging</c> section.</summary>
internal sealed class LoggingOptions
{
    /// <summary>Events below this are not written: Trace, Debug, Information, Warning, Error, Critical, None.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;

    public LogFormat Format { get; set; } = LogFormat.Auto;

    public LogAddresses Addresses { get; set; } = LogAddresses.Plain;

    /// <summary>A secret that goes into hashed addresses. Empty: another one for each start, so that nobody can follow an address from one to
    /// the next.</summary>
    public string AddressSalt { get; set; } = "";
}
