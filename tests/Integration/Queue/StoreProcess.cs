using RelayProxy.Harness;

namespace RelayProxy.Integration.Queue;

/// <summary>The SQLite store in a process of its own (tests/Faults), over a disk that fails on demand.</summary>
internal sealed class StoreProcess : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FaultyDisk _disk = new();

    /// <summary>The queue's folder; the same for every run.</summary>
    public string Queue => _folder["queue"];

    /// <summary>Runs steps (see StoreScript), one process for all of them.</summary>
    /// <returns>What each step answered.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(params string[] steps)
    {
        await using ChildProcess process = await StartAsync(steps);
        await process.WaitAsync();
        return Answers(process.Output, steps);
    }

    public async Task<ChildProcess> StartAsync(params string[] steps) => ChildProcess.Start(
        "dotnet",
        [Program, Queue, .. steps],
        await _disk.EnvironmentAsync());

    /// <summary>Runs steps while the kernel answers EIO to every fsync of one file or folder.</summary>
    public Task<IReadOnlyList<string>> RunWithoutSyncOfAsync(string path, params string[] steps) => RunWithFaultAsync(path, "fsync", "error=EIO", steps);

    /// <summary>Runs steps while the kernel answers a call on one file or folder with an error.</summary>
    /// <param name="fault">In strace's words: <c>error=EIO:when=3</c> is the third such call alone.</param>
    public async Task<IReadOnlyList<string>> RunWithFaultAsync(string path, string call, string fault, params string[] steps)
    {
        string[] strace =
            ["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-P", path, "-e", $"trace={call}", "-e", $"inject={call}:{fault}"];
        (_, string output) = await ChildProcess.RunAsync("strace", [.. strace, "dotnet", Program, Queue, .. steps]);
        return Answers(output, steps);
    }

    public void Dispose()
    {
        _disk.Dispose();
        _folder.Dispose();
    }

    private static string Program => AppContext.BaseDirectory.Replace(
        $"{Path.DirectorySeparatorChar}Integration{Path.DirectorySeparatorChar}",
        $"{Path.DirectorySeparatorChar}Faults{Path.DirectorySeparatorChar}",
        StringComparison.Ordinal) + "RelayProxy.Faults.dll";

    /// <summary>A step that killed the process has none, and is the last.</summary>
    private static List<string> Answers(string output, string[] steps)
    {
        var answers = new List<string>();
        IEnumerator<string> lines = output.Split('\n').AsEnumerable().GetEnumerator();
        foreach (string step in steps.TakeWhile(step => step != "kill"))
        {
            string start = $"{step}: ";
            do
            {
                Assert.True(lines.MoveNext(), $"The step '{step}' was not answered:\n{output}");
            }
            while (!lines.Current.StartsWith(start, StringComparison.Ordinal));

            answers.Add(lines.Current[start.Length..]);
        }

        return answers;
    }
}
