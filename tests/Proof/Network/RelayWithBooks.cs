using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>
/// The relay as a process, with a queue on disk, in a network of its own if need be, and the books beside it: what it answered 250 to, which of that
/// it has said to be in doubt, and that its secret is not among what it wrote.
/// </summary>
internal sealed class RelayWithBooks : IAsyncDisposable
{
    private const string NeedsAPerson = "SmarthostNeedsAPerson";

    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(Extent.Of(brief: 60, full: 300));

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, string> _ids = new();
    private readonly ConcurrentQueue<string> _past = new();
    private readonly FakeSmarthost _smarthost;
    private readonly NetworkNamespace? _network;
    private readonly string[] _launcher;
    private readonly string[] _settings;
    private RelayProcess? _relay;

    /// <param name="host">The smarthost's name, or its address.</param>
    /// <param name="network">Where it lives; the machine's own if left out.</param>
    /// <param name="resolver">What stands in its <c>/etc/resolv.conf</c>; empty for what stands in the machine's.</param>
    /// <param name="settings">Besides those of every relay that gets on with the smarthost.</param>
    public RelayWithBooks(FakeSmarthost smarthost, string host, int port, NetworkNamespace? network, string resolver, params string[] settings)
    {
        (_smarthost, _network) = (smarthost, network);
        string[] names = resolver.Length == 0 ? [] :
        [
            "unshare", "--mount", "sh", "-c", "mount --bind \"$1\" /etc/resolv.conf && mount --bind \"$2\" /etc/nsswitch.conf && shift 2 && exec \"$@\"", "sh",
            _folder.Write("resolv.conf", resolver), _folder.Write("nsswitch.conf", "hosts: dns\n"),
        ];
        _launcher = network?.Enter(names) ?? names;
        _settings =
        [
            $"Smarthost:Host={host}", $"Smarthost:Port={port}", $"Smarthost:CaFile={TestCertificates.AuthorityFile}", $"Smarthost:Username={smarthost.Username}",
            $"Smarthost:PasswordFile={_folder.Write("password", smarthost.Password)}", "Intake:HostName=relay.test", "Rewrite:Origin=example.org",
            "Rewrite:AliasFile=", "Queue:InlineOctets=4096", "Delivery:FirstRetry=00:00:01", "Delivery:MaxRetry=00:00:01", .. settings,
        ];
    }

    public Ledger Ledger { get; } = new();

    public RelayProcess Relay => _relay ?? throw new InvalidOperationException("It has not been started.");

    /// <summary>How often it has said that it leaves the smarthost alone for a while.</summary>
    public int Rests => Lines.Count(line => Tells(line, "SmarthostRests") || Tells(line, NeedsAPerson));

    /// <summary>Messages that were said to be in doubt.</summary>
    public int InDoubt => _ids.Values.Count(id => Doubts(id) > 0);

    private IEnumerable<string> Lines => _past.Concat(_relay?.Lines ?? []);

    public async Task StartAsync() => _relay = await RelayProcess.StartAsync(_folder["queue"], _settings, environment: null, _launcher);

    /// <summary>Stops it, which a relay in good health survives with 0.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        long began = Stopwatch.GetTimestamp();
        Relay.Signal(15);
        int exit = await Relay.ExitedAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        foreach (string line in Relay.Lines)
        {
            _past.Enqueue(line);
        }

