using System.Diagnostics;
using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Machine;

/// <summary>
/// The relay as a process on a machine that can be made to fail, with a smarthost behind it and the books beside it. Messages over 4 KiB have a file of
/// their own in the queue, and the aliases stand in a file that is on the way of every message.
/// </summary>
internal sealed class FaultyMachine : IAsyncDisposable
{
    /// <summary>Longer than anything here may take on a machine that is busy with other tests; what it did take is in the figures.</summary>
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(Extent.Of(brief: 60, full: 300));

    private readonly TemporaryFolder _folder = new();
    private readonly string _queue;
    private readonly string[] _settings;
    private readonly Lock _gate = new();
    private RelayProcess? _relay;

    /// <param name="queue">Where the queue is; its own temporary folder if left out.</param>
    /// <param name="settings">Besides those of every relay that gets on with the smarthost.</param>
    public FaultyMachine(string? queue = null, params string[] settings)
        : this(new FakeSmarthost(), queue, settings)
    {
    }

    public FaultyMachine(FakeSmarthost smarthost, string? queue, string[] settings)
    {
        _queue = queue ?? _folder["queue"];
        Smarthost = smarthost.Listen();
        _settings =
        [
            .. RelayProcess.SettingsFor(Smarthost), "Queue:InlineOctets=4096", "Delivery:FirstRetry=00:00:01", "Delivery:MaxRetry=00:00:01",
            $"Rewrite:AliasFile={_folder.Write("aliases", "nobody: box@example.net\n")}", .. settings,
        ];
    }

    /// <summary>What a text in an order must be for all files on a message's way.</summary>
    public string Folder => _folder.Path;

    public string Queue => _queue;

    public FakeSmarthost Smarthost { get; }

    public FaultyDisk Disk { get; } = new();

    public Ledger Ledger { get; } = new();

    public RelayProcess Relay => _relay ?? throw new InvalidOperationException("It has not been started.");

    /// <summary>To whom messages are sent, and where they arrive then; the smarthost, if left out.</summary>
    public (string Recipient, Func<IReadOnlyList<CapturedMail>> Read)? Mailbox { get; init; }

    /// <summary>What has arrived.</summary>
    public IReadOnlyList<CapturedMail> Arrived => Mailbox?.Read() ?? Smarthost.Mails;

    /// <summary>The longest that a client waited for a 4xx.</summary>
    public TimeSpan SlowestRefusal { get; private set; }

    public LoadOnMachine Load(int clients) => new(this, clients);

    /// <summary>What <c>relayproxy health</c> says.</summary>
    public async Task<(int ExitCode, string Said)> HealthAsync()
    {
        (int exit, string output, string error) = await RelayProcess.RunAsync(
            "health", $"--Listener:Endpoints={Relay.EndPoint}", $"--Queue:Path={Queue}", "--Queue:MinFreeOctets=0");
        return (exit, output + error);
    }

    /// <summary>Starts the relay, on a disk that is sound at first.</summary>
    /// <param name="beside">More that is in its environment.</param>
    public async Task StartAsync(bool isFaulty = true, IReadOnlyDictionary<string, string>? beside = null) => _relay = await RelayProcess.StartAsync(
        _queue, _settings, isFaulty ? await Disk.EnvironmentAsync() : beside);

    /// <summary>Starts it on a disk that fails from the first moment on.</summary>
    /// <returns>Why it did not start.</returns>
    public async Task<string> StartInVainAsync(string call, string file, ErrorNumber error)
    {
        IReadOnlyDictionary<string, string> environment = await Disk.EnvironmentAsync();
        Disk.Order(call, file, (int)error);
        return (await Assert.ThrowsAsync<InvalidOperationException>(() => RelayProcess.StartAsync(_queue, _settings, environment))).Message;
    }

    public async Task KillAsync()
    {
        Relay.Signal(9);
        await Relay.ExitedAsync();
        await Relay.DisposeAsync();
        _relay = null;
    }

    /// <summary>Stops it, which a relay in good health survives with 0.</summary>
    public async Task StopAsync()
    {
        Relay.Signal(15);
        Assert.Equal(0, await Relay.ExitedAsync());
        await Relay.DisposeAsync();
        _relay = null;
    }

