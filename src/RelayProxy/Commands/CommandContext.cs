using RelayProxy.Configuration;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>What commands act on and speak to. Tests put their own in the place of each.</summary>
internal sealed record CommandContext
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>For octets that are not text.</summary>
    public required Func<Stream> OpenOutputStream { get; init; }

    /// <summary>For a message that is read from there.</summary>
    public Func<Stream> OpenInputStream { get; init; } = static () => Stream.Null;

    /// <summary>Asks a question that is answered with yes or no; <c>null</c> if nobody is there to answer.</summary>
    public Func<string, bool?> Confirm { get; init; } = static _ => null;

    /// <summary>Somebody is looking at the output.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>How many columns and lines there are to look at.</summary>
    public Func<(int Width, int Height)> ScreenSize { get; init; } = static () => (80, 24);

    /// <summary>Waits for a key to be pressed; <c>null</c> if there is nobody who could.</summary>
    public Func<char?> ReadKey { get; init; } = static () => null;

    /// <summary>NO_COLOR is set (no-color.org).</summary>
    public bool NoColour { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the sources of the settings are looked for.</summary>
    public required ConfigurationInputs Inputs { get; init; }

    /// <summary>Makes the queue's store; it has yet to be opened.</summary>
    public required Func<QueueOptions, IQueueStore> MakeStore { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="file"><c>--config</c>.</param>
    public RelayConfiguration ReadConfiguration(string? file) => RelayConfiguration.Read(Inputs with { File = file });

    /// <summary>Opens the queue beside a daemon, or without one. Of the settings only those of the queue need be right: a queue must
    /// be mendable while the smarthost's password is not.</summary>
    /// <exception cref="ConfigurationException">The queue's settings, or the file as a whole, cannot be used.</exception>
    /// <exception cref="QueueUnavailableException">The queue cannot be opened, or is not for whoever asks.</exception>
    public Task<IQueueStore> OpenQueueAsync(string? file, CancellationToken cancellationToken) =>
        OpenQueueAsync(ReadConfiguration(file), StoreAccess.Operator, cancellationToken);

    /// <inheritdoc cref="OpenQueueAsync(string?, CancellationToken)"/>
    public async Task<IQueueStore> OpenQueueAsync(RelayConfiguration read, StoreAccess access, CancellationToken cancellationToken)
    {
        ConfigurationProblem[] inTheWay =
            [.. read.Problems.Where(problem => problem.Key.Length == 0 || problem.Key.StartsWith("Queue:", StringComparison.OrdinalIgnoreCase))];
        if (inTheWay.Length > 0)
        {
            throw new ConfigurationException(inTheWay);
        }

        IQueueStore store = MakeStore(read.Options.Queue);
        try
        {
            await store.OpenAsync(access, cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>One line of output. Whatever others wrote in it stays on the line.</summary>
    public void Say(string line) => Output.WriteLine(TerminalText.Safe(line));

    /// <summary>One line of complaint.</summary>
    public void Complain(string line) => Error.WriteLine(TerminalText.Safe(line));
}
