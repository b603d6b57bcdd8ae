using System.Globalization;
using System.Net;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Proof.Client;

/// <summary>A relay as a process in a <see cref="MemoryCell"/>, with a smarthost that takes its mail, for one attack after the other; in the long run one
/// for each, which has done nothing else before.</summary>
public sealed class AttackedRelay : IAsyncLifetime
{
    private const long Cell = 256L * 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("relayproxy-attacked-").FullName;
    private readonly MemoryCell _cell = new(Cell);
    private readonly StandInServer _smarthost = new(TestCertificates.Good, "relay", "secret");
    private RelayProcess _relay = null!;

    /// <summary>Connections that the relay takes at the same time.</summary>
    public static int MaxConnections => Extent.Of(300, 1050);

    public IPEndPoint EndPoint => _relay.EndPoint;

    public string CellKind => _cell.Kind;

    /// <summary>Resident when all that it has to do once has been done, and nothing is under way.</summary>
    public long IdleOctets { get; private set; }

    /// <summary>The most it has held resident since <see cref="ForgetPeak"/>.</summary>
    public long PeakOctets => _relay.PeakResidentOctets;

    private string Queue => Path.Combine(_folder, "queue");

    internal static async Task<AttackedRelay> StartAsync()
    {
        var relay = new AttackedRelay();
        await relay.InitializeAsync();
        return relay;
    }

    public async ValueTask InitializeAsync()
    {
        string aliases = Path.Combine(_folder, "aliases");
        await File.WriteAllTextAsync(aliases, AliasBombs());
        _relay = await RelayProcess.StartAsync(
            Queue,
            [
                "Smarthost:Host=localhost", $"Smarthost:Port={_smarthost.Port}", $"Smarthost:CaFile={TestCertificates.AuthorityFile}",
                "Smarthost:Username=relay", "Smarthost:Password=secret", "Smarthost:Provider=Unlimited", "Intake:HostName=relay.test",
                "Rewrite:Origin=example.org", "Rewrite:Masquerade=example.org", $"Rewrite:AliasFile={aliases}",
                $"Listener:MaxConnections={MaxConnections}", $"Listener:MaxConnectionsPerPeer={MaxConnections}",
            ],
            environment: null,
            _cell.Launcher);
        using (var honest = new HonestClient(EndPoint))
        {
            await honest.SendsAsync(Extent.Of(200, 2_000));
            honest.Stop();
        }

        await EmptiedAsync();
        IdleOctets = _relay.ResidentOctets;
    }

    /// <summary>What counts is what comes from now on.</summary>
    public void ForgetPeak()
    {
        const string peak = "5";
        File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_relay.Id}/clear_refs"), peak);
    }

    /// <summary>Waits until all mail has gone out.</summary>
    public async Task EmptiedAsync()
    {
        (int left, string output, string error) = await RelayProcess.RunAsync("drain", "--timeout", "50s", $"--Queue:Path={Queue}");
        Assert.True(left == 0, output + error + string.Join('\n', _relay.Lines.TakeLast(20)));
    }

    /// <summary>How many messages for somebody have gone out.</summary>
    public async Task<int> DeliveredAsync(string recipient)
    {
        (_, string output, _) = await RelayProcess.RunAsync("trace", recipient, "--json", $"--Queue:Path={Queue}");
        return output.Split("\"outcome\":\"delivered\"").Length - 1;
    }

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        _smarthost.Dispose();
        _cell.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary><c>a1</c> stands for 2^40 people, and <c>i</c> for whoever stands in a file that includes itself ten thousand times.</summary>
    private string AliasBombs()
    {
        string self = Path.Combine(_folder, "self");
        File.WriteAllText(self, string.Concat(Enumerable.Repeat($":include:{self}\n", 10_000)) + "i@example.net\n");
        return string.Concat(Enumerable.Range(1, 40).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{n}: a{n + 1}, a{n + 1}\n"))) + $"i: :include:{self}\n";
    }
}
