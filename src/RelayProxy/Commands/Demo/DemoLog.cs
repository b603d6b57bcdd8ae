using Microsoft.Extensions.Logging;

namespace RelayProxy.Commands.Demo;

/// <summary>The relay's log during the demonstration: kept until it is its turn to be shown, then shown as it comes.</summary>
internal sealed class DemoLog : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _kept = new();
    private Action<string>? _show;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string line = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} ({exception.Message})";
        lock (_gate)
        {
            _kept.Enqueue(line);
            Drain();
        }
    }

    /// <summary>Shows what was kept, and from now on every line as it comes.</summary>
    public void ShowWith(Action<string> show)
    {
        lock (_gate)
        {
            _show = show;
            Drain();
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The demonstration's log goes to the screen.");

    public void Dispose()
    {
    }

    private void Drain()
    {
        while (_show is not null && _kept.TryDequeue(out string? line))
        {
            _show(line);
        }
    }
}
