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
    private readonly List<(bool IsError, string Text)> _lines = [];
    private readonly List<Watch> _watches = [];
    private readonly Lock _gate = new();

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, output) => Heard(isError: false, output.Data);
        _process.ErrorDataReceived += (_, output) => Heard(isError: true, output.Data);
    }

    /// <summary>Output and error output so far, in the order in which they came.</summary>
    public IReadOnlyList<string> Lines => LinesWhere(_ => true);

    /// <summary>The same as one text.</summary>
    public string Output => string.Join('\n', Lines);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="input">Its standard input, which is a pipe; nothing if left out.</param>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, byte[]? input = null)
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

        // What is written here is read by a test, not by the journal that the tests' own output may go to.
        start.Environment.Remove("JOURNAL_STREAM");
        var child = new ChildProcess(start);
        child._process.Start();
        AppDomain.CurrentDomain.ProcessExit += child.EndWithUs;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        child.Feed(input ?? []);
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit status, and everything it wrote.</returns>
    /// <param name="patience">A minute if left out.</param>
    public static async Task<(int Status, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? patience = null)
    {
        await using ChildProcess child = Start(program, arguments, environment);
        return (await child.WaitAsync(patience), child.Output);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit status, and what it wrote to each of its outputs.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> RunApartAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, byte[]? input = null)
    {
        await using ChildProcess child = Start(program, arguments, environment, input);
        int exitCode = await child.WaitAsync();
        return (exitCode, Text(child.LinesWhere(line => !line.IsError)), Text(child.LinesWhere(line => line.IsError)));

        static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
    }

    /// <summary>Waits for a line of output, past or to come.</summary>
    /// <exception cref="InvalidOperationException">The program ended, or the wait became too long, without it: the message has the whole output.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> matches)
    {
        var watch = new Watch(matches);
        lock (_gate)
        {
            if (_lines.Find(line => matches(line.Text)).Text is { } past)
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
    public async Task<int> WaitAsync(TimeSpan? patience = null)
    {
        using var safety = new CancellationTokenSource(patience ?? s_safety);
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

    private void Feed(byte[] input)
    {
        try
        {
            using Stream stream = _process.StandardInput.BaseStream;
            stream.Write(input);
        }
        catch (IOException)
        {
            // It has ended, or closed it, without reading all of it.
        }
    }

    private List<string> LinesWhere(Predicate<(bool IsError, string Text)> matches)
    {
        lock (_gate)
        {
            return [.. _lines.FindAll(matches).Select(line => line.Text)];
        }
    }

    private void Heard(bool isError, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Add((isError, line));
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
