using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace RelayProxy.Harness;

/// <summary>The relay as a process of its own, as it was built: to be signalled, killed and weighed.</summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<IPEndPoint> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RelayProcess(Process process) => _process = process;

    /// <summary>The executable, run by <c>dotnet</c>.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "relayproxy.dll");

    public int Id => _process.Id;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _ready.Task.Result;

    /// <summary>What it printed so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The most memory it ever held resident, in octets (VmHWM).</summary>
    public long PeakResidentOctets => StatusOctets("VmHWM:");

    public long ResidentOctets => StatusOctets("VmRSS:");

    /// <summary>Starts <c>serve</c> on a free loopback port and waits until it is ready.</summary>
    /// <param name="queue">The folder of the queue.</param>
    /// <param name="settings"><c>Smarthost:Host=…</c> …</param>
    public static async Task<RelayProcess> StartAsync(string queue, params string[] settings)
    {
        RelayProcess relay = Launch(["serve", "--Listener:Endpoints=127.0.0.1:0", $"--Queue:Path={queue}", "--Queue:MinFreeOctets=0", .. settings.Select(setting => "--" + setting)]);
        Task exited = relay._process.WaitForExitAsync();
        if (await Task.WhenAny(relay._ready.Task, exited).WaitAsync(s_safety) == exited)
        {
            throw new InvalidOperationException($"The relay ended with {relay._process.ExitCode} before it was ready:\n{string.Join('\n', relay.Lines)}");
        }

        return relay;
    }

    /// <summary>Settings for a relay that gets on with a smarthost that listens.</summary>
    public static string[] SettingsFor(FakeSmarthost smarthost) =>
    [
        "Smarthost:Host=localhost", $"Smarthost:Port={smarthost.Port}", $"Smarthost:CaFile={TestCertificates.AuthorityFile}",
        $"Smarthost:Username={smarthost.Username}", $"Smarthost:Password={smarthost.Password}",
        "Intake:HostName=relay.test", "Rewrite:Origin=example.org",
    ];

    /// <summary>Runs a command to its end, and returns its exit code and what it printed (standard output, then standard error).</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(Information(arguments))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var safety = new CancellationTokenSource(s_safety);
        await process.WaitForExitAsync(safety.Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>SIGTERM is 15, SIGHUP 1, SIGKILL 9.</summary>
    public void Signal(int signal) => _ = Kill(_process.Id, signal);

    /// <summary>Waits for the end, and returns the exit code.</summary>
    public async Task<int> ExitedAsync()
    {
        using var safety = new CancellationTokenSource(s_safety);
        await _process.WaitForExitAsync(safety.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static RelayProcess Launch(string[] arguments)
    {
        var process = new Process { StartInfo = Information(arguments) };
        var relay = new RelayProcess(process);
        process.OutputDataReceived += (_, line) => relay.Note(line.Data);
        process.ErrorDataReceived += (_, line) => relay.Note(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return relay;
    }

    private static ProcessStartInfo Information(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Assembly);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("JOURNAL_STREAM");
        return start;
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        int at = line.IndexOf("127.0.0.1:", StringComparison.Ordinal);
        if (at >= 0 && line.Contains("ready", StringComparison.OrdinalIgnoreCase))
        {
            string digits = new([.. line[(at + "127.0.0.1:".Length)..].TakeWhile(char.IsAsciiDigit)]);
            _ready.TrySetResult(new IPEndPoint(IPAddress.Loopback, int.Parse(digits, CultureInfo.InvariantCulture)));
        }
    }

    private long StatusOctets(string field)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
