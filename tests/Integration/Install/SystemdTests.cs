using RelayProxy.Harness;

namespace RelayProxy.Integration.Install;

/// <summary>The relay on a machine that systemd has booted, by the unit files and by <c>install</c>, as a new user has it.</summary>
public sealed class SystemdTests
{
    /// <summary>What install touches, with mode, owner and where it leads. All of a tree is compared by <see cref="InstallTests"/>; here, what other
    /// programs do to this machine meanwhile would be seen too.</summary>
    private const string Listing =
        """
        find /etc /usr/bin /usr/sbin /usr/lib /var/lib -maxdepth 4 -printf '%M %U:%G %p %l\n' \
            | grep -E '/etc/systemd/system/|relayproxy|sendmail|mailq|newaliases|rmail' | sort -k 3
        cat /etc/passwd /etc/group /var/lib/dpkg/diversions
        """;

    [Fact]
    public async Task Installed_in_the_place_of_sendmail_it_carries_mail_and_goes_without_a_trace()
    {
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await using ChildProcess smarthost = await StartSmarthostAsync(machine);
        await machine.RunAsync("rm -f /usr/sbin/sendmail; printf '#!/bin/sh\nexit 99\n' | install -m 755 /dev/stdin /usr/sbin/sendmail");
        string before = await machine.RunAsync(Listing);

        string installed = await machine.RunAsync($"{BootedMachine.Program} install --as-sendmail --yes {SmarthostSettings}");
        Assert.Contains("divert /usr/sbin/sendmail to /usr/sbin/sendmail.distrib", installed, StringComparison.Ordinal);
        Assert.EndsWith("relayproxy check --connect", installed, StringComparison.Ordinal);
        Assert.Equal("active\nactive", await machine.RunAsync("systemctl is-active relayproxy.socket relayproxy.service"));
        await machine.RunAsync("printf 'Subject: hello\n\nIt is I.\n' | setpriv --reuid=nobody --regid=nogroup --clear-groups /usr/sbin/sendmail -f box@example.net you@example.net");
        await smarthost.WaitForLineAsync(line => line.Contains("you@example.net", StringComparison.Ordinal));
        Assert.Contains("client=127.0.0.1 uid=65534", await machine.RunAsync("journalctl -u relayproxy -o cat --no-pager"), StringComparison.Ordinal);

        Assert.Equal(
            "RelayProxy is installed already; nothing is to be changed.", await machine.RunAsync($"{BootedMachine.Program} install --as-sendmail {SmarthostSettings}"));

        (int status, string refusal) = await machine.TryAsync("setpriv --reuid=nobody --regid=nogroup --clear-groups relayproxy uninstall");
        Assert.Equal(77, status);
        Assert.StartsWith("relayproxy uninstall: only root may change the system; type: sudo /usr/lib/relayproxy/relayproxy uninstall", refusal, StringComparison.Ordinal);

        // By the program that is installed, which takes away itself too.
        await machine.RunAsync("relayproxy uninstall");
        Assert.Equal(before, await machine.RunAsync(Listing));
        Assert.Equal("inactive", (await machine.TryAsync("systemctl is-active relayproxy.socket")).Output);
    }

    [Fact]
    public async Task Without_settings_it_is_installed_and_says_what_to_do_before_it_is_started()
    {
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await using ChildProcess other = machine.Start("exec python3 -c 'import socket; s = socket.create_server((\"127.0.0.1\", 25)); print(\"there\", flush=True); s.accept()'");
        await other.WaitForLineAsync(line => line == "there");

        string installed = await machine.RunAsync($"{BootedMachine.Program} install");

        Assert.Contains("Installed, and not started yet:\n  Smarthost:Host", installed, StringComparison.Ordinal);
        Assert.Contains("port 25 is taken: python3 (process ", installed, StringComparison.Ordinal);
        Assert.EndsWith(
            "The settings are in /etc/relayproxy/relayproxy.json. Then: relayproxy check --connect && systemctl restart relayproxy.socket relayproxy.service",
            installed,
            StringComparison.Ordinal);
        Assert.Equal("enabled\nenabled", await machine.RunAsync("systemctl is-enabled relayproxy.socket relayproxy.service"));
    }

