using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Sidecar;

/// <summary>The hub and a sidecar that forwards to it, each with the settings of its manifest, on a network whose names and addresses are those of a cluster.
/// One setting comes on top: whom to trust for a stand-in of the provider.</summary>
public sealed class HubTests : IAsyncLifetime
{
    private const string Hub = "10.203.0.2";
    private const string Provider = "10.203.0.3";
    private const string Application = "10.203.0.4";

    private readonly TemporaryFolder _folder = new();
    private readonly List<NetworkNamespace> _networks = [];
    private readonly List<ChildProcess> _providers = [];
    private NetworkNamespace? _provider;

    public async ValueTask InitializeAsync()
    {
        NetworkNamespace cluster = await NetworkAsync();
        await cluster.RunAsync("ip", "link", "add", "bridge", "type", "bridge");
        await cluster.RunAsync("ip", "link", "set", "bridge", "up");
        foreach (string address in (string[])[Hub, Provider, Application])
        {
            NetworkNamespace pod = await NetworkAsync();
            await cluster.WireAsync(pod, "bridge", "to" + address[^1], address);

            // As the manifests' sysctl says.
            await pod.RunAsync("sysctl", "-q", "-w", "net.ipv4.ip_unprivileged_port_start=0");
        }

        _provider = _networks[2];
        _folder.Write("hosts", $"127.0.0.1 localhost\n{Hub} mail-hub\n{Provider} smtp.example.net\n");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _providers)
        {
            await process.DisposeAsync();
        }

        foreach (NetworkNamespace network in _networks)
        {
            await network.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_message_passes_the_sidecar_and_the_hub_and_a_new_password_is_used_when_it_is_mounted()
    {
        await StartProviderAsync("first secret");
        Manifest hubs = await Manifest.ReadAsync("hub.yaml");
        await using PodProcess hub = await PodProcess.StartAsync(hubs, _networks[1], _folder["hosts"], "first secret", OfTheStandIn);
        await using PodProcess sidecar = await PodProcess.StartAsync(
            await Manifest.ReadAsync("sidecar-to-hub.yaml"), _networks[3], _folder["hosts"], secret: "", new Dictionary<string, string>());

        await SendAsync("first@example.net");
        await _providers[^1].WaitForLineAsync(line => line.Contains("to <first@example.net>", StringComparison.Ordinal));
        Assert.Contains($"client={Application}", hub.Log, StringComparison.Ordinal);

        // The provider has another password from now on, and so has the cluster.
        string folder = Path.GetDirectoryName(hubs.Environment()["RELAYPROXY_Smarthost__PasswordFile"])!;
        await hub.RotateAsync(folder, "second secret");
        await _providers[^1].TerminateAsync();
        await StartProviderAsync("second secret");
        await SendAsync("second@example.net");
        await _providers[^1].WaitForLineAsync(line => line.Contains("to <second@example.net>", StringComparison.Ordinal));

        Assert.Equal(0, await sidecar.StopAsync());
        Assert.Contains("undelivered=0", sidecar.Log, StringComparison.Ordinal);
    }

    /// <summary>No authority of the world vouches for it, and it has another one each time it is started.</summary>
    private Dictionary<string, string> OfTheStandIn => new() { ["RELAYPROXY_Smarthost__CaFile"] = _folder["ca.pem"] };

    private async Task StartProviderAsync(string password)
    {
        ChildProcess provider = _provider!.Start(
            "dotnet", RelayProcess.Assembly, "demo-smarthost", "--address", "0.0.0.0", "--port", "465", "--host-name", "smtp.example.net",
            "--username", "box@example.net", "--password", password, "--authority-file", _folder["ca.pem"]);
        _providers.Add(provider);
        await provider.WaitForLineAsync(text => text.Contains("is ready on", StringComparison.Ordinal));
    }

    private async Task SendAsync(string recipient)
    {
        string program = string.Create(
            CultureInfo.InvariantCulture,
            $"import smtplib; smtplib.SMTP('localhost', 25, timeout=30).sendmail('app@example.net', ['{recipient}'], 'Subject: x\\n\\nx\\n')");
        await _networks[3].RunAsync("python3", "-c", program);
    }

    private async Task<NetworkNamespace> NetworkAsync()
    {
        _networks.Add(await NetworkNamespace.CreateAsync());
        return _networks[^1];
    }
}
