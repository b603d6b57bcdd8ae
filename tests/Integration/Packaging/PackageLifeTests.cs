using RelayProxy.Harness;

namespace RelayProxy.Integration.Packaging;

/// <summary>The package comes, goes, and comes back, each time on a machine of its own.</summary>
[Collection(nameof(Debian))]
public sealed class PackageLifeTests(DebianTree tree, DebianPackage package)
{
    /// <summary>Every file with its mode and owner, those of /etc with their content; but what apt and dpkg remember, and what is gone with a start.</summary>
    private const string Snapshot = """
        find / -xdev \( -path /proc -o -path /dev -o -path /run -o -path /tmp -o -path /root -o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg \) -prune \
            -o ! -type d -printf '%p %M %u:%g\n' | grep -v ' ->' | sort
        find /etc -type f -exec sha256sum {} + | awk '{ print $2, $1 }' | sort
        """;

    /// <summary>A user more is what these differ by.</summary>
    private static readonly string[] s_users =
        [.. new[] { "passwd", "group", "shadow", "gshadow" }.SelectMany(name => new[] { $"/etc/{name}", $"/etc/{name}-" }), "/etc/subuid", "/etc/subgid"];

    [Fact]
    public async Task It_takes_dmas_place_and_lacking_a_smarthost_is_told_but_is_no_failure()
    {
        await using InstalledRelay relay = await InstalledRelay.InstallAsync(tree, package);

        Assert.Contains("Removing dma ", relay.Installation, StringComparison.Ordinal);
        Assert.Contains("relayproxy cannot send mail yet:", relay.Installation, StringComparison.Ordinal);
        Assert.Contains("Smarthost:Host", relay.Installation, StringComparison.Ordinal);
        Assert.Equal("ii  relayproxy", await relay.Machine.RunAsync("dpkg-query -W -f '${db:Status-Abbrev} ${Package}' relayproxy"));
        Assert.Equal("rc  dma", await relay.Machine.RunAsync("dpkg-query -W -f '${db:Status-Abbrev} ${Package}' dma"));
        Assert.Empty(await relay.Machine.RunAsync("dpkg --audit; apt-get check --quiet=2"));
        Assert.Equal(
            "root:relayproxy 640 /etc/relayproxy/relayproxy.json\nrelayproxy:relayproxy 750 /var/lib/relayproxy",
            await relay.Machine.RunAsync("stat -c '%U:%G %a %n' /etc/relayproxy/relayproxy.json /var/lib/relayproxy"));
        Assert.Equal("postmaster: root", await relay.Machine.RunAsync("grep -v '^#' /etc/aliases"));
        Assert.Equal("/usr/sbin/nologin", await relay.Machine.RunAsync("getent passwd relayproxy | cut -d: -f7"));
        await relay.Machine.RunAsync("test -L /etc/systemd/system/sockets.target.wants/relayproxy.socket");
    }

    [Fact]
    public async Task It_takes_Postfixs_place_and_gives_it_back()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(tree, package);
        await machine.RunAsync("""
            echo 'postfix postfix/main_mailer_type select Local only' | debconf-set-selections
            apt-get install --yes --no-download postfix
            echo 'root: anna' >>/etc/aliases
            """);
        string aliases = await machine.RunAsync("cat /etc/aliases");

        Assert.Contains("Removing postfix ", await machine.RunAsync("apt-get install --yes ./relayproxy_*.deb"), StringComparison.Ordinal);
        Assert.Equal(aliases, await machine.RunAsync("cat /etc/aliases"));
        Assert.Equal("/usr/lib/relayproxy/relayproxy", await machine.RunAsync("realpath /usr/sbin/sendmail"));

