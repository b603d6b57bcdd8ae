using System.Buffers;
using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>The log of this process: makes the rooms' loggers, all of which write to one <see cref="LogWriter"/>.</summary>
/// <param name="level">The present level; asked for each event, so that it can be changed while the relay runs.</param>
internal sealed class RelayLog(LogWriter writer, ILogLayout layout, Func<LogLevel> level, TimeProvider clock) : ILoggerFactory
{
    private const string FrameworkPrefix = "Microsoft.";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_line;

    public ILogger CreateLogger(string categoryName) =>
        new Logger(this, categoryName, isFramework: categoryName.StartsWith(FrameworkPrefix, StringComparison.Ordinal));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The log goes to one place.");

    /// <summary>Lets what is written leave.</summary>
    public void Dispose() => writer.Dispose();

    private void Write(in LogEvent entry)
    {
        ArrayBufferWriter<byte> line = s_line ??= new ArrayBufferWriter<byte>(512);
        line.ResetWrittenCount();
        layout.Write(entry, line);
        writer.Write(line.WrittenSpan);
    }

    private sealed class Logger(RelayLog log, string category, bool isFramework) : ILogger
    {
        /// <summary>The web server's own news is of no interest to a postmaster, unless all detail is asked for.</summary>
        public bool IsEnabled(LogLevel logLevel)
        {
            LogLevel least = log.Level();
            return logLevel != LogLevel.None
                && logLevel >= least
                && (!isFramework || logLevel >= LogLevel.Warning || least == LogLevel.Trace);
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            log.Write(new LogEvent
            {
                At = log.Now(),
                Level = logLevel,
                Id = eventId,
                Category = category,
                Message = formatter(state, exception),
                Values = state as IReadOnlyList<KeyValuePair<string, object?>>,
                Exception = exception,
            });
        }
    }

    private LogLevel Level() => level();

    private DateTimeOffset Now() => clock.GetLocalNow();
}
