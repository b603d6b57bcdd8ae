using RelayProxy.Harness;

namespace RelayProxy.Integration.Packaging;

/// <summary>A machine on which the package is installed and set up as the README says, with a smarthost that takes its login, and the relay at work.</summary>
internal sealed class InstalledRelay : IAsyncDisposable
{
    private const string Login = "box@example.net";

    /// <summary>With what a shell or a configuration file might trip over.</summary>
    private const string Password = "s3cret \"word'$";

    private ChildProcess? _relay;

    private InstalledRelay(DebianMachine machine) => Machine = machine;

    public DebianMachine Machine { get; }

    public FakeSmarthost Smarthost { get; } = new() { Username = Login, Password = Password };

    /// <summary>What the installation printed.</summary>
    public string Installation { get; private set; } = "";

    /// <summary>Installed as a new user does, in the place of the mail transport agent that is there.</summary>
    public static async Task<InstalledRelay> InstallAsync(DebianTree tree, DebianPackage package)
    {
        var installed = new InstalledRelay(await DebianMachine.StartAsync(tree, package));
        installed.Machine.Listen(installed.Smarthost, port: 465);
        await installed.InstallAsync();
        return installed;
    }

    public async Task InstallAsync() => Installation = await Machine.RunAsync("apt-get install --yes ./relayproxy_*.deb");

    /// <summary>The smarthost, the login, and who gets root's mail.</summary>
    public async Task ConfigureAsync()
    {
        string authority = await File.ReadAllTextAsync(TestCertificates.AuthorityFile);
        await Machine.RunAsync($"""
            printf '%s' '{authority}' >/usr/local/share/ca-certificates/test.crt
            update-ca-certificates >/dev/null 2>&1
            install -m 0640 -g relayproxy /dev/stdin /etc/relayproxy/smtp_password <<'END'
            {Password}
            END
            sed -i '
                s|"Host": ""|"Host": "{TestCertificates.HostName}"|
                s|"Username": ""|"Username": "{Login}"|
                s|"PasswordFile": ""|"PasswordFile": "/etc/relayproxy/smtp_password"|
                s|"PostmasterAddress": ""|"PostmasterAddress": "you@example.com"|
            ' /etc/relayproxy/relayproxy.json
            """);
    }

    /// <summary>Starts the relay as the service manager does: as its own user, with a run-time folder.</summary>
    public async Task StartAsync()
    {
        await Machine.RunAsync("install -d -m 0755 -o relayproxy -g relayproxy /run/relayproxy");
        _relay = Machine.Start("relayproxy", "echo $$ >/run/relayproxy/pid; RUNTIME_DIRECTORY=/run/relayproxy exec /usr/lib/relayproxy/relayproxy serve");
        await _relay.WaitForLineAsync(line => line.Contains("ready: listening on 127.0.0.1:25, [::1]:25", StringComparison.Ordinal));
    }

    /// <summary>Stops it as the service manager does.</summary>
    public async Task StopAsync()
    {
        await Machine.RunAsync("kill $(cat /run/relayproxy/pid)");
        Assert.Equal(0, await _relay!.WaitAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await (_relay?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Machine.DisposeAsync();
        await Smarthost.DisposeAsync();
    }
}