        Assert.Contains("Removing relayproxy ", await machine.RunAsync("apt-get install --yes --no-download postfix"), StringComparison.Ordinal);
        Assert.Equal("/usr/sbin/sendmail", await machine.RunAsync("realpath /usr/lib/sendmail"));
        Assert.Equal(aliases, await machine.RunAsync("cat /etc/aliases"));
        Assert.Empty(await machine.RunAsync("dpkg --audit"));
    }

    [Fact]
    public async Task What_the_administrator_did_stays_when_it_is_installed_again()
    {
        await using InstalledRelay relay = await InstalledRelay.InstallAsync(tree, package);
        await relay.ConfigureAsync();
        await relay.Machine.RunAsync("echo 'root: anna@example.com' >>/etc/aliases");
        string before = await relay.Machine.RunAsync("cat /etc/relayproxy/* /etc/aliases; stat -c '%U:%G %a %n' /etc/relayproxy/*");

        string said = await relay.Machine.RunAsync("apt-get install --yes --reinstall ./relayproxy_*.deb");

        Assert.Equal(before, await relay.Machine.RunAsync("cat /etc/relayproxy/* /etc/aliases; stat -c '%U:%G %a %n' /etc/relayproxy/*"));
        Assert.DoesNotContain("cannot send mail yet", said, StringComparison.Ordinal);

        // A file that was deleted was not wanted.
        await relay.Machine.RunAsync("rm /etc/relayproxy/relayproxy.json; dpkg-reconfigure relayproxy; test ! -e /etc/relayproxy/relayproxy.json");
    }

    [Fact]
    public async Task Removed_it_leaves_settings_and_queue_and_purged_nothing_but_the_aliases_and_the_user()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(tree, package);
        await machine.RunAsync("dpkg --purge --force-depends dma");
        string[] before = Lines(await machine.RunAsync(Snapshot));
        await machine.RunAsync("dpkg --install relayproxy_*.deb && echo secret >/etc/relayproxy/smtp_password");

        await machine.RunAsync("dpkg --remove --force-depends relayproxy");
        string[] removed = Paths(Lines(await machine.RunAsync(Snapshot)).Except(before));
        Assert.Equal(
            [
                "/etc/aliases", "/etc/apparmor.d/local/usr.lib.relayproxy", "/etc/apparmor.d/usr.lib.relayproxy", "/etc/relayproxy/relayproxy.json",
                "/etc/relayproxy/smtp_password", "/etc/systemd/system/multi-user.target.wants/relayproxy.service",
                "/etc/systemd/system/sockets.target.wants/relayproxy.socket",
            ],
            removed.Where(path => !path.StartsWith("/var/lib/", StringComparison.Ordinal)));
        Assert.Contains("/var/lib/relayproxy/empty-at-removal", removed);

        await machine.RunAsync("dpkg --purge --force-depends relayproxy");
        string[] after = Lines(await machine.RunAsync(Snapshot));
        Assert.Equal(["/etc/aliases"], Paths(after.Except(before)));
        Assert.Empty(Paths(before.Except(after)));
        Assert.Empty(await machine.RunAsync("find / -xdev -path '*relayproxy*' -not -path '/root/*' -not -path '/var/lib/dpkg/*' -not -path '/var/cache/*'"));
        await machine.RunAsync("getent passwd relayproxy");
    }

    [Fact]
    public async Task Mail_that_waits_survives_a_purge_and_is_delivered_when_the_package_is_back()
    {
        await using InstalledRelay relay = await InstalledRelay.InstallAsync(tree, package);
        relay.Smarthost.OnGreeting = _ => FakeAnswer.Reply("421 4.3.2 Come back later");
        await relay.ConfigureAsync();
        await relay.StartAsync();
        await relay.Machine.RunAsync("printf 'Subject: One\\n\\nHello\\n' | sendmail you@example.com");
        await relay.StopAsync();

        // Nobody serves at the moment: as at the start of a machine.
        await relay.Machine.RunAsync("printf 'Subject: Two\\n\\nHello\\n' | sendmail you@example.com");
        Assert.EndsWith("Kbytes in 2 Requests.", await relay.Machine.RunAsync("mailq"), StringComparison.Ordinal);

        Assert.Contains("mail waits in /var/lib/relayproxy", await relay.Machine.RunAsync("dpkg --remove --force-depends relayproxy"), StringComparison.Ordinal);
        Assert.Contains("/var/lib/relayproxy stays", await relay.Machine.RunAsync("dpkg --purge --force-depends relayproxy"), StringComparison.Ordinal);
        await relay.Machine.RunAsync("test ! -e /etc/relayproxy");

        relay.Smarthost.OnGreeting = null;
        await relay.Machine.RunAsync("dpkg --install relayproxy_*.deb");
        await relay.ConfigureAsync();
        await relay.StartAsync();
        await relay.Machine.RunAsync("relayproxy queue retry --all");
        string[] subjects = [.. new[] { await relay.Smarthost.NextMailAsync(), await relay.Smarthost.NextMailAsync() }.Select(Subject).Order()];
        Assert.Equal(["Subject: One", "Subject: Two"], subjects);
    }

    private static string Subject(CapturedMail mail) => mail.Text.Split("\r\n").Single(line => line.StartsWith("Subject: ", StringComparison.Ordinal));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Paths(IEnumerable<string> lines) => [.. lines.Select(line => line.Split(' ')[0]).Except(s_users).Distinct().Order(StringComparer.Ordinal)];
}
