using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue;

/// <summary>Whose a file is, which the runtime does not tell.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const uint WantOwner = 0x08 | 0x10;

    // struct statx, the same on every architecture: stx_mask, stx_blksize, stx_attributes (8 octets), stx_nlink, stx_uid, stx_gid.
    private const int StatSize = 256;
    private const int UserIdOffset = 20;
    private const int GroupIdOffset = 24;

    public static uint Ourselves => GetEffectiveUserId();

    /// <summary><c>null</c> if there is no such file.</summary>
    public static uint? Of(string path)
    {
        Span<byte> stat = stackalloc byte[StatSize];
        return Stat(CurrentFolder, path, 0, WantOwner, ref MemoryMarshal.GetReference(stat)) == 0
            ? ReadUInt32(stat, UserIdOffset)
            : null;
    }

    /// <summary>Gives a file that root has just made to the owner of the folder it is in, so that the service can use it.</summary>
    /// <exception cref="IOException"/>
    public static void TakeFromFolder(SafeFileHandle file, string folder)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        Span<byte> stat = stackalloc byte[StatSize];
        if (Stat(CurrentFolder, folder, 0, WantOwner, ref MemoryMarshal.GetReference(stat)) != 0
            || ChangeOwner(file, ReadUInt32(stat, UserIdOffset), ReadUInt32(stat, GroupIdOffset)) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new IOException($"fchown in {folder}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    private static uint ReadUInt32(ReadOnlySpan<byte> stat, int offset) =>
        BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(stat[offset..])
            : BinaryPrimitives.ReadUInt32BigEndian(stat[offset..]);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);
}
