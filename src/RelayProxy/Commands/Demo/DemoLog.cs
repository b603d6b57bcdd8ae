using Microsoft.Extensions.Logging;

namespace RelayProxy.Commands.Demo;

/// <summary>The relay's log during the demonstration: kept until it is its turn to be shown, then shown as it comes.</summary>
internal sealed class DemoLog : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _kept = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];
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
            _awaited.FindAll(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)).ForEach(awaited => awaited.Seen.TrySetResult(line));
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

    /// <summary>Waits for a line with this text, kept or to come.</summary>
    public async Task<string> WaitForAsync(string text, CancellationToken cancellationToken)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_kept.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } kept)
            {
                return kept;
            }

            _awaited.Add((text, seen));
        }

        return await seen.Task.WaitAsync(cancellationToken);
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
