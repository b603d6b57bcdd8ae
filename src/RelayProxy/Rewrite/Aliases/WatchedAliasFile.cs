using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// A file of aliases, or one that aliases include, as it was when it last could be read. It is looked at when it is asked for, at most
/// once a second, and read again when it has changed. A file that has gone, cannot be read, or holds nothing that could be understood
/// leaves what was there before.
/// </summary>
internal sealed partial class WatchedAliasFile(string path, bool isInclude, TimeProvider clock, ILogger logger)
{
    /// <summary>A file of nothing but mistakes must not fill the log.</summary>
    private const int MostProblemsLogged = 20;

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _lookedAt;
    private volatile bool _hasLooked;
    private FileStamp? _read;
    private string? _told;
    private volatile Reading? _current;

    /// <summary>What is in the file; <c>null</c> if it never could be read. The same object until it changes.</summary>
    public Reading? Current
    {
        get
        {
            if (!_hasLooked || clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= s_lookEvery)
            {
                Look();
            }

            return _current;
        }
    }

    /// <param name="Entries">They know whether others can write the file.</param>
    internal sealed record Reading(IReadOnlyList<AliasEntry> Entries, IReadOnlyList<AliasProblem> Problems)
    {
        public static Reading Empty { get; } = new([], []);
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_hasLooked && clock.GetElapsedTime(_lookedAt) < s_lookEvery)
            {
                return;
            }

            try
            {
                LookNow();
            }
            finally
            {
                Volatile.Write(ref _lookedAt, clock.GetTimestamp());
                _hasLooked = true;
            }
        }
    }

    private void LookNow()
    {
        if (FileStamp.Of(path, out string? error) is not { } stamp)
        {
            Missing(error);
        }
        else if (_read != stamp)
        {
            Read(stamp);
        }
        else
        {
            _told = null;
        }
    }

    private void Missing(string? error)
    {
        if (error is null && _current is null && !isInclude)
        {
            // A machine without aliases, which is most containers.
            _current = Reading.Empty;
        }
        else if (error is not null || _read is not null || isInclude)
        {
            Keep(error ?? "it does not exist");
        }
    }

    private void Read(FileStamp stamp)
    {
        string text;
        try
        {
            text = AliasText.Read(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Keep(fault.Message);
            return;
        }

        AliasFile file = isInclude ? AliasFile.ReadList(path, text) : AliasFile.Read(path, text);
        if (FileStamp.Of(path, out _) != stamp || IsHalfWritten(file, stamp))
        {
            // At the next look it will be whole.
            return;
        }

        _read = stamp;
        if (file.HasErrors && !file.Entries.Any(entry => entry.Destinations.Any(destination => destination.Kind != AliasDestinationKind.Broken)))
        {
            Log(file);
            Keep("nothing in it can be understood");
            return;
        }

        _told = null;
        if (_current is not null || file.Entries.Count > 0)
        {
            Events.AliasesRead(logger, path, isInclude ? Size(file.Entries) : file.Entries.Count);
        }

        bool isSafe = stamp.IsSafe(path);
        _current = new Reading([.. file.Entries.Select(entry => entry.From(isSafe))], file.Problems);
        Log(file);
    }

    /// <summary>Whoever writes a file in place makes it empty first. What has lost something is believed when it is a second old.</summary>
    private bool IsHalfWritten(AliasFile file, FileStamp stamp)
    {
        TimeSpan age = clock.GetUtcNow() - stamp.ChangedAt;
        return _current is { } current
            && age >= TimeSpan.Zero
            && age < s_lookEvery
            && Size(file.Entries) < Size(current.Entries);
    }

    private static int Size(IReadOnlyList<AliasEntry> entries) => entries.Sum(entry => entry.Destinations.Count);

    /// <summary>Says so once for each trouble, not for each message.</summary>
    private void Keep(string why)
    {
        if (_told != why)
        {
            _told = why;
            if (_current is null)
            {
                Events.NeverRead(logger, path, why);
            }
            else
            {
                Events.Kept(logger, path, why);
            }
        }
    }

    private void Log(AliasFile file)
    {
        foreach (AliasProblem problem in file.Problems.Take(MostProblemsLogged))
        {
            LogLevel level = problem.IsWarning ? LogLevel.Warning : LogLevel.Error;
            string told = LogText.Printable(problem.ToString());
            Events.Problem(logger, level, told);
        }

        if (file.Problems.Count > MostProblemsLogged)
        {
            Events.MoreProblems(logger, path, file.Problems.Count - MostProblemsLogged);
        }
    }

    private static partial class Events
    {
        [LoggerMessage(EventIds.AliasesRead, LogLevel.Information, "aliases: {Path} read, {Entries} entries")]
        public static partial void AliasesRead(ILogger logger, string path, int entries);

        [LoggerMessage(EventId = EventIds.AliasProblem, Message = "aliases: {Problem}")]
        public static partial void Problem(ILogger logger, LogLevel level, string problem);

        [LoggerMessage(EventIds.MoreAliasProblems, LogLevel.Error, "aliases: {Path} has {Problems} more problems; relayproxy aliases check tells all")]
        public static partial void MoreProblems(ILogger logger, string path, int problems);

        [LoggerMessage(EventIds.AliasesKept, LogLevel.Error, "aliases: {Path}: {Reason}; what was in it before stays in effect")]
        public static partial void Kept(ILogger logger, string path, string reason);

        [LoggerMessage(EventIds.AliasesNotRead, LogLevel.Error, "aliases: {Path}: {Reason}; mail that needs it is put off")]
        public static partial void NeverRead(ILogger logger, string path, string reason);
    }
}
