using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// Calls of the system for files that belong to others: with every flag they need, and their errors by number. The runtime's own file
/// classes put a lock of their own on what they open, follow links, and do not tell an owner or a failed sync.
/// </summary>
internal static partial class Posix
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int CreateNew = 0x40 | 0x80;
    public const int Append = 0x400;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    // These two differ from one architecture to another.
    private static readonly int s_noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;
    private const int EmptyPath = 0x1000;
    private const int NoFollowStat = 0x100;
    private const int CurrentFolder = -100;
    private const uint BasicStat = 0x7ff;
    private const int StatOctets = 256;
    private const int OpenFileLock = 37;
    private const short WriteLock = 1;
    private const short NoLock = 2;

    /// <summary>Opens a file itself, never what a link in its place points to; without waiting for anybody at a FIFO.</summary>
    /// <exception cref="PosixException"/>
    public static SafeFileHandle Open(string path, int flags, uint mode = 0)
    {
        SafeFileHandle file = OpenFile(path, flags | CloseOnExec | NonBlocking | s_noFollow, mode);
        if (file.IsInvalid)
        {
            PosixException fault = PosixException.Last("open", path);
            file.Dispose();
            throw fault;
        }

        return file;
    }

    /// <exception cref="PosixException"/>
    public static FileFacts Facts(SafeFileHandle file, string path)
    {
        Span<byte> stat = stackalloc byte[StatOctets];
        Check(StatFile(file, "", EmptyPath, BasicStat, ref MemoryMarshal.GetReference(stat)), "stat", path);
        return FileFacts.Read(stat);
    }

    /// <summary>What stands at a path, links not followed if so wished; <c>null</c> if nothing does.</summary>
    /// <exception cref="PosixException"/>
    public static FileFacts? Facts(string path, bool followLinks = true)
    {
        Span<byte> stat = stackalloc byte[StatOctets];
        if (StatPath(CurrentFolder, path, followLinks ? 0 : NoFollowStat, BasicStat, ref MemoryMarshal.GetReference(stat)) != 0)
        {
            PosixException fault = PosixException.Last("stat", path);
            return fault.Error == PosixException.NoEntry ? null : throw fault;
        }

        return FileFacts.Read(stat);
    }

    /// <exception cref="PosixException"/>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> octets, string path)
    {
        while (!octets.IsEmpty)
        {
            nint written = WriteFile(file, ref MemoryMarshal.GetReference(octets), (nuint)octets.Length);
            if (written < 0)
            {
                PosixException fault = PosixException.Last("write", path);
                if (fault.Error == PosixException.Interrupted)
                {
                    continue;
                }

                throw fault;
            }

            octets = octets[(int)written..];
        }
    }

    /// <summary>Takes the file for ourselves alone, against whoever locks with fcntl or lockf. The lock is this handle's own, and not, as
    /// theirs, gone when any other handle of the process on the same file is closed. False if somebody has it.</summary>
    /// <exception cref="PosixException"/>
    public static bool TryLock(SafeFileHandle file, string path)
    {
        var whole = new FileLock { Type = WriteLock };
        if (Control(file, OpenFileLock, ref whole) == 0)
        {
            return true;
        }

        PosixException fault = PosixException.Last("lock", path);
        return fault.Error is PosixException.TryAgain or PosixException.NotAllowed ? false : throw fault;
    }

    /// <summary>Gives the file up at once. Closing it alone is not enough: a child has the handle too, and its lock with it, from its fork
    /// to its exec.</summary>
    public static void Unlock(SafeFileHandle file)
    {
        var whole = new FileLock { Type = NoLock };
        _ = Control(file, OpenFileLock, ref whole);
    }

    /// <exception cref="PosixException"/>
    public static void Sync(SafeFileHandle file, string path) => Check(SyncFile(file), "fsync", path);

    /// <exception cref="PosixException"/>
    public static void SyncFolder(string path)
    {
        using SafeFileHandle folder = Open(path, ReadOnly);
        Sync(folder, path);
    }

    /// <exception cref="PosixException"/>
    public static void Truncate(SafeFileHandle file, long octets, string path) => Check(TruncateFile(file, octets), "truncate", path);

    /// <exception cref="PosixException"/>
    public static void ChangeMode(SafeFileHandle file, uint mode, string path) => Check(ChangeModeOf(file, mode), "chmod", path);

    /// <exception cref="PosixException"/>
    public static void ChangeOwner(SafeFileHandle file, uint user, uint group, string path) => Check(ChangeOwnerOf(file, user, group), "chown", path);

    /// <exception cref="PosixException"/>
    public static void MakeFolder(string path, uint mode) => Check(MakeFolderAt(path, mode), "mkdir", path);

    /// <exception cref="PosixException"/>
    public static void Rename(string from, string to) => Check(RenameFile(from, to), "rename", from);

    /// <exception cref="PosixException"/>
    public static void Delete(string path) => Check(Unlink(path), "unlink", path);

    /// <summary>Whether this process may write there, by whatever right it has.</summary>
    public static bool MayWrite(string path)
    {
        const int WriteAndSearch = 3, EffectiveUser = 0x200;
        return Access(CurrentFolder, path, Directory.Exists(path) ? WriteAndSearch : 2, EffectiveUser) == 0;
    }

    private static void Check(int result, string call, string path)
    {
        if (result != 0)
        {
            throw PosixException.Last(call, path);
        }
    }

    /// <summary>struct flock of 64-bit systems. Start and length 0: the whole file, however long it becomes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFile(SafeFileHandle file, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatPath(int folder, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFile(SafeFileHandle file, ref byte octets, nuint count);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, ref FileLock argument);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int TruncateFile(SafeFileHandle file, long octets);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeModeOf(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwnerOf(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFolderAt(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(int folder, string path, int mode, int flags);
}

/// <summary>What the system says of a file (struct statx, the same on every architecture).</summary>
internal readonly record struct FileFacts(uint Mode, uint Links, uint User, uint Group, long Octets, DateTimeOffset Modified)
{
    public const uint OthersMayWrite = 0x2;
    public const uint GroupMayWrite = 0x10;

    public bool IsRegular => (Mode & 0xf000) == 0x8000;

    public bool IsFolder => (Mode & 0xf000) == 0x4000;

    public static FileFacts Read(ReadOnlySpan<byte> stat) => new(
        Mode: MemoryMarshal.Read<ushort>(stat[28..]),
        Links: MemoryMarshal.Read<uint>(stat[16..]),
        User: MemoryMarshal.Read<uint>(stat[20..]),
        Group: MemoryMarshal.Read<uint>(stat[24..]),
        Octets: MemoryMarshal.Read<long>(stat[40..]),
        Modified: DateTimeOffset.FromUnixTimeSeconds(MemoryMarshal.Read<long>(stat[112..])));
}

/// <summary>A call of the system failed.</summary>
/// <param name="error">errno.</param>
internal sealed class PosixException(string call, string path, int error) : IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(error)}", error)
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int NotAllowed = 13;
    public const int Exists = 17;
    public const int NotAFolder = 20;
    public const int TooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnlyDisk = 30;
    public const int Loop = 40;
    public const int QuotaExceeded = 122;

    public int Error { get; } = error;

    public static PosixException Last(string call, string path) => new(call, path, Marshal.GetLastPInvokeError());
}
