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

/// <summary>Settings of the <c>Logging</c> section.</summary>
internal sealed class LoggingOptions
{
    /// <summary>Events below this are not written: Trace, Debug, Information, Warning, Error, Critical, None.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;

    public LogFormat Format { get; set; } = LogFormat.Auto;
}
