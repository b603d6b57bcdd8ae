using System.Globalization;
using RelayProxy.Commands.Install;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Install;

/// <summary>The tree of a machine that is being made, in a folder: as much of one as <c>install --root</c> looks at.</summary>
internal sealed class MachineTree : IDisposable
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>What the tools that make users, and dpkg-divert, leave behind.</summary>
    private static readonly string[] s_leftBehind =
        ["/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/.pwd.lock", "/var/lib/dpkg/diversions-old"];

    private readonly TemporaryFolder _folder = new();

    /// <param name="files">Beside those that every machine has; a folder ends in a slash.</param>
    public MachineTree(params string[] files)
    {
        Write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        Write("/etc/group", "root:x:0:\n");
        Write("/etc/shadow", "root:*:19000::::::\n");
        Write("/etc/gshadow", "");
        foreach (string file in files)
        {
            if (file.EndsWith('/'))
            {
                Directory.CreateDirectory(this[file]);
            }
            else
            {
                Write(file, "");
            }
        }

        Write("/program/relayproxy", "the program");
        Write("/program/relayproxy.dll", "its rest");
    }

    /// <summary>A Debian that systemd starts.</summary>
    public static string[] Debian { get; } =
        ["/usr/lib/systemd/systemd", "/var/lib/dpkg/status", "/var/lib/dpkg/diversions", "/var/lib/dpkg/updates/", "/var/lib/dpkg/info/", "/usr/sbin/", "/usr/bin/", "/etc/apparmor.d/"];

    /// <summary>An Alpine.</summary>
    public static string[] OpenRc { get; } = ["/sbin/openrc-run", "/etc/init.d/", "/etc/runlevels/default/", "/etc/logrotate.d/", "/usr/sbin/", "/usr/bin/"];

    public static string[] FreeBsd { get; } = ["/etc/rc.subr", "/usr/local/etc/rc.d/", "/usr/local/sbin/", "/etc/mail/mailer.conf"];

    public string Root => _folder.Path;

    public InstallSite Site => new(Root);

    public ProgramFiles Program => new(this["/program"], ["relayproxy", "relayproxy.dll"]);

    public string this[string path] => _folder.Path + path;

    public void Write(string path, string content) => _folder.Write(path[1..], content, FileMode);

    public string Read(string path) => File.ReadAllText(this[path]);

    public bool Exists(string path) => Site.Exists(path);

    /// <summary>Everything in it, with its mode, its content or where it leads.</summary>
    public string Listing() => string.Join('\n', Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Where(path => !s_leftBehind.Contains(path[Root.Length..]))
        .Select(path =>
        {
            var file = new FileInfo(path);
            string what = file.LinkTarget is { } target ? $"-> {target}" : Directory.Exists(path) ? "/" : File.ReadAllText(path);
            return string.Create(CultureInfo.InvariantCulture, $"{path[Root.Length..]} {(int)file.UnixFileMode} {what}");
        }));

    public void Dispose() => _folder.Dispose();
}