        await Relay.DisposeAsync();
        _relay = null;
        Assert.True(exit == 0, $"It ended with {exit}.\n{Log}");
        return took;
    }

    /// <summary>Brings a message, which it has to take whatever becomes of the network.</summary>
    public async Task SendAsync(int octets)
    {
        (string name, byte[] content) = Ledger.Write(octets);
        await using RawClient client = await RawClient.ConnectAsync(Relay.EndPoint, _network);
        string reply = await client.CommandAsync("EHLO test.example");
        reply = reply.StartsWith('2') ? await client.MailAsync("app@example.org", ["box@example.net"], content) : reply;
        const string Taken = "250 2.0.0 Queued as ";
        Assert.True(reply.StartsWith(Taken, StringComparison.Ordinal), $"{reply}\n{Log}");
        Ledger.Took(name);
        _ids[name] = reply[Taken.Length..];
    }

    /// <summary>What <c>relayproxy health</c> says, which has to be that all is well.</summary>
    public async Task<string> HealthAsync(params string[] options)
    {
        (int exit, string output) = await RunAsync(["health", $"--Listener:Endpoints={Relay.EndPoint}", "--Queue:MinFreeOctets=0", .. options]);
        Assert.True(exit == 0, $"{output}\n{Log}");
        return output;
    }

    /// <summary>An operator knows that the trouble is over.</summary>
    public async Task RetryAllAsync()
    {
        (int exit, string output) = await RunAsync("queue", "retry", "--all");
        Assert.True(exit == 0, output);
    }

    /// <summary>Waits until everything that was answered 250 has arrived, and the relay knows it.</summary>
    public Task ArrivedAsync(string after) => UntilAsync(
        () => Task.FromResult(Ledger.Missing(_smarthost.Mails).Count == 0 && Lines.Count(line => Tells(line, "Delivered")) >= Ledger.Accepted),
        $"What was accepted does not arrive, after {after}");

    /// <summary>Nothing waits, was lost or altered, and what came more than once had been said to be in doubt as often.</summary>
    /// <returns>What came more than once.</returns>
    public async Task<int> CloseAsync()
    {
        (_, string waiting) = await RunAsync("queue", "list", "--json");
        Assert.DoesNotContain("example.net", waiting, StringComparison.Ordinal);
        IReadOnlyList<CapturedMail> arrived = _smarthost.Mails;
        CapturedMail[] ours = [.. arrived.Where(mail => _ids.ContainsKey(Ledger.NameOf(mail)))];
        Assert.Empty(Ledger.Missing(arrived));
        Assert.Empty(Ledger.Torn(ours));
        Assert.Empty(_smarthost.Violations);
        foreach (IGrouping<string, CapturedMail> same in ours.GroupBy(Ledger.NameOf))
        {
            // Each doubt is told when it comes up, and all of them once more at the end.
            Assert.True(same.Count() == 1 || same.Count() <= Doubts(_ids[same.Key]), $"{same.Key} came {same.Count()} times without doubt.\n{Log}");
        }

        string login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{_smarthost.Username}\0{_smarthost.Password}"));
        Assert.DoesNotContain(Lines, line => line.Contains(_smarthost.Password, StringComparison.Ordinal) || line.Contains(login, StringComparison.Ordinal));
        string? fault = Lines.FirstOrDefault(line => line.Contains("Unhandled exception", StringComparison.Ordinal)
            || (line.Contains("\"level\":\"error\"", StringComparison.Ordinal) && !Tells(line, NeedsAPerson)));
        Assert.True(fault is null, fault);
        return Ledger.Duplicated(ours).Count;
    }

    /// <summary>Waits, and fails with the relay's last words.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string otherwise)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_safety, $"{otherwise}.\n{Log}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_relay?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    private string Log => string.Join('\n', Lines.Where(line => !line.Contains("\"level\":\"info\"", StringComparison.Ordinal)).TakeLast(40));

    private static bool Tells(string line, string what) => line.Contains($"\"event\":\"{what}\"", StringComparison.Ordinal);

    private int Doubts(string id) => Lines.Count(line => Tells(line, "PossibleDuplicate") && line.Contains(id, StringComparison.Ordinal));

    private async Task<(int Exit, string Output)> RunAsync(params string[] command)
    {
        string[] line = [.. _network?.Enter() ?? [], "dotnet", RelayProcess.Assembly, .. command, $"--Queue:Path={_folder["queue"]}"];
        return await ChildProcess.RunAsync(line[0], line[1..]);
    }
}
