using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RelayProxy.Harness;

/// <summary>
/// A program that a test starts and watches: its output is kept line by line, and can be waited for. It is ended with the test, and with the
/// test process if that should come first.
/// </summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<Watch> _watches = [];
    private readonly Lock _gate = new();

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, output) => Heard(output.Data);
        _process.ErrorDataReceived += (_, output) => Heard(output.Data);
    }

    /// <summary>Output and error output so far, as one text.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <exception cref="FileNotFoundException">There is no such program; the message says what provides it.</exception>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(start);
        child._process.Start();
        AppDomain.CurrentDomain.ProcessExit += child.EndWithUs;
        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit status, and everything it wrote.</returns>
    public static async Task<(int Status, string Output)> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using ChildProcess child = Start(program, arguments, environment);
        return (await child.WaitAsync(), child.Output);
    }

    /// <summary>Waits for a line of output, past or to come.</summary>
    /// <exception cref="InvalidOperationException">The program ended, or the wait became too long, without it: the message has the whole output.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> matches)
    {
        var watch = new Watch(matches);
        lock (_gate)
        {
            if (_lines.Find(line => matches(line)) is { } past)
            {
                return past;
            }

            _watches.Add(watch);
        }

        using var safety = new CancellationTokenSource(s_safety);
        Task ended = _process.WaitForExitAsync(safety.Token);
        if (await Task.WhenAny(watch.Found.Task, ended) == watch.Found.Task)
        {
            return await watch.Found.Task;
        }

        // The last lines may have come in together with the end.
        return watch.Found.Task.IsCompleted
            ? await watch.Found.Task
            : throw new InvalidOperationException($"{_process.StartInfo.FileName} never wrote the line that was waited for. It wrote:\n{Output}");
    }

    /// <summary>Waits for the program to end by itself.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> WaitAsync()
    {
        using var safety = new CancellationTokenSource(s_safety);
        try
        {
            await _process.WaitForExitAsync(safety.Token);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"{_process.StartInfo.FileName} does not end. It wrote:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGTERM, SIGHUP, SIGKILL …</summary>
    public void Signal(int signal) => _ = Kill(_process.Id, signal);

    /// <summary>Asks the program to end, and waits for it.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> TerminateAsync()
    {
        const int sigterm = 15;
        Signal(sigterm);
        return await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithUs;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Add(line);
            foreach (Watch watch in _watches.Where(watch => watch.Matches(line)))
            {
                watch.Found.TrySetResult(line);
            }
        }
    }

    private void EndWithUs(object? sender, EventArgs e) => _process.Kill(entireProcessTree: true);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    private sealed record Watch(Func<string, bool> Matches)
    {
        public TaskCompletionSource<string> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