    /// <summary>Brings one message, on a connection of its own, and writes the answer into the books.</summary>
    /// <returns>The last answer; empty if the relay hung up without one.</returns>
    public async Task<string> SendAsync(int octets)
    {
        (string name, byte[] content) = Ledger.Write(octets);
        long began = Stopwatch.GetTimestamp();
        string reply = "";
        try
        {
            await using RawClient client = await RawClient.ConnectAsync(Relay.EndPoint);
            reply = await client.CommandAsync("EHLO test.example");
            reply = reply.StartsWith('2') ? await client.MailAsync("app@example.org", [Mailbox?.Recipient ?? "box@example.net"], content) : reply;
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // It was not taken, nor refused.
        }

        if (reply.StartsWith('2'))
        {
            Ledger.Took(name);
        }
        else if (reply.Length > 0)
        {
            Ledger.Refused(name);
            lock (_gate)
            {
                TimeSpan answered = Stopwatch.GetElapsedTime(began);
                SlowestRefusal = answered > SlowestRefusal ? answered : SlowestRefusal;
            }
        }

        Assert.False(reply.StartsWith('5'), $"The relay refuses for ever, for trouble that passes: {reply}\n{Log}");
        return reply;
    }

    /// <summary>Brings messages until one is taken.</summary>
    /// <param name="after">What was the trouble.</param>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> ResumesAsync(string after)
    {
        long began = Stopwatch.GetTimestamp();
        await UntilAsync(async () => (await SendAsync(1_000)).StartsWith('2'), $"It takes no mail although nothing fails any more, after {after}");
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Waits until everything that was answered 250 has arrived.</summary>
    public Task ArrivedAsync(string after) => UntilAsync(
        () => Task.FromResult(Ledger.Missing(Arrived).Count == 0), $"What was accepted does not arrive, after {after}");

    /// <summary>Waits until nothing is in the queue.</summary>
    public Task EmptyAsync() => UntilAsync(async () => !(await ListAsync()).Contains("example.net", StringComparison.Ordinal), "The queue does not become empty");

    public async Task<string> ListAsync()
    {
        (int exit, string output, string error) = await RelayProcess.RunAsync("queue", "list", "--json", $"--Queue:Path={_queue}");
        Assert.True(exit == 0, error);
        return output;
    }

    /// <summary>Nothing was lost, altered or sent twice, and nothing came that had been refused.</summary>
    /// <param name="mayBeSentTwice">It could not be written down that some were sent.</param>
    /// <param name="atTheEnd">So many were on their way when the disk went for good: refused because their sync failed, they may be on it all the same, and
    /// nothing could be written over them any more.</param>
    public void AssertBooksAreStraight(bool mayBeSentTwice = false, int atTheEnd = 0)
    {
        IReadOnlyList<CapturedMail> arrived = Arrived;
        Assert.Empty(Ledger.Missing(arrived));
        Assert.Empty(Ledger.Torn(arrived));
        Assert.True(mayBeSentTwice || Ledger.Duplicated(arrived).Count == 0, $"Sent twice: {string.Join(' ', Ledger.Duplicated(arrived))}");
        IReadOnlyList<string> uninvited = Ledger.Uninvited(arrived);
        Assert.True(uninvited.Count <= atTheEnd, $"Refused, and came: {string.Join(' ', uninvited)}");
        Assert.Empty(Smarthost.Violations);
    }

    /// <summary>Waits, and fails with the relay's last words.</summary>
    public Task UntilAsync(Func<Task<bool>> holds, string otherwise) => UntilAsync(holds, () => otherwise);

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string)"/>
    public async Task UntilAsync(Func<Task<bool>> holds, Func<string> otherwise)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_safety, $"{otherwise()}.\n{Log}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What it last complained of.</summary>
    public string Log => string.Join('\n', _relay?.Lines.Where(line => !line.Contains("\"level\":\"info\"", StringComparison.Ordinal)).TakeLast(40) ?? []);

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        await Smarthost.DisposeAsync();
        Disk.Dispose();
        _folder.Dispose();
    }
}
