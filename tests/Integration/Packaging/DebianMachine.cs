using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Packaging;

/// <summary>
/// A machine with a Debian on it, as far as a test can tell: files, processes, a name and a network of its own, of which the last has nothing but
/// loopback, so that port 25 is nobody else's. What changes is kept in memory, over a <see cref="DebianTree"/>; all of it is gone with the machine.
/// </summary>
internal sealed partial class DebianMachine : IAsyncDisposable
{
    /// <summary>The first process: it holds the namespaces, and ends by itself if everybody should have forgotten it.</summary>
    private const string Hold = """
        set -e
        tree=$1 package=$2 here=$3
        mount --make-rprivate /
        mount -t tmpfs tmpfs "$here"
        mkdir "$here/upper" "$here/work" "$here/root"
        mount -t overlay overlay -o "lowerdir=$tree,upperdir=$here/upper,workdir=$here/work" "$here/root"
        cd "$here/root"
        mount -t proc proc proc
        mount --rbind /dev dev
        cp "$package" root/
        hostname box
        printf '127.0.0.1 localhost smarthost.test\n127.0.1.1 box.example.net box\n::1 localhost\n' >etc/hosts
        echo example.net >etc/mailname
        chroot . /usr/sbin/ip link set lo up

        # As where a relay without any right may listen.
        echo 0 >proc/sys/net/ipv4/ip_unprivileged_port_start
        touch a-machine-of-the-tests

        # Only from here on is this root the root of whoever comes in.
        exec chroot . sh -c 'echo ready; exec sleep 1200'
        """;

    /// <summary>What is done there must never be done anywhere else. As somebody who has logged in at home.</summary>
    private const string Enter = """
        [ -e /a-machine-of-the-tests ] || { echo 'this is not the machine of the tests' >&2; exit 70; }
        home=$(getent passwd "$1" | cut -d: -f6)
        cd "$home" 2>/dev/null || cd /
        exec setpriv --reuid "$1" --regid "$(id -g "$1")" --init-groups env HOME="$home" USER="$1" LOGNAME="$1" bash -c "$2"
        """;

    /// <summary>What a login shell would have set, and nothing of the tests'.</summary>
    private static readonly string[] s_environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"];

    private readonly TemporaryFolder _folder;
    private readonly ChildProcess _holder;
    private readonly string _firstProcess;

    private DebianMachine(TemporaryFolder folder, ChildProcess holder)
    {
        (_folder, _holder) = (folder, holder);
        _firstProcess = File.ReadAllText($"/proc/{holder.Id}/task/{holder.Id}/children").Trim();
    }

    /// <summary>A machine with the package in root's home, not installed.</summary>
    public static async Task<DebianMachine> StartAsync(DebianTree tree, DebianPackage package)
    {
        var folder = new TemporaryFolder();
        var holder = ChildProcess.Start(
            "unshare",
            ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "sh", "-c", Hold, "sh", tree.Path, package.Path, folder.Path]);
        await holder.WaitForLineAsync(line => line == "ready");
        return new DebianMachine(folder, holder);
    }

    /// <summary>Runs a script as root.</summary>
    /// <returns>What it printed.</returns>
    public Task<string> RunAsync(string script) => RunAsAsync("root", script);

    /// <summary>Runs a script as one of the machine's users.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsAsync(string user, string script)
    {
        (int status, string output) = await TryAsync(user, script);
        Assert.True(status == 0, $"{script}\nended with {status}:\n{output}");
        return output;
    }

    /// <summary>Runs a script that may fail.</summary>
    public Task<(int Status, string Output)> TryAsync(string user, string script) =>
        ChildProcess.RunAsync("nsenter", Inside(user, script), patience: TimeSpan.FromMinutes(3));

    /// <summary>Starts a script that goes on.</summary>
    public ChildProcess Start(string user, string script) => ChildProcess.Start("nsenter", Inside(user, script));

    /// <summary>Has a smarthost listen on this machine's own loopback.</summary>
    public void Listen(FakeSmarthost smarthost, int port)
    {
        // A thread of its own, which ends with that: a socket stays where it was made, and a thread that others use has to stay where they are.
        Exception? trouble = null;
        var thread = new Thread(() =>
        {
            try
            {
                using SafeFileHandle network = File.OpenHandle($"/proc/{_firstProcess}/ns/net", share: FileShare.ReadWrite);
                Assert.True(EnterNamespace(network, 0) == 0, $"setns: {Marshal.GetLastPInvokeErrorMessage()}");
                smarthost.Listen(port);
            }
            catch (Exception fault)
            {
                trouble = fault;
            }
        });
        thread.Start();
        thread.Join();
        Assert.True(trouble is null, trouble?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        _folder.Dispose();
    }

    private string[] Inside(string user, string script) =>
    [
        "--target", _firstProcess, "--mount", "--net", "--pid", "--uts", "--ipc", "--root", "--wd", "env", "-i", .. s_environment,
        "sh", "-c", Enter, "sh", user, script,
    ];

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int EnterNamespace(SafeFileHandle descriptor, int kind);
}
