using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue;

/// <summary>What stands behind a name in a folder.</summary>
internal enum FileKind
{
    Plain,
    Folder,
    Link,
    Pipe,
    Other,
}

/// <summary>Whose a file is, and who else may use it, which the runtime does not tell.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint WantType = 0x01;
    private const uint WantInode = 0x100;
    private const int ItsOwnPath = 0x1000;
    private const uint WantOwnerAndMode = 0x02 | 0x08 | 0x10;
    private const uint Unchanged = uint.MaxValue;
    private const int ReadAndEnter = 4 | 1;
    private const string GroupFile = "/etc/group";

    // struct statx, the same on every architecture: stx_mask, stx_blksize, stx_attributes (8 octets), stx_nlink, stx_uid, stx_gid, stx_mode.
    private const int StatSize = 256;
    private const int UserIdOffset = 20;
    private const int GroupIdOffset = 24;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;

    public static uint Ourselves => GetEffectiveUserId();

    /// <summary>What a name stands for itself, be it a link; <c>null</c> if there is nothing.</summary>
    public static FileKind? KindOf(string path)
    {
        Span<byte> stat = stackalloc byte[StatSize];
        if (StatFile(CurrentFolder, path, NoFollow, WantType, ref MemoryMarshal.GetReference(stat)) != 0)
        {
            return null;
        }

        // S_IFMT of inode(7).
        return (MemoryMarshal.Read<ushort>(stat[ModeOffset..]) & 0xF000) switch
        {
            0x8000 => FileKind.Plain,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            0x1000 => FileKind.Pipe,
            _ => FileKind.Other,
        };
    }

    /// <summary>For a sentence: "a symbolic link".</summary>
    public static string Name(FileKind kind) => kind switch
    {
        FileKind.Plain => "a file",
        FileKind.Folder => "a folder",
        FileKind.Link => "a symbolic link",
        FileKind.Pipe => "a pipe",
        FileKind.Other => "a socket or a device",
    };

    /// <summary>Whether an open file is the very one that its name stands for, and no link led to it.</summary>
    public static bool IsStill(string path, SafeFileHandle file)
    {
        Span<byte> named = stackalloc byte[StatSize];
        Span<byte> open = stackalloc byte[StatSize];
        return StatFile(CurrentFolder, path, NoFollow, WantInode, ref MemoryMarshal.GetReference(named)) == 0
            && StatHandle(file, "", ItsOwnPath, WantInode, ref MemoryMarshal.GetReference(open)) == 0
            && named.Slice(InodeOffset, sizeof(ulong)).SequenceEqual(open.Slice(InodeOffset, sizeof(ulong)))
            && named.Slice(DeviceOffset, sizeof(ulong)).SequenceEqual(open.Slice(DeviceOffset, sizeof(ulong)));
    }

    /// <summary><c>null</c> if there is no such file.</summary>
    public static uint? Of(string path) => StatOf(path)?.User;

    /// <summary>Who may use a file that lets its group in, and how to become one who does; to stand behind its name.</summary>
    public static string WhoMay(string path)
    {
        string user = Environment.UserName is { Length: > 0 } name ? name : "USER";
        string group = GroupOf(path);
        return $"is for root and members of the group {group}, and this program never has more rights than its caller: use sudo, "
            + $"or become a member (as root: usermod -aG {group} {user}; then log in anew)";
    }

    /// <summary>Whether we may look at a folder, be it as a member of its group.</summary>
    public static bool MayEnter(string folder) => Access(folder, ReadAndEnter) == 0;

    /// <summary>
    /// Gives what has just been made to those who have the folder it is in: what root has made to the folder's owner, so that the service can
    /// use it; and where the folder's group may enter, to the group, so that its members can look at the queue and bring mail to it.
    /// </summary>
    /// <param name="isFolder">It is a folder itself.</param>
    /// <exception cref="IOException"/>
    public static void TakeFromFolder(SafeFileHandle file, string folder, bool isFolder = false)
    {
        const UnixFileMode group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        Stat above = StatOf(folder) ?? throw Failure("statx", folder);
        bool isShared = above.Mode.HasFlag(UnixFileMode.GroupExecute);
        if (!Environment.IsPrivilegedProcess && !isShared)
        {
            return;
        }

        // The service may not be permitted the call, and need not make it: what it makes has its group.
        Stat own = StatOf(file) ?? throw Failure("statx in", folder);
        uint user = Environment.IsPrivilegedProcess ? above.User : Unchanged;
        if ((user != Unchanged || own.Group != above.Group) && ChangeOwner(file, user, above.Group) != 0)
        {
            // An owner who is not in the group of his folder keeps what is his to himself. What others leave there he must be able to read.
            isShared = above.User == Ourselves ? false : throw Failure("fchown in", folder);
        }

        if (isShared)
        {
            File.SetUnixFileMode(file, own.Mode | group | (isFolder ? UnixFileMode.GroupExecute : 0));
        }
    }

    /// <summary>The name of a file's group, as group(5) has it, or else its number.</summary>
    private static string GroupOf(string path)
    {
        string id = StatOf(path)?.Group.ToString(CultureInfo.InvariantCulture) ?? "";
        string[] groups = File.Exists(GroupFile) ? File.ReadAllLines(GroupFile) : [];
        return groups.Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == id)?[0] ?? id;
    }

    private static IOException Failure(string call, string folder)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {folder}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    private static Stat? StatOf(string path)
    {
        Span<byte> stat = stackalloc byte[StatSize];
        return StatFile(CurrentFolder, path, 0, WantOwnerAndMode, ref MemoryMarshal.GetReference(stat)) == 0 ? Stat.Read(stat) : null;
    }

    private static Stat? StatOf(SafeFileHandle file)
    {
        Span<byte> stat = stackalloc byte[StatSize];
        return StatHandle(file, "", ItsOwnPath, WantOwnerAndMode, ref MemoryMarshal.GetReference(stat)) == 0 ? Stat.Read(stat) : null;
    }

    private readonly record struct Stat(uint User, uint Group, UnixFileMode Mode)
    {
        private const int Permissions = 0xFFF;

        public static Stat Read(ReadOnlySpan<byte> stat) => new(
            MemoryMarshal.Read<uint>(stat[UserIdOffset..]),
            MemoryMarshal.Read<uint>(stat[GroupIdOffset..]),
            (UnixFileMode)(MemoryMarshal.Read<ushort>(stat[ModeOffset..]) & Permissions));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFile(int folder, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatHandle(SafeFileHandle file, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int rights);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);
}
