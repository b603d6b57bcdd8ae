using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>The aliases in effect: those of the file as it is now, and those of the settings. Survives a reload, so that what was good
/// before is still there.</summary>
internal sealed class AliasBook(TimeProvider clock, ILogger logger)
{
    /// <summary>Lists that were included once and no longer are; a file may name as many as it likes.</summary>
    private const int MostIncludes = 1000;

    private readonly ConcurrentDictionary<string, WatchedAliasFile> _includes = new(StringComparer.Ordinal);
    private volatile Named? _file;
    private volatile Made? _made;

    /// <returns><c>null</c> if there is a file and it has never been readable.</returns>
    public AliasTable? Table(RewriteOptions options)
    {
        WatchedAliasFile? file = FileOf(options);
        WatchedAliasFile.Reading? reading = file?.Current;
        if (file is not null && reading is null)
        {
            return null;
        }

        Made? made = _made;
        if (made is null || made.Reading != reading || !ReferenceEquals(made.Options, options))
        {
            _made = made = new Made(reading, options, AliasTable.Of(
                reading?.Entries ?? [], InlineAliases.Entries(options), reading?.Problems ?? []));
        }

        return made.Table;
    }

    /// <summary>The destinations in an included file; <c>null</c> if it cannot be read.</summary>
    public AliasEntry? Include(string path)
    {
        if (_includes.Count >= MostIncludes && !_includes.ContainsKey(path))
        {
            _includes.Clear();
        }

        WatchedAliasFile file = _includes.GetOrAdd(path, static (path, book) => book.Watch(path, isInclude: true), this);
        return file.Current is { Entries: [var list] } ? list : null;
    }

    private WatchedAliasFile? FileOf(RewriteOptions options)
    {
        if (options.AliasFile.Length == 0)
        {
            return null;
        }

        Named? named = _file;
        if (named is null || named.Path != options.AliasFile)
        {
            _file = named = new Named(options.AliasFile, Watch(options.AliasFile, isInclude: false));
        }

        return named.File;
    }

    private WatchedAliasFile Watch(string path, bool isInclude) => new(path, isInclude, clock, logger);

    private sealed record Named(string Path, WatchedAliasFile File);

    private sealed record Made(WatchedAliasFile.Reading? Reading, RewriteOptions Options, AliasTable Table);
}
