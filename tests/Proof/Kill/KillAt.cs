using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Kill;

/// <summary>Kills a process at its k-th system call (tests/Faults/killat.c).</summary>
internal sealed class KillAt
{
    private readonly string _program;

    private KillAt(string program) => _program = program;

    public static async Task<KillAt> BuildAsync(TemporaryFolder folder)
    {
        string program = folder["killat"];
        (int status, string output) = await ChildProcess.RunAsync(
            "cc", ["-O1", "-Wall", "-o", program, Repository.Path("tests", "Faults", "killat.c")]);
        Assert.True(status == 0, $"What kills at a system call cannot be built (apt-get install gcc libc6-dev):\n{output}");
        return new KillAt(program);
    }

    /// <summary>Watches a relay that runs: whoever comes from now on counts.</summary>
    public async Task<ChildProcess> AttachAsync(RelayProcess relay, int call)
    {
        ChildProcess killer = ChildProcess.Start(_program, [Text(call), Text(relay.Id)]);
        await killer.WaitForLineAsync(line => line == "attached");
        return killer;
    }

    /// <summary>What has to stand before a command for it to be killed at its k-th call that changes a file in a folder.</summary>
    public string[] Before(int call, string folder) => [_program, Text(call), folder];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
