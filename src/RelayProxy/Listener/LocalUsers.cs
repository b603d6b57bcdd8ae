using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace RelayProxy.Listener;

/// <summary>Users and groups, as the system's databases have them (files, LDAP, systemd).</summary>
internal static class LocalUsers
{
    /// <summary>Users remembered at most: asking may mean asking a directory server.</summary>
    private const int MaxRemembered = 4096;

    private static readonly ConcurrentDictionary<uint, string> s_names = new();

    /// <summary>The name of a user; empty where there is none.</summary>
    public static string NameOf(uint userId)
    {
        if (s_names.TryGetValue(userId, out string? name))
        {
            return name;
        }

        AskUser(userId, out name, out _);
        if (s_names.Count < MaxRemembered)
        {
            s_names[userId] = name;
        }

        return name;
    }

    public static Answer TryFindUser(string name, out uint userId)
    {
        Span<nint> entry = stackalloc nint[16];
        int error, octets = 4096;
        nint found;
        do
        {
            Span<byte> buffer = GC.AllocateUninitializedArray<byte>(octets, pinned: true);
            error = LinuxNative.GetUser(name, entry, buffer, (nuint)buffer.Length, out found);
        }
        while (IsToBeRepeated(error, ref octets));

        userId = found != 0 ? UserAndGroup(entry)[0] : 0;
        return AnswerOf(error, found);
    }

    public static Answer TryFindGroup(string name, out uint groupId)
    {
        // struct group { char *gr_name; char *gr_passwd; gid_t gr_gid; char **gr_mem; }
        Span<nint> entry = stackalloc nint[8];
        int error, octets = 64 * 1024;
        nint found;
        do
        {
            Span<byte> buffer = GC.AllocateUninitializedArray<byte>(octets, pinned: true);
            error = LinuxNative.GetGroup(name, entry, buffer, (nuint)buffer.Length, out found);
        }
        while (IsToBeRepeated(error, ref octets));

        groupId = found != 0 ? (uint)entry[2] : 0;
        return AnswerOf(error, found);
    }

    /// <summary>Whether a user is in a group, be it his own or another. Whoever has no name is in none.</summary>
    public static Answer IsInGroup(uint userId, uint groupId)
    {
        Answer answer = AskUser(userId, out string name, out uint own);
        if (answer != Answer.Yes || own == groupId)
        {
            return answer;
        }

        Span<uint> groups = new uint[64];
        int count = groups.Length;
        while (LinuxNative.GetGroups(name, own, groups, ref count) < 0 && count > groups.Length)
        {
            groups = new uint[count];
        }

        return groups[..Math.Min(count, groups.Length)].Contains(groupId) ? Answer.Yes : Answer.No;
    }

    private static Answer AskUser(uint userId, out string name, out uint groupId)
    {
        Span<nint> entry = stackalloc nint[16];
        int error, octets = 4096;
        nint found;
        do
        {
            // The name points into it.
            Span<byte> buffer = GC.AllocateUninitializedArray<byte>(octets, pinned: true);
            error = LinuxNative.GetUser(userId, entry, buffer, (nuint)buffer.Length, out found);
            name = found != 0 ? Marshal.PtrToStringUTF8(entry[0]) ?? "" : "";
        }
        while (IsToBeRepeated(error, ref octets));

        groupId = found != 0 ? UserAndGroup(entry)[1] : 0;
        return AnswerOf(error, found);
    }

    /// <summary>struct passwd { char *pw_name, *pw_passwd; uid_t pw_uid; gid_t pw_gid; … }, in glibc as in musl.</summary>
    private static ReadOnlySpan<uint> UserAndGroup(ReadOnlySpan<nint> entry) => MemoryMarshal.Cast<nint, uint>(entry[2..]);

    private static bool IsToBeRepeated(int error, ref int octets)
    {
        const int Interrupted = 4, TooSmall = 34;
        if (error == TooSmall && octets < 1024 * 1024)
        {
            octets *= 4;
            return true;
        }

        return error == Interrupted;
    }

    /// <summary>getpwnam(3) lists some errors, too, as ways of saying that there is nobody.</summary>
    private static Answer AnswerOf(int error, nint found)
    {
        const int NotPermitted = 1, NoEntry = 2, NoProcess = 3, BadDescriptor = 9;
        return error switch
        {
            0 when found != 0 => Answer.Yes,
            0 or NotPermitted or NoEntry or NoProcess or BadDescriptor => Answer.No,
            _ => Answer.Unknown,
        };
    }
}