    [Fact]
    public async Task Mail_that_waits_and_settings_that_were_changed_outlast_the_program()
    {
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await machine.RunAsync($"{BootedMachine.Program} install --Smarthost:Host=smarthost.invalid");
        await SayAsync(machine, "127.0.0.1", "EHLO x", "MAIL FROM:<app@example.org>", "RCPT TO:<you@example.net>", "DATA", "Subject: x\r\n\r\nx\r\n.", "QUIT");
        await machine.RunAsync("echo >>/etc/relayproxy/relayproxy.json");

        string left = await machine.RunAsync("relayproxy uninstall");

        Assert.Contains("/var/lib/relayproxy stays: 1 message in it\n", left, StringComparison.Ordinal);
        Assert.Contains("/etc/relayproxy/relayproxy.json stays: it has been changed\n", left, StringComparison.Ordinal);
        Assert.Contains("relayproxy stays: it owns files that stay\n", left, StringComparison.Ordinal);
        Assert.Contains("1 message", await machine.RunAsync($"{BootedMachine.Program} queue list"), StringComparison.Ordinal);

        // What is left is known: a later install takes it up, and a purge takes it away.
        Assert.Equal(64, (await machine.TryAsync($"{BootedMachine.Program} uninstall --purge")).Status);
        await machine.RunAsync($"{BootedMachine.Program} uninstall --purge --yes");
        Assert.Equal("", await machine.RunAsync("ls -d /etc/relayproxy /var/lib/relayproxy 2>/dev/null; getent passwd relayproxy; true"));
    }

    [Fact]
    public async Task While_it_is_stopped_members_of_the_group_see_the_queue_and_bring_mail_and_others_keep_theirs()
    {
        const string send = "printf 'Subject: kept\\n\\nx\\n' | ";
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await machine.RunAsync($"{BootedMachine.Program} install --as-sendmail --yes --Smarthost:Host=smarthost.invalid; userdel -r anna 2>/dev/null; useradd -m -G relayproxy anna");
        await machine.RunAsync("systemctl stop relayproxy.socket relayproxy.service");

        await machine.RunAsync($"{send} runuser -u anna -- sendmail you@example.net");
        Assert.Equal(75, (await machine.TryAsync($"{send} setpriv --reuid=nobody --regid=nogroup --clear-groups sendmail you@example.net")).Status);
        Assert.Contains("in 1 Request.", await machine.RunAsync("runuser -u anna -- mailq"), StringComparison.Ordinal);

        await machine.RunAsync("systemctl start relayproxy.service");
        await SeesAsync(machine, "journalctl -u relayproxy -o cat --no-pager", "to=<you@example.net> smarthost=smarthost.invalid:465");
    }

