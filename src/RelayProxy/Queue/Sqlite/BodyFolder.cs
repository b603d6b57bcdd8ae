using Microsoft.Win32.SafeHandles;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>The folder of large messages: one file each, named by queue id, holding the octets as they are.</summary>
internal sealed class BodyFolder(string path)
{
    public string Path { get; } = path;

    public string FileOf(QueueId id) => System.IO.Path.Combine(Path, id.ToString());

    /// <summary>The messages that have a file here. What we do not know by name is not ours.</summary>
    public IEnumerable<QueueId> Ids()
    {
        foreach (string file in Directory.EnumerateFiles(Path))
        {
            if (QueueId.TryParse(System.IO.Path.GetFileName(file), out QueueId id) && FileOwner.KindOf(file) == FileKind.Plain)
            {
                yield return id;
            }
        }
    }

    /// <summary>What is here and not ours: other names, links, pipes, folders. They are left alone.</summary>
    public IReadOnlyList<string> Strangers() =>
    [
        .. Directory.EnumerateFileSystemEntries(Path)
            .Where(entry => !QueueId.TryParse(System.IO.Path.GetFileName(entry), out _) || FileOwner.KindOf(entry) is { } kind and not FileKind.Plain)
            .Select(entry => System.IO.Path.GetFileName(entry)),
    ];

    /// <summary>Creates a file that no sweep takes while its handle is open.</summary>
    /// <exception cref="IOException"/>
    public SafeFileHandle CreateLocked(string file)
    {
        while (true)
        {
            SafeFileHandle handle = DurableFile.Create(file);
            try
            {
                FileOwner.TakeFromFolder(handle, Path);
                DurableFile.Lock(handle, file);
            }
            catch (IOException)
            {
                // The disk may fail for days, and each message that it cost would leave a file.
                handle.Dispose();
                TryDelete(file);
                throw;
            }

            // Between the two calls a sweep may have found it unlocked, and nobody's.
            if (File.Exists(file))
            {
                return handle;
            }

            handle.Dispose();
        }
    }

    /// <summary>Deletes the file of a message that is gone. A file that stays behind is swept when a daemon next opens the store.</summary>
    /// <exception cref="IOException"/>
    public void Delete(QueueId id) => File.Delete(FileOf(id));

    /// <summary>Deletes a file without a row. It is nobody's mail: if it cannot be done now, the next sweep does it.</summary>
    public static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next sweep.
        }
    }

    /// <summary>
    /// Deletes the files of messages that never came to be. A file whose writer still lives is locked by it until its row is
    /// committed, so the lock is taken first and the row looked for after.
    /// </summary>
    /// <param name="before">Younger files are left alone.</param>
    /// <param name="exists">Whether there is a message of this id.</param>
    /// <returns>How many were deleted.</returns>
    public int Sweep(DateTime before, Func<QueueId, bool> exists, CancellationToken cancellationToken)
    {
        int swept = 0;
        foreach (QueueId id in Ids())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string file = FileOf(id);
            if (File.GetLastWriteTimeUtc(file) < before && !exists(id) && TrySweep(file, id, exists))
            {
                swept++;
            }
        }

        return swept;
    }

    private static bool TrySweep(string file, QueueId id, Func<QueueId, bool> exists)
    {
        try
        {
            using SafeFileHandle handle = DurableFile.OpenRead(file);
            if (!DurableFile.TryLock(handle) || exists(id))
            {
                return false;
            }

            File.Delete(file);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
