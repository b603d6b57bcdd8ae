using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace RelayProxy.Listener;

/// <summary>Names of users and groups, as the system's databases have them (files, LDAP, systemd).</summary>
internal static class LocalUsers
{
    /// <summary>Users remembered at most: asking may mean asking a directory server.</summary>
    private const int MaxRemembered = 4096;

    private static readonly ConcurrentDictionary<int, string> s_names = new();

    /// <summary>The name of a user; empty where there is none.</summary>
    public static string NameOf(int userId)
    {
        if (s_names.TryGetValue(userId, out string? name))
        {
            return name;
        }

        name = Ask(userId);
        if (s_names.Count < MaxRemembered)
        {
            s_names[userId] = name;
        }

        return name;
    }

    public static bool TryFindGroup(string name, out uint groupId)
    {
        // struct group { char *gr_name; char *gr_passwd; gid_t gr_gid; char **gr_mem; }
        Span<nint> entry = stackalloc nint[8];
        Span<byte> buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
        bool found = LinuxNative.GetGroup(name, entry, buffer, (nuint)buffer.Length, out nint result) == 0 && result != 0;
        groupId = found ? (uint)entry[2] : 0;
        return found;
    }

    private static string Ask(int userId)
    {
        // struct passwd begins with char *pw_name, in glibc as in musl.
        Span<nint> entry = stackalloc nint[16];
        Span<byte> buffer = GC.AllocateUninitializedArray<byte>(16 * 1024, pinned: true);
        return LinuxNative.GetUser((uint)userId, entry, buffer, (nuint)buffer.Length, out nint result) == 0 && result != 0
            ? Marshal.PtrToStringUTF8(entry[0]) ?? ""
            : "";
    }
}
