using System.Runtime.InteropServices;
using RelayProxy.Rewrite;

namespace RelayProxy.Delivery.Local;

/// <summary>A user of this machine.</summary>
/// <param name="Id"><c>null</c>: listed in <c>Local:Users</c> and unknown to the system, as users of an LMTP server may be. Likewise
/// <paramref name="Group"/>.</param>
/// <param name="Home">Empty if there is none.</param>
internal sealed record LocalUser(string Name, uint? Id, uint? Group, string Home, string Shell);

/// <summary>What came of asking for a user.</summary>
/// <param name="Trouble">Why the system cannot say just now (a directory server that is away); <c>null</c> if it could.</param>
internal readonly record struct UserAnswer(LocalUser? User, string? Trouble = null);

/// <summary>
/// Who is a local user: those of <c>Local:Users</c>, or whoever the system knows (passwd, and through NSS LDAP and others). Nothing is
/// remembered: who was made a user a moment ago gets mail.
/// </summary>
internal sealed partial class SystemUsers(Func<LocalOptions> options) : ILocalUsers
{
    public bool HaveMailboxes => options().Delivery != LocalMailbox.None;

    /// <inheritdoc/>
    /// <remarks>What the system cannot say now counts as yes: delivery will ask again, and waits until it hears.</remarks>
    public string? NameOf(string name) => Find(name, out string spelling) is { User: null, Trouble: null } ? null : spelling;

    /// <summary>The user of a name, as it is written or in lower case.</summary>
    public UserAnswer Find(string name) => Find(name, out _);

    private UserAnswer Find(string name, out string spelling)
    {
        IList<string> listed = options().Users;
        if (listed.Count == 0)
        {
            return Ask(name, out spelling);
        }

        spelling = listed.FirstOrDefault(user => user.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? "";
        if (spelling.Length == 0)
        {
            return default;
        }

        UserAnswer answer = Ask(spelling);
        return answer is { User: null, Trouble: null } ? new UserAnswer(new LocalUser(spelling, null, null, "", "")) : answer;
    }

    /// <summary>Whether a name can be a user's, and part of a path.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 255 && name[0] is not ('.' or '-') && !name.Any(letter => letter is '/' or ':' or <= ' ' or '\x7f');

    /// <summary>Asks the system alone.</summary>
    public static UserAnswer Ask(string name) => Ask(name, out _);

    private static UserAnswer Ask(string name, out string spelling)
    {
        spelling = name;
        if (!IsName(name))
        {
            return default;
        }

        UserAnswer answer = AskExactly(name);
        string lower = name.ToLowerInvariant();
        if (answer is not { User: null, Trouble: null } || lower == name)
        {
            return answer;
        }

        spelling = lower;
        return AskExactly(lower);
    }

    private static UserAnswer AskExactly(string name)
    {
        const int TooSmall = 34, NoEntry = 2, NoProcess = 3, BadDescriptor = 9, NotPermitted = 1, Interrupted = 4;
        Span<nint> entry = stackalloc nint[16];
        for (int octets = 4096; ;)
        {
            Span<byte> buffer = GC.AllocateUninitializedArray<byte>(octets, pinned: true);
            int error = GetUser(name, entry, buffer, (nuint)buffer.Length, out nint found);
            switch (error)
            {
                case 0:
                    return found == 0 ? default : new UserAnswer(Read(entry));
                case Interrupted:
                    continue;
                case TooSmall when octets < 1024 * 1024:
                    octets *= 4;
                    continue;

                // getpwnam(3) lists these, too, as ways of saying that there is none.
                case NoEntry or NoProcess or BadDescriptor or NotPermitted:
                    return default;
                default:
                    return new UserAnswer(null, Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    /// <summary>struct passwd { char *pw_name, *pw_passwd; uid_t pw_uid; gid_t pw_gid; char *pw_gecos, *pw_dir, *pw_shell; }, in glibc as
    /// in musl.</summary>
    private static LocalUser Read(ReadOnlySpan<nint> entry)
    {
        ReadOnlySpan<uint> ids = MemoryMarshal.Cast<nint, uint>(entry[2..]);
        int texts = 2 + (2 * sizeof(uint) / nint.Size);
        return new LocalUser(Text(entry[0]), ids[0], ids[1], Text(entry[texts + 1]), Text(entry[texts + 2]));
    }

    private static string Text(nint pointer) => Marshal.PtrToStringUTF8(pointer) ?? "";

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetUser(string name, Span<nint> entry, Span<byte> buffer, nuint octets, out nint result);
}
