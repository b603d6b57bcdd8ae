using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Install;

/// <summary>A machine of a test's own, with a systemd of its own: what is done to it is gone with it. It needs root.</summary>
internal sealed class BootedMachine : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ChildProcess _process;
    private readonly string _firstProcess;

    private BootedMachine(TemporaryFolder folder, ChildProcess process, string firstProcess) =>
        (_folder, _process, _firstProcess) = (folder, process, firstProcess);

    /// <summary>The program as it was built, in a folder that could be copied.</summary>
    public static string Program { get; } = Repository.Path("src", "RelayProxy", "bin", Configuration, "net10.0", "relayproxy");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static async Task<BootedMachine> StartAsync()
    {
        var folder = new TemporaryFolder();
        using var notify = new NotifySocket(folder["notify"]);
        string machine = Directory.CreateDirectory(folder["machine"]).FullName;
        ChildProcess process = ChildProcess.Start(
            "unshare",
            [
                "--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--net", "--cgroup",
                Repository.Path("tests", "Integration", "Install", "boot-machine.sh"), machine, notify.Name,
            ]);
        try
        {
            string first = await process.WaitForLineAsync(line => line.StartsWith("machine ", StringComparison.Ordinal));
            await notify.NextAsync("READY=1");
            return new BootedMachine(folder, process, first.Split(' ')[1]);
        }
        catch
        {
            await process.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Runs a shell command in it, as root.</summary>
    /// <returns>Its exit status, and everything it wrote.</returns>
    public Task<(int Status, string Output)> TryAsync(string command) => ChildProcess.RunAsync("nsenter", Inside(command));

    /// <summary>The same, and it has to succeed.</summary>
    public async Task<string> RunAsync(string command)
    {
        (int status, string output) = await TryAsync(command);
        if (status == 0)
        {
            return output;
        }

        string journal = (await TryAsync("journalctl -n 50 --no-pager -o cat")).Output;
        throw new InvalidOperationException(
            string.Create(CultureInfo.InvariantCulture, $"{command}\nended with {status}, and wrote:\n{output}\nThe journal:\n{journal}"));
    }

    /// <summary>Runs a shell command in it until the machine ends.</summary>
    public ChildProcess Start(string command) => ChildProcess.Start("nsenter", Inside(command));

    /// <summary>Writes a file of root's.</summary>
    public Task WriteAsync(string path, string content) =>
        RunAsync($"install -D -m 644 /dev/stdin {path} <<'END-OF-FILE'\n{content}\nEND-OF-FILE");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private string[] Inside(string command) => ["--target", _firstProcess, "--all", "--root", "--wd", "--", "/bin/bash", "-c", $"cd /; {command}"];
}
