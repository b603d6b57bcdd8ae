using System.Diagnostics;
using System.Globalization;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The relay as it is shipped: history on, a log at Information that is written to a file, and aliases where it knows them.</summary>
internal sealed class RelayUnderLoad : MailServer
{
    private RelayUnderLoad(ChildProcess process, IPEndPoint endPoint, TimeSpan startUp)
        : base(process, endPoint) => StartUp = startUp;

    public override string Name => "relay";

    /// <summary>What runs often is compiled a second time, with more care.</summary>
    public override int WarmUpMessages => 5000;

    /// <summary>From exec to the first 220.</summary>
    public TimeSpan StartUp { get; }

    public static async Task<RelayUnderLoad> StartAsync(BenchOptions options, string[] command, int connections, StandIn smarthost, string folder)
    {
        return await StartAsync(options, command, folder,
        [
            "Smarthost:Host=localhost", $"Smarthost:Port={smarthost.Port}", $"Smarthost:CaFile={smarthost.AuthorityFile}",
            $"Smarthost:Username={StandIn.Username}", $"Smarthost:Password={StandIn.Password}",

            // As many connections as Postfix has, each used for as long as there is mail: the stand-in asks for no pace and counts nothing.
            string.Create(CultureInfo.InvariantCulture, $"Smarthost:MaxConnections={connections}"),
            "Smarthost:Provider=Unlimited", "Smarthost:MaxMessagesPerConnection=0",

            // A client that hangs up and comes back may be here twice for a moment.
            "Listener:MaxConnections=400", "Listener:MaxConnectionsPerPeer=400",
            "Rewrite:Origin=example.org", .. await AliasList.ForRelayAsync(command, folder),
        ]);
    }

    public static async Task<RelayUnderLoad> StartAsync(BenchOptions options, string[] command, string folder, IEnumerable<string> settings)
    {
        IPEndPoint endPoint = FreeEndPoint();
        string log = Path.Combine(folder, "relay.log");
        long began = Stopwatch.GetTimestamp();
        ChildProcess process = Start(log,
        [
            .. command, "serve", $"--Listener:Endpoints={endPoint}", $"--Queue:Path={folder}/queue", "--Queue:MinFreeOctets=0",
            "--Intake:HostName=relay.example.org", .. settings.Concat(options.RelaySettings).Select(setting => "--" + setting),
        ]);
        await GreetedAsync(process, endPoint, log);
        return new RelayUnderLoad(process, endPoint, Stopwatch.GetElapsedTime(began));
    }
}
