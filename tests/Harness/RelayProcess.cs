using System.Globalization;
using System.Net;

namespace RelayProxy.Harness;

/// <summary>The relay as a process of its own, as it was built: to be signalled, killed and weighed.</summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private RelayProcess(ChildProcess process) => _process = process;

    /// <summary>The executable, run by <c>dotnet</c>.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "relayproxy.dll");

    public int Id => _process.Id;

    /// <summary>Where it listens, once it is ready.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>What it printed so far.</summary>
    public IReadOnlyCollection<string> Lines => _process.Lines;

    /// <summary>The most memory it ever held resident, in octets (VmHWM).</summary>
    public long PeakResidentOctets => StatusOctets("VmHWM:");

    public long ResidentOctets => StatusOctets("VmRSS:");

    /// <summary>Starts <c>serve</c> on a free loopback port and waits until it is ready.</summary>
    /// <param name="queue">The folder of the queue.</param>
    /// <param name="settings"><c>Smarthost:Host=…</c> …</param>
    public static Task<RelayProcess> StartAsync(string queue, params string[] settings) => StartAsync(queue, settings, environment: null);

    /// <inheritdoc cref="StartAsync(string, string[])"/>
    /// <param name="environment">What it has besides this process's.</param>
    /// <param name="launcher">A program that becomes the one that its last arguments name, and its first arguments: <c>prlimit …</c>,
    /// <c>sh -c '… exec "$@"' sh</c>.</param>
    public static async Task<RelayProcess> StartAsync(
        string queue, string[] settings, IReadOnlyDictionary<string, string>? environment, params string[] launcher)
    {
        RelayProcess relay = Launch(queue, settings, environment, launcher: launcher);
        try
        {
            await relay.ReadyAsync();
            return relay;
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>serve</c>, and waits for nothing.</summary>
    /// <param name="assembly">The program, if it is not the one that was built with the tests.</param>
    /// <param name="launcher">As for <see cref="StartAsync(string, string[], IReadOnlyDictionary{string, string}?, string[])"/>.</param>
    public static RelayProcess Launch(
        string queue, string[] settings, IReadOnlyDictionary<string, string>? environment = null, string? assembly = null, params string[] launcher)
    {
        string[] program = [.. launcher, "dotnet"];
        return new RelayProcess(ChildProcess.Start(
            program[0],
            [
                .. program[1..], assembly ?? Assembly, "serve", "--Listener:Endpoints=127.0.0.1:0", $"--Queue:Path={queue}", "--Queue:MinFreeOctets=0",
                .. settings.Select(setting => "--" + setting),
            ],
            environment));
    }

    /// <summary>Waits until it takes mail.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public async Task ReadyAsync()
    {
        const string address = "127.0.0.1:";
        string ready = await _process.WaitForLineAsync(
            line => line.Contains("ready: ", StringComparison.Ordinal) && line.Contains(address, StringComparison.Ordinal));
        string port = new([.. ready[(ready.IndexOf(address, StringComparison.Ordinal) + address.Length)..].TakeWhile(char.IsAsciiDigit)]);
        EndPoint = new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
    }

    /// <summary>Settings for a relay that gets on with a smarthost that listens.</summary>
    public static string[] SettingsFor(FakeSmarthost smarthost) =>
    [
        "Smarthost:Host=localhost", $"Smarthost:Port={smarthost.Port}", $"Smarthost:CaFile={TestCertificates.AuthorityFile}",
        $"Smarthost:Username={smarthost.Username}", $"Smarthost:Password={smarthost.Password}",
        "Intake:HostName=relay.test", "Rewrite:Origin=example.org", "Rewrite:AliasFile=",
    ];

    /// <summary>Runs a command to its end, and returns its exit code and what it printed (standard output, then standard error).</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ChildProcess.RunApartAsync("dotnet", [Assembly, .. arguments]);

    /// <summary>Waits for a line with this text, printed already or to come.</summary>
    public Task<string> WaitForLineAsync(string text) => _process.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Where it answers metrics and probes, if <c>Telemetry:Endpoints</c> has it do so.</summary>
    public async Task<IPEndPoint> ProbesAsync()
    {
        const string Prefix = "Metrics and probes at http://";
        string line = await WaitForLineAsync(Prefix);
        string address = line[(line.IndexOf(Prefix, StringComparison.Ordinal) + Prefix.Length)..];
        return IPEndPoint.Parse(new string([.. address.TakeWhile(letter => char.IsAsciiDigit(letter) || letter is '.' or ':')]));
    }

    /// <summary>SIGTERM is 15, SIGHUP 1, SIGKILL 9.</summary>
    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>Waits for the end, and returns the exit code.</summary>
    public Task<int> ExitedAsync() => _process.WaitAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private long StatusOctets(string field)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