    [Fact]
    public async Task The_service_reloads_comes_back_and_is_watched_and_its_port_stays_open_meanwhile()
    {
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await machine.WriteAsync("/etc/systemd/system/relayproxy.service.d/test.conf", "[Service]\nRestartSec=100ms\nWatchdogSec=5s");
        await machine.RunAsync($"{BootedMachine.Program} install --Smarthost:Host=smarthost.invalid");
        foreach (string address in new[] { "127.0.0.1", "::1" })
        {
            Assert.StartsWith("220 ", await SayAsync(machine, address, "QUIT"), StringComparison.Ordinal);
        }

        await machine.RunAsync("systemctl reload relayproxy");
        await SeesAsync(machine, "journalctl -u relayproxy -o cat --no-pager", "SIGHUP: 0 deferred messages are tried now");
        await SeesAsync(machine, "systemctl show relayproxy -P StatusText", "Nothing waits");

        // Killed: whoever connects before it is back waits a moment, and is served.
        await machine.RunAsync("systemctl kill --kill-whom=main --signal=KILL relayproxy");
        Assert.StartsWith("220 ", await SayAsync(machine, "127.0.0.1", "QUIT"), StringComparison.Ordinal);

        // Hung: the watchdog misses it.
        string hung = await machine.RunAsync("systemctl show relayproxy -P MainPID");
        await machine.RunAsync("systemctl kill --kill-whom=main --signal=STOP relayproxy");
        await SeesAsync(machine, "journalctl -u relayproxy -o cat --no-pager", "Watchdog timeout");
        await SeesAsync(machine, $"[ $(systemctl show relayproxy -P MainPID) != {hung} ] && systemctl is-active --quiet relayproxy && echo runs", "runs");
        Assert.StartsWith("220 ", await SayAsync(machine, "127.0.0.1", "QUIT"), StringComparison.Ordinal);

        // A host that has IPv6 switched off has no ::1 to listen at.
        await machine.RunAsync("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1; systemctl restart relayproxy.socket relayproxy.service");
        Assert.StartsWith("220 ", await SayAsync(machine, "127.0.0.1", "QUIT"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_cannot_be_used_are_not_tried_again_and_again_and_a_password_comes_as_a_credential()
    {
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await machine.RunAsync($"{BootedMachine.Program} install --Smarthost:Host=smarthost.invalid");

        // It is read by systemd: the relay itself may not.
        await machine.RunAsync("install -d -m 700 /etc/credstore; echo secret >/etc/credstore/smtp_password; chmod 600 /etc/credstore/smtp_password");
        Assert.NotEqual(0, (await machine.TryAsync("systemctl restart relayproxy.service")).Status);
        Assert.Equal("exit-code\n0\n78", await machine.RunAsync("systemctl show relayproxy -P Result -P NRestarts -P ExecMainStatus | sed '/^$/d'"));
        Assert.Contains("Smarthost:Username (default): is not set, but a password is", await machine.RunAsync("journalctl -u relayproxy -o cat --no-pager"), StringComparison.Ordinal);

        await machine.RunAsync("""echo '{ "Smarthost": { "Host": "smarthost.invalid", "Username": "box" } }' >/etc/relayproxy/relayproxy.json""");
        await machine.RunAsync("systemctl start relayproxy.service");
    }

    /// <summary>The drop-in that comes with the relay, as it is and with its other part instead.</summary>
    [Theory]
    [InlineData("Mbox", "true", "/var/mail/anna", "install -o anna -g mail -m 660 /dev/null /var/mail/anna")]
    [InlineData("Maildir", "sed -i 's/^#\\(User\\|Group\\|CapabilityBoundingSet\\|ProtectHome\\|ReadWritePaths\\|SystemCallFilter\\)/\\1/'", "-r /home/anna/Maildir/new", "true")]
    public async Task Mail_for_users_of_this_machine_reaches_them_with_the_drop_in(string kind, string edit, string mailbox, string prepare)
    {
        const string dropIn = "/etc/systemd/system/relayproxy.service.d/local-mailboxes.conf";
        await using BootedMachine machine = await BootedMachine.StartAsync();
        await machine.WriteAsync(dropIn, await File.ReadAllTextAsync(Repository.Path("config", "examples", "local-mailboxes.conf"), TestContext.Current.CancellationToken));
        await machine.RunAsync($"{edit} {dropIn}; userdel -r anna 2>/dev/null; useradd -m anna; rm -f /var/mail/anna; {prepare}");
        await machine.RunAsync($"{BootedMachine.Program} install --Smarthost:Host=smarthost.invalid --Local:Delivery={kind} --Rewrite:AliasFile=");

        await SayAsync(machine, "127.0.0.1", "EHLO x", "MAIL FROM:<app@example.org>", "RCPT TO:<anna>", "DATA", "Subject: for anna\r\n\r\nx\r\n.", "QUIT");

        await SeesAsync(machine, $"grep -h Subject {mailbox}", "Subject: for anna");
        Assert.Equal("anna", await machine.RunAsync($"stat -c %U {mailbox.Replace("-r ", "", StringComparison.Ordinal)}"));
    }

    private const string SmarthostSettings =
        "--Smarthost:Host=localhost --Smarthost:Port=4650 --Smarthost:Username=box --Smarthost:Password=secret --Smarthost:CaFile=/srv/authority.pem";

    private static async Task<ChildProcess> StartSmarthostAsync(BootedMachine machine)
    {
        ChildProcess smarthost = machine.Start(
            $"exec {BootedMachine.Program} demo-smarthost --port 4650 --authority-file /srv/authority.pem --username box --password secret");
        await smarthost.WaitForLineAsync(line => line.Contains("4650", StringComparison.Ordinal));
        return smarthost;
    }

    /// <summary>Says some SMTP, one command after the other.</summary>
    /// <returns>The first reply.</returns>
    private static Task<string> SayAsync(BootedMachine machine, string address, params string[] commands)
    {
        string said = string.Join(", ", commands.Select(command => $"\"{command.Replace("\r\n", "\\r\\n", StringComparison.Ordinal)}\\r\\n\""));
        return machine.RunAsync(
            $$"""
            exec python3 - <<'END'
            import socket
            connection = socket.create_connection(("{{address}}", 25), 60)
            replies = connection.makefile("rb")
            def reply():
                line = replies.readline()
                while line[3:4] == b"-":
                    line = replies.readline()
                return line.decode().strip()
            print(reply())
            for command in [{{said}}]:
                connection.sendall(command.encode())
                answer = reply()
                assert answer[0] in "23", command + answer
            END
            """);
    }

    /// <summary>Waits until a command says it.</summary>
    private static async Task SeesAsync(BootedMachine machine, string command, string expected)
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await machine.TryAsync(command)).Output.Contains(expected, StringComparison.Ordinal))
        {
            await Task.Delay(50, safety.Token);
        }
    }
}
