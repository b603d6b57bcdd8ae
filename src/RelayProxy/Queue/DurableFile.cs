using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue;

/// <summary>
/// Files that must outlast a power cut. Syncs through libc itself: the runtime's own flush (<c>FileStream.Flush(true)</c>,
/// <c>RandomAccess.FlushToDisk</c>) returns normally on Linux when fsync has failed.
/// </summary>
internal static partial class DurableFile
{
    private const int OpenReadOnly = 0;
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int OpenExclusive = 0x80;
    private const int OpenCloseOnExec = 0x80000;
    private const int OpenNonBlocking = 0x800;
    private const int NotAFile = 22;
    private const uint OwnerOnly = 0x180; // 0600
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int Interrupted = 4;
    private const int Exists = 17;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Creates a file that only its owner can read, from its first moment on.</summary>
    /// <exception cref="IOException">It cannot be created, or there is one already.</exception>
    public static SafeFileHandle Create(string path) => OpenOrThrow("create", path, OpenReadWrite | OpenCreate | OpenExclusive);

    /// <summary>Opens a file without the lock that the runtime would put on it: locks are ours to use (<see cref="TryLock"/>). No symbolic link is
    /// followed, and no pipe waited for: whoever may write into the folder could have put one there for another file.</summary>
    /// <exception cref="IOException">It cannot be opened, or is no plain file.</exception>
    public static SafeFileHandle OpenRead(string path) => OpenPlain(path, OpenReadOnly);

    /// <inheritdoc cref="OpenRead"/>
    public static SafeFileHandle OpenWrite(string path) => OpenPlain(path, OpenReadWrite);

    /// <summary>Opens a folder, to sync or to lock it. Its path may lead over links: it is whoever set it up who says where it is.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle OpenFolder(string path) => OpenOrThrow("open", path, OpenReadOnly);

    /// <summary>Writes octets. The runtime's own call has exceptions of other kinds for EACCES, EFBIG and a seek that fails, which nobody expects of
    /// a disk.</summary>
    /// <exception cref="IOException"/>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset)
    {
        try
        {
            RandomAccess.Write(file, octets, offset);
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <inheritdoc cref="Write"/>
    public static async ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> octets, long offset, CancellationToken cancellationToken)
    {
        try
        {
            await RandomAccess.WriteAsync(file, octets, offset, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Reads octets; its errors are those of <see cref="Write"/>.</summary>
    /// <exception cref="IOException"/>
    public static int Read(SafeFileHandle file, Span<byte> octets, long offset)
    {
        try
        {
            return RandomAccess.Read(file, octets, offset);
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>A file's length; its errors are those of <see cref="Write"/>.</summary>
    /// <exception cref="IOException"/>
    public static long Length(SafeFileHandle file)
    {
        try
        {
            return RandomAccess.GetLength(file);
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Returns when the file's octets are on disk.</summary>
    /// <exception cref="IOException">They may not be, and must not be relied on: what was written is to be thrown away, not
    /// synced again (the kernel reports a lost write once, then calls the page clean).</exception>
    public static void Sync(SafeFileHandle file, string path)
    {
        while (FSync(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw Failure("fsync", path, error);
            }
        }
    }

    /// <summary>Returns when the folder's entries are on disk: a file that was created in it is found again after a crash.</summary>
    public static void SyncFolder(string path)
    {
        using SafeFileHandle folder = OpenFolder(path);
        Sync(folder, path);
    }

    /// <summary>Takes a file's advisory lock, which ends with the handle or with the process; false if another has it.</summary>
    public static bool TryLock(SafeFileHandle file) => FLock(file, LockExclusive | LockNonBlocking) == 0;

    /// <summary>Takes the lock together with others who take it so; false if one has it alone.</summary>
    public static bool TryShareLock(SafeFileHandle file) => FLock(file, LockShared | LockNonBlocking) == 0;

    /// <summary>As <see cref="TryLock"/>, but waits for whoever has it.</summary>
    /// <exception cref="IOException"/>
    public static void Lock(SafeFileHandle file, string path) => Lock(file, path, LockExclusive);

    /// <summary>Takes the lock together with others who take it so; waits for one who has it alone. Who has it alone shares it from
    /// then on.</summary>
    /// <exception cref="IOException"/>
    public static void ShareLock(SafeFileHandle file, string path) => Lock(file, path, LockShared);

    /// <summary>Whether an error says that the disk, the quota or the table of files is full.</summary>
    public static bool IsFull(IOException error) => error is QueueFullException || error.HResult is NoSpace or QuotaExceeded;

    /// <summary>Whether <see cref="Create"/> found that there is such a file already: trouble with a name, not with the disk.</summary>
    public static bool IsTaken(IOException error) => error.HResult == Exists;

    private static bool IsOfTheDisk(Exception error) =>
        error is UnauthorizedAccessException or ArgumentOutOfRangeException or NotSupportedException;

    private static void Lock(SafeFileHandle file, string path, int operation)
    {
        while (FLock(file, operation) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw Failure("flock", path, error);
            }
        }
    }

    /// <remarks>The flag that forbids links differs from architecture to architecture; so the link itself is looked at, and then what was opened.</remarks>
    private static SafeFileHandle OpenPlain(string path, int flags)
    {
        if (FileOwner.KindOf(path) is { } before and not FileKind.Plain)
        {
            throw NotPlain(path, before);
        }

        SafeFileHandle file = OpenOrThrow("open", path, flags | OpenNonBlocking);
        if (FileOwner.IsStill(path, file))
        {
            return file;
        }

        file.Dispose();
        throw NotPlain(path, FileKind.Link);
    }

    private static IOException NotPlain(string path, FileKind kind) => new($"{path} is {FileOwner.Name(kind)} and no plain file: left alone", NotAFile);

    private static SafeFileHandle OpenOrThrow(string call, string path, int flags)
    {
        SafeFileHandle file = Open(path, flags | OpenCloseOnExec, OwnerOnly);
        if (!file.IsInvalid)
        {
            return file;
        }

        int error = Marshal.GetLastPInvokeError();
        file.Dispose();
        throw Failure(call, path, error);
    }

    private static IOException Failure(string call, string path, int error)
    {
        string text = $"{call} {path}: {Marshal.GetPInvokeErrorMessage(error)}";
        return error is NoSpace or QuotaExceeded ? new QueueFullException(text) : new IOException(text, error);
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, uint mode);
}

/// <summary>The disk is full: 452 4.3.1 rather than 451 4.3.0.</summary>
internal sealed class QueueFullException(string message, Exception? inner = null) : IOException(message, inner);
