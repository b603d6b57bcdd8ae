using System.Runtime.InteropServices;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// What tells one state of a file from another: which file it is, how long, changed when; and who may write it. Of the file that a path
/// leads to in the end, so that a bind mount, a new symbolic link and an atomic rename are all seen, as inotify would not.
/// </summary>
/// <param name="Octets">How long it is.</param>
/// <param name="ChangedAt">When its content was written.</param>
internal readonly partial record struct FileStamp(
    ulong Device, ulong Inode, long Octets, DateTimeOffset ChangedAt, long ChangedNanoseconds, uint UserId, int Mode)
{
    private const int CurrentFolder = -100;

    /// <summary>STATX_BASIC_STATS.</summary>
    private const uint WantBasics = 0x7ff;

    // struct statx, the same on every architecture (linux/stat.h).
    private const int StatSize = 256;
    private const int UserIdOffset = 0x14;
    private const int ModeOffset = 0x1c;
    private const int InodeOffset = 0x20;
    private const int SizeOffset = 0x28;
    private const int StatusChangeOffset = 0x60;
    private const int ChangeOffset = 0x70;
    private const int DeviceOffset = 0x88;

    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const int OthersWrite = 0x12;
    private const int EveryoneWrites = 0x02;
    private const int Sticky = 0x200;
    private const int NotFound = 2;

    /// <summary>A pipe or a device would be read for ever.</summary>
    public bool IsRegular => (Mode & TypeMask) == RegularFile;

    /// <param name="error">errno; <c>null</c> if the file simply is not there.</param>
    public static FileStamp? Of(string path, out string? error)
    {
        Span<byte> stat = stackalloc byte[StatSize];
        error = null;
        if (Stat(CurrentFolder, path, 0, WantBasics, ref MemoryMarshal.GetReference(stat)) == 0)
        {
            long seconds = MemoryMarshal.Read<long>(stat[ChangeOffset..]);
            uint nanoseconds = MemoryMarshal.Read<uint>(stat[(ChangeOffset + 8)..]);
            return new FileStamp(
                MemoryMarshal.Read<ulong>(stat[DeviceOffset..]),
                MemoryMarshal.Read<ulong>(stat[InodeOffset..]),
                MemoryMarshal.Read<long>(stat[SizeOffset..]),
                DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, 1L << 36)).AddTicks(nanoseconds / 100),

                // Of the inode: who keeps a file's date while changing it does not keep this one.
                unchecked((MemoryMarshal.Read<long>(stat[StatusChangeOffset..]) * 1_000_000_000) + MemoryMarshal.Read<uint>(stat[(StatusChangeOffset + 8)..])),
                MemoryMarshal.Read<uint>(stat[UserIdOffset..]),
                MemoryMarshal.Read<ushort>(stat[ModeOffset..]));
        }

        int number = Marshal.GetLastPInvokeError();
        error = number == NotFound ? null : Marshal.GetPInvokeErrorMessage(number);
        return null;
    }

    /// <summary>Whether nobody but root and ourselves can have written what a path leads to, nor put another file in its place.</summary>
    public bool IsSafe(string path)
    {
        if ((Mode & OthersWrite) != 0 || !IsOurs(UserId))
        {
            return false;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return Of(folder, out _) is { } stamp
            && (stamp.Mode & (EveryoneWrites | Sticky)) != EveryoneWrites
            && IsOurs(stamp.UserId);
    }

    /// <summary>What to type so that nobody but its owner can write a file, nor put another in its place; <c>null</c> where that is so, or there is none.
    /// Whoever it belongs to is meant to have it.</summary>
    public static string? WayToClose(string path)
    {
        if (Of(path, out _) is not { IsRegular: true } file)
        {
            return null;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return (file.Mode & OthersWrite) != 0 ? $"chmod go-w {path}"
            : Of(folder, out _) is { } above && (above.Mode & (EveryoneWrites | Sticky)) == EveryoneWrites ? $"chmod o-w {folder}"
            : null;
    }

    private static bool IsOurs(uint userId) => userId == 0 || userId == GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
