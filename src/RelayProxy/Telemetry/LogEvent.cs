using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>One event on its way to a line.</summary>
internal readonly ref struct LogEvent
{
    public required DateTimeOffset At { get; init; }

    public required LogLevel Level { get; init; }

    public required EventId Id { get; init; }

    /// <summary>The room.</summary>
    public required string Category { get; init; }

    /// <summary>The template with its values in it.</summary>
    public required string Message { get; init; }

    /// <summary>The template's values by name; the template itself is among them, as <c>{OriginalFormat}</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>>? Values { get; init; }

    public Exception? Exception { get; init; }
}

/// <summary>How an event becomes a line.</summary>
internal interface ILogLayout
{
    /// <summary>Writes exactly one line, its line feed included.</summary>
    void Write(in LogEvent entry, System.Buffers.IBufferWriter<byte> line);
}
