using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Packaging;

/// <summary>
/// A whole Debian in a folder of its own (debootstrap), with the programs of other people that send mail, and with dma as its mail transport agent.
/// It is made once and never changed: each <see cref="DebianMachine"/> keeps its own changes to itself.
/// </summary>
public sealed class DebianTree : IAsyncLifetime
{
    /// <summary>In a mount namespace of its own, so that whatever is mounted there is gone at the end, come what may.</summary>
    private const string Make = """
        set -e
        tree=$1
        mount --make-rprivate /
        debootstrap --variant=minbase bookworm "$tree"

        # Nothing is started by an installation, and nothing here has to survive a power cut.
        printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
        chmod 755 "$tree/usr/sbin/policy-rc.d"
        echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/fast"
        mount -t proc proc "$tree/proc"
        mount --rbind /dev "$tree/dev"
        export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
        install="chroot $tree apt-get install --yes --quiet=2 --no-install-recommends"
        $install adduser ca-certificates libssl3 libstdc++6 iproute2 \
            dma bsd-mailx cron git-email libmailtools-perl mutt php-cli python3

        # To be installed when there is no network.
        $install --download-only postfix
        chroot "$tree" useradd --create-home --shell /bin/bash anna
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("relayproxy-debian-").FullName;

    /// <summary>Its root.</summary>
    public string Path => System.IO.Path.Combine(_folder, "tree");

    public async ValueTask InitializeAsync()
    {
        Assert.True(Environment.IsPrivilegedProcess, "A Debian in a folder needs root (chroot, mount): run the tests as root.");
        await Programs.RequireAsync("debootstrap", "unshare", "nsenter");
        (int status, string output) = await ChildProcess.RunAsync(
            "unshare",
            ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", Make, "sh", Path],
            patience: TimeSpan.FromMinutes(8));
        Assert.True(status == 0, $"No Debian could be made, for which packages from Debian's servers are needed:\n{output}");
    }

    public async ValueTask DisposeAsync() => await Programs.RunAsync("rm", "-rf", "--one-file-system", _folder);
}
