using System.Diagnostics;
using System.Globalization;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The relay as it is shipped: history and log on, the pace left to the smarthost.</summary>
internal sealed class RelayUnderLoad : MailServer
{
    private RelayUnderLoad(ChildProcess process, IPEndPoint endPoint, TimeSpan startUp)
        : base(process, endPoint) => StartUp = startUp;

    public override string Name => "relay";

    /// <summary>What runs often is compiled a second time, with more care.</summary>
    public override int WarmUpMessages => 5000;

    /// <summary>From exec to the first 220.</summary>
    public TimeSpan StartUp { get; }

    public static Task<RelayUnderLoad> StartAsync(BenchOptions options, StandIn smarthost, string folder) => StartAsync(options, folder,
    [
        "Smarthost:Host=localhost", $"Smarthost:Port={smarthost.Port}", $"Smarthost:CaFile={smarthost.AuthorityFile}",
        $"Smarthost:Username={StandIn.Username}", $"Smarthost:Password={StandIn.Password}", "Smarthost:Provider=Unlimited",
        "Smarthost:MaxMessagesPerConnection=0", string.Create(CultureInfo.InvariantCulture, $"Smarthost:MaxConnections={options.Connections}"),
    ]);

    public static async Task<RelayUnderLoad> StartAsync(BenchOptions options, string folder, IEnumerable<string> settings)
    {
        IPEndPoint endPoint = FreeEndPoint();
        string log = Path.Combine(folder, "relay.log");
        string[] program = options.Relay.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", options.Relay] : [options.Relay];
        long began = Stopwatch.GetTimestamp();
        ChildProcess process = Start(log,
        [
            .. program, "serve", $"--Listener:Endpoints={endPoint}", $"--Queue:Path={folder}/queue", "--Queue:MinFreeOctets=0",
            "--Intake:HostName=relay.example.org", .. settings.Concat(options.RelaySettings).Select(setting => "--" + setting),
        ]);
        await GreetedAsync(process, endPoint, log);
        return new RelayUnderLoad(process, endPoint, Stopwatch.GetElapsedTime(began));
    }
}
