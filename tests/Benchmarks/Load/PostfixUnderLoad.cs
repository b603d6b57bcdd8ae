using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>
/// What people run today: Postfix as a null client, everything at its default that need not be set, in a folder of its own beside whatever
/// Postfix the machine may run.
/// </summary>
internal sealed class PostfixUnderLoad : MailServer
{
    private PostfixUnderLoad(ChildProcess process, IPEndPoint endPoint)
        : base(process, endPoint)
    {
    }

    public override string Name => "postfix";

    public override int WarmUpMessages => 200;

    public static async Task<PostfixUnderLoad> StartAsync(BenchOptions options, int connections, StandIn smarthost, string folder)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Postfix needs root to run in a folder of its own.");
        }

        IPEndPoint endPoint = FreeEndPoint();
        foreach (string name in new[] { "etc", "queue", "data" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        // Its processes run as users of their own, and have to find their way in.
        await RunAsync("chmod", "0755", folder, Path.GetDirectoryName(folder)!);
        await RunAsync("chown", "postfix", $"{folder}/data");
        File.Copy(smarthost.AuthorityFile, $"{folder}/etc/authority.pem");
        string log = Path.Combine(folder, "postfix.log");
        string aliases = await AliasList.ForPostfixAsync($"{folder}/etc");
        await File.WriteAllTextAsync($"{folder}/etc/main.cf", PostfixConfiguration.MainCf(folder, log, smarthost, connections, aliases, options.PostfixSettings));
        await File.WriteAllTextAsync($"{folder}/etc/master.cf", PostfixConfiguration.MasterCf(endPoint.Port));
        ChildProcess process = Start(log, "postfix", "-c", $"{folder}/etc", "start-fg");
        await GreetedAsync(process, endPoint, log);
        return new PostfixUnderLoad(process, endPoint);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int status, string output) = await ChildProcess.RunAsync(program, arguments);
        if (status != 0)
        {
            throw new InvalidOperationException($"{program} ended with {status}:\n{output}");
        }
    }
}
