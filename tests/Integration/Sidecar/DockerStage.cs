using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Sidecar;

/// <summary>The composition of <c>docker-compose.yml</c> as it stands, in an engine that <c>./test.sh --containers</c> has started, with an image
/// that it has built.</summary>
public sealed class DockerStage : ISidecarStage
{
    private readonly string _project = string.Create(CultureInfo.InvariantCulture, $"relayproxytest{Environment.ProcessId}");
    private readonly Dictionary<string, string> _containers = [];
    private string[] _compose = [];

    public string ApplicationAddress { get; private set; } = "";

    /// <summary>Some machines have several; <c>test.sh</c> says which of them can build.</summary>
    private static string Docker => Environment.GetEnvironmentVariable("DOCKER") ?? "docker";

    public async Task StartAsync()
    {
        bool isPlugin = (await ChildProcess.RunAsync(Docker, ["compose", "version"])).Status == 0;
        _compose = isPlugin ? [Docker, "compose"] : ["docker-compose"];
        await ComposeAsync("up", "-d");
        foreach (string service in (string[])["app", "mail", "smarthost"])
        {
            _containers[service] = await ComposeAsync("ps", "-q", service);
        }

        ApplicationAddress = await InspectAsync("app", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
        await UntilReachedAsync();
    }

    public Task<string> PythonInApplicationAsync(string program) => DockerAsync("exec", Id("app"), "python3", "-c", program);

    public IAsyncDisposable BeginPythonInApplication(string program) => ChildProcess.Start(Docker, ["exec", Id("app"), "python3", "-c", program]);

    public Task<string> PythonOutsideAsync(Outside place, string program) => place switch
    {
        Outside.Host => TrimmedAsync("python3", "-c", program),
        Outside.Neighbour => DockerAsync("run", "--rm", "--network", $"{_project}_default", "python:3-slim", "python3", "-c", program),
    };

    public async Task<(int Status, string Output)> RelayCommandAsync(params string[] command)
    {
        (int status, string output) = await ChildProcess.RunAsync(Docker, ["exec", Id("mail"), "relayproxy", .. command], patience: TimeSpan.FromMinutes(2));
        return (status, output);
    }

    public Task KillRelayAsync() => DockerAsync("kill", "-s", "SIGKILL", Id("mail"));

    public async Task<int> StopRelayAsync()
    {
        await DockerAsync("stop", "-t", "60", Id("mail"));
        return int.Parse(await InspectAsync("mail", "{{.State.ExitCode}}"), CultureInfo.InvariantCulture);
    }

    public async Task StartRelayAsync()
    {
        await DockerAsync("start", Id("mail"));
        await UntilReachedAsync();
    }

    public Task<string> RelayLogAsync() => DockerAsync("logs", Id("mail"));

    public async Task<string> RelayProcessStatusAsync() => await File.ReadAllTextAsync($"/proc/{await InspectAsync("mail", "{{.State.Pid}}")}/status");

    public Task StopSmarthostAsync() => DockerAsync("stop", Id("smarthost"));

    /// <summary>It listens when it has written its new authority down.</summary>
    public async Task StartSmarthostAsync()
    {
        await DockerAsync("start", Id("smarthost"));
        await UntilAsync("smarthost", 465);
    }

    public Task<string> SmarthostLogAsync() => DockerAsync("logs", Id("smarthost"));

    public Task RestartApplicationAsync() => DockerAsync("restart", "-t", "1", Id("app"));

    /// <summary>Waits until the application reaches the relay.</summary>
    public Task UntilReachedAsync() => UntilAsync("127.0.0.1", 25);

    /// <summary>Runs <c>docker-compose</c> on a file of one's own.</summary>
    public Task<string> ComposeFileAsync(string file, params string[] arguments) => TrimmedAsync(
        _compose[0], [.. _compose[1..], "--project-directory", Repository.Root, "-f", file, "-p", $"{_project}other", .. arguments]);

    public static Task<string> DockerAsync(params string[] arguments) => TrimmedAsync(Docker, arguments);

    /// <summary>What the engine says of a container of the composition.</summary>
    /// <param name="format">Go's templates.</param>
    public async Task<string> InspectAsync(string service, string format) =>
        await DockerAsync("inspect", "-f", format, Id(service));

    public async ValueTask DisposeAsync()
    {
        if (_compose.Length > 0)
        {
            await ComposeAsync("down", "-v", "-t", "1");
        }
    }

    private string Id(string service) => _containers[service];

    private Task<string> ComposeAsync(params string[] arguments) => TrimmedAsync(
        _compose[0], [.. _compose[1..], "--project-directory", Repository.Root, "-f", Repository.Path("docker-compose.yml"), "-p", _project, .. arguments]);

    /// <summary>Waits until the application can connect.</summary>
    private async Task UntilAsync(string address, int port)
    {
        string connect = string.Create(CultureInfo.InvariantCulture, $"import socket; socket.create_connection(('{address}', {port})).close()");
        using var safety = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await ChildProcess.RunAsync(Docker, ["exec", Id("app"), "python3", "-c", connect])).Status != 0)
        {
            safety.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<string> TrimmedAsync(string program, params string[] arguments) => (await Programs.RunAsync(program, arguments)).Trim();
}
