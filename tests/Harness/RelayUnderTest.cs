using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using RelayProxy.Configuration;
using RelayProxy.Harness.Transcripts;
using RelayProxy.Queue;

namespace RelayProxy.Harness;

/// <summary>
/// The whole relay in memory: its real composition and a real store in a folder of its own, with a test clock, a smarthost that the test
/// plays, and clients that are connected without a socket.
/// </summary>
internal sealed class RelayUnderTest : IAsyncDisposable
{
    private static readonly string[] s_defaults =
    [
        "--Listener:Endpoints=127.0.0.1:0",
        "--Intake:HostName=relay.test",
        "--Rewrite:Origin=example.org",
        "--Rewrite:AliasFile=",
        "--Smarthost:Host=smarthost.test",
        "--Smarthost:Tls=None",
        "--Smarthost:Port=25",
        "--Smarthost:HeloName=relay.test",
        "--Queue:MinFreeOctets=0",
    ];

    private readonly Relay _relay;
    private readonly string _folder;
    private readonly RecordingLogger _log;

    private RelayUnderTest(Relay relay, string folder, RecordingLogger log, TestClock clock, ScriptedSmarthost smarthost)
    {
        _relay = relay;
        _folder = folder;
        _log = log;
        Clock = clock;
        Smarthost = smarthost;
    }

    public TestClock Clock { get; }

    public ScriptedSmarthost Smarthost { get; }

    public IQueueStore Store => _relay.Store;

    public bool IsAlive => _relay.IsAlive;

    /// <summary>Where it listens.</summary>
    public EndPoint Endpoint => _relay.Endpoints[0];

    /// <summary>Where metrics and probes are answered, if a test has set that.</summary>
    public EndPoint ProbeEndpoint => _relay.ProbeEndpoints[0];

    /// <summary>What the relay logged, a line an event.</summary>
    public string LogText => _log.ToString();

    /// <param name="settings">On top of a test's defaults: <c>Listener:MaxMessageOctets</c> …</param>
    /// <param name="store"><c>null</c> for a real one.</param>
    public static async Task<RelayUnderTest> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> settings, Func<TimeProvider, IQueueStore>? store = null)
    {
        string folder = Directory.CreateTempSubdirectory("relayproxy-test-").FullName;
        var inputs = new ConfigurationInputs
        {
            Root = folder,
            WorkingFolder = folder,
            Arguments = [.. s_defaults, $"--Queue:Path={folder}/queue", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")],
        };
        RelayOptions options = RelayConfiguration.Read(inputs).RequireGood().Options;
        var clock = new TestClock();
        var smarthost = new ScriptedSmarthost();
        var log = new RecordingLogger();
        var relay = new Relay(() => options, clock, log, new RelayParts(store?.Invoke(clock), smarthost));
        await relay.StartAsync(CancellationToken.None);
        return new RelayUnderTest(relay, folder, log, clock, smarthost);
    }

    /// <summary>A local program connects. The end that is returned is the program's.</summary>
    public IDuplexPipe Connect()
    {
        var wires = new MemoryStreamPair();
        var connection = new DefaultConnectionContext(Guid.NewGuid().ToString("N"))
        {
            Transport = wires.Far,
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
            RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1),
        };
        _ = _relay.Listener.Handler.OnConnectedAsync(connection);
        return wires.Near;
    }

    /// <summary>Waits until all that can be sent now has been, and what became of it is written down: what is left waits for the clock, or
    /// for the smarthost to come back.</summary>
    public Task SettleAsync(CancellationToken cancellationToken) => _relay.Delivery.QuietAsync(cancellationToken);

    /// <summary>Waits as <see cref="SettleAsync"/> does, and lets time pass. Whatever falls due is under way, or will be, when this returns.</summary>
    public async Task PassAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        Clock.Advance(time);

        // A look that began on the way saw an earlier time, and the clock stands still again: this has delivery look once more.
        _ = SettleAsync(cancellationToken);
    }

    /// <summary>How many messages are in the queue.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) => (await Store.TotalsAsync(cancellationToken)).Messages;

    public async ValueTask DisposeAsync()
    {
        // Whatever the relay waits for on its way out, the clock has to bring.
        Task stopped = _relay.StopAsync(TimeSpan.Zero);
        while (!stopped.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromMilliseconds(5)));
        }

        await stopped;
        Directory.Delete(_folder, recursive: true);
    }
}
