using System.Globalization;
using RelayProxy.Delivery.Local;

namespace RelayProxy.Commands.Install;

/// <summary>What starts programs on a machine.</summary>
internal enum ServiceKind
{
    None,
    Systemd,
    OpenRc,
    FreeBsd,
}

/// <summary>The machine that is installed to: this one, or the tree of one that is being made (<c>--root</c>), whose users and packages count and
/// whose programs are not run.</summary>
internal sealed record InstallSite
{
    /// <param name="root"><c>/</c>, or the folder of the tree.</param>
    public InstallSite(string root) => Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary><c>/</c>, or the folder of the tree, without a slash at its end.</summary>
    public string Root { get; }

    /// <summary>It is the machine that this runs on: its service manager can be told.</summary>
    public bool IsLive => Root == "/";

    /// <summary>Says why a queue is not to be thrown away; <c>null</c> if nothing waits in it.</summary>
    public Func<string, string?> MailIn { get; init; } = static _ => null;

    public bool IsDebian => Exists("/var/lib/dpkg/status") && SystemTools.Has("dpkg-divert");

    /// <summary>What runs, or what would in a tree.</summary>
    public ServiceKind Services =>
        Exists("/run/systemd/system") ? ServiceKind.Systemd
        : Exists("/run/openrc") ? ServiceKind.OpenRc
        : Exists("/lib/systemd/systemd") || Exists("/usr/lib/systemd/systemd") ? ServiceKind.Systemd
        : Exists("/sbin/openrc-run") || Exists("/usr/sbin/openrc-run") ? ServiceKind.OpenRc
        : Exists("/etc/rc.subr") ? ServiceKind.FreeBsd
        : ServiceKind.None;

    /// <summary>The service manager is there to be told now.</summary>
    public bool ServicesRun => IsLive && Services switch
    {
        ServiceKind.Systemd => Exists("/run/systemd/system"),
        ServiceKind.OpenRc => Exists("/run/openrc"),
        ServiceKind.FreeBsd => true,
        ServiceKind.None => false,
    };

    /// <summary>Where a path of that machine is to be found on this one.</summary>
    public string this[string path] => IsLive ? path : Root + path;

    /// <summary>Whether anything stands there, be it a link to nowhere.</summary>
    public bool Exists(string path)
    {
        try
        {
            return Posix.Facts(this[path], followLinks: false) is not null;
        }
        catch (PosixException fault) when (fault.Error == PosixException.NotAFolder)
        {
            return false;
        }
    }

    public uint? UserId(string name) => NumberOf("/etc/passwd", name);

    public uint? GroupId(string name) => NumberOf("/etc/group", name);

    /// <summary>Sets whose it is, and who may use it.</summary>
    /// <param name="mode">Octal.</param>
    public void Give(string path, string owner, string group, string mode)
    {
        uint user = UserId(owner) ?? throw new InstallException($"{this["/etc/passwd"]} has no user {owner}");
        uint groupId = GroupId(group) ?? GroupOfRoot(group) ?? throw new InstallException($"{this["/etc/group"]} has no group {group}");
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = Posix.Open(this[path], Posix.ReadOnly);
        Posix.ChangeOwner(file, user, groupId, this[path]);
        Posix.ChangeMode(file, Convert.ToUInt32(mode, 8), this[path]);
    }

    /// <summary>An option and the tree, for programs that act on one; nothing for this machine.</summary>
    public string[] RootOption(string option) => IsLive ? [] : [option, Root];

    /// <summary>The third column of a line of passwd(5) or group(5).</summary>
    private uint? NumberOf(string file, string name)
    {
        if (!File.Exists(this[file]))
        {
            return null;
        }

        string? line = File.ReadLines(this[file]).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line?.Split(':') is [_, _, var number, ..] && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? id : null;
    }

    /// <summary>FreeBSD calls it wheel.</summary>
    private static uint? GroupOfRoot(string group) => group == "root" ? 0 : null;
}
