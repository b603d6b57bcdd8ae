using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Sidecar;

/// <summary>
/// The stage without a container engine: what keeps a sidecar's port from the world is a network namespace and nothing else, and those the kernel has.
/// Three hang on one bridge, as an engine would wire them; no process is outside them, and nothing of the machine's own network is touched.
/// </summary>
public sealed class NamespaceStage : ISidecarStage
{
    private const string HostAddress = "10.203.0.1";
    private const string SmarthostAddress = "10.203.0.3";

    /// <summary>As engines start a container: no capability, none to be had, and port 25 open to everybody inside.</summary>
    private static readonly string[] s_confined = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<ChildProcess> _relays = [];
    private readonly List<ChildProcess> _smarthosts = [];
    private NetworkNamespace? _host;
    private NetworkNamespace? _application;
    private NetworkNamespace? _neighbour;

    public string ApplicationAddress => "10.203.0.2";

    private string AuthorityFile => _folder["ca.pem"];

    public async Task StartAsync()
    {
        await Foreign.Programs.RequireAsync("unshare", "nsenter", "setpriv", "ip");
        _host = await NetworkNamespace.CreateAsync();
        _application = await NetworkNamespace.CreateAsync();
        _neighbour = await NetworkNamespace.CreateAsync();
        await _host.RunAsync("ip", "link", "add", "bridge", "type", "bridge");
        await _host.RunAsync("ip", "address", "add", $"{HostAddress}/24", "dev", "bridge");
        await _host.RunAsync("ip", "link", "set", "bridge", "up");
        await WireApplicationAsync();
        await _host.WireAsync(_neighbour, "bridge", "neighbour", SmarthostAddress);
        await _application.RunAsync("sysctl", "-q", "-w", "net.ipv4.ip_unprivileged_port_start=0");
        await StartSmarthostAsync();
        await StartRelayAsync();
    }

    public Task<string> PythonInApplicationAsync(string program) => PythonAsync(_application!, program);

    public IAsyncDisposable BeginPythonInApplication(string program) => _application!.Start("python3", "-c", program);

    public Task<string> PythonOutsideAsync(Outside place, string program) => PythonAsync(
        place switch
        {
            Outside.Host => _host!,
            Outside.Neighbour => _neighbour!,
        },
        program);

    public async Task<(int Status, string Output)> RelayCommandAsync(params string[] command)
    {
        string[] line = Relay(command);
        (int status, string output) = await ChildProcess.RunAsync(line[0], line[1..], patience: TimeSpan.FromMinutes(2));
        return (status, output);
    }

    public Task KillRelayAsync() => EndRelayAsync(signal: 9);

    public Task<int> StopRelayAsync() => EndRelayAsync(signal: 15);

    public async Task StartRelayAsync()
    {
        string[] line = Relay("serve");
        ChildProcess relay = ChildProcess.Start(line[0], line[1..]);
        _relays.Add(relay);
        await relay.WaitForLineAsync(text => text.Contains("ready: ", StringComparison.Ordinal));
    }

    public Task<string> RelayLogAsync() => Task.FromResult(string.Join('\n', _relays.Select(relay => relay.Output)));

    public Task<string> RelayProcessStatusAsync() =>
        File.ReadAllTextAsync($"/proc/{_relays[^1].Id.ToString(CultureInfo.InvariantCulture)}/status");

    public async Task StopSmarthostAsync() => await _smarthosts[^1].TerminateAsync();

    public async Task StartSmarthostAsync()
    {
        ChildProcess smarthost = _neighbour!.Start(
            "dotnet", RelayProcess.Assembly, "demo-smarthost", "--address", "0.0.0.0", "--port", "465", "--host-name", SmarthostAddress,
            "--username", "demo", "--password", "demo", "--authority-file", AuthorityFile);
        _smarthosts.Add(smarthost);
        await smarthost.WaitForLineAsync(text => text.Contains("is ready on", StringComparison.Ordinal));
    }

    public Task<string> SmarthostLogAsync() => Task.FromResult(string.Join('\n', _smarthosts.Select(smarthost => smarthost.Output)));

    /// <summary>What an engine does when the application's container ends: the cable is gone, and whoever shared the network stays in it.</summary>
    public Task UnwireApplicationAsync() => _host!.RunAsync("ip", "link", "delete", "application");

    public Task WireApplicationAsync() => _host!.WireAsync(_application!, "bridge", "application", ApplicationAddress);

    /// <summary>Waits until the relay has ended by itself.</summary>
    public Task<int> RelayEndedAsync() => _relays[^1].WaitAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in (ChildProcess[])[.. _relays, .. _smarthosts])
        {
            await process.DisposeAsync();
        }

        foreach (NetworkNamespace? network in (NetworkNamespace?[])[_application, _neighbour, _host])
        {
            await (network?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _folder.Dispose();
    }

    private static async Task<string> PythonAsync(NetworkNamespace place, string program) => (await place.RunAsync("python3", "-c", program)).Trim();

    private string[] Relay(params string[] command) => _application!.Enter(
    [
        .. s_confined, "dotnet", RelayProcess.Assembly, .. command,
        $"--Queue:Path={_folder["queue"]}", "--Queue:MinFreeOctets=0", "--Listener:ExitWhenCutOff=true",
        $"--Smarthost:Host={SmarthostAddress}", "--Smarthost:Username=demo", "--Smarthost:Password=demo", $"--Smarthost:CaFile={AuthorityFile}",
    ]);

    private async Task<int> EndRelayAsync(int signal)
    {
        _relays[^1].Signal(signal);
        return await _relays[^1].WaitAsync();
    }
}
