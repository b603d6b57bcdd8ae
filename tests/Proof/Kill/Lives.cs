using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Proof.Kill;

/// <summary>One queue and the many lives of its relay, each of which ends without warning; at the end one that lives, and the closing of the books.</summary>
internal sealed class Lives : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Reload = 1;

    private readonly string _queue;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost;
    private readonly string? _assembly;
    private volatile bool _isLater = true;

    /// <param name="queue">Its folder.</param>
    /// <param name="assembly">Where the relay is, if not beside the tests.</param>
    public Lives(string queue, int seed, string? assembly = null)
    {
        (_queue, Seed, Random, _assembly) = (queue, seed, new Random(seed), assembly);
        _smarthost = new FakeSmarthost { OnRcpt = AnswerRcpt }.Listen();
        WriteAliases();
        Configure();
    }

    public int Seed { get; }

    public Random Random { get; }

    /// <summary>An operator's commands run in this process too. Not where the disk may go: whoever has a file of it mapped goes with it.</summary>
    public bool IsDeskHere { get; init; } = true;

    public Books Books { get; } = new();

    public static async Task<bool> UntilAsync(Func<Task<bool>> holds)
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await holds())
        {
            if (safety.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(10, CancellationToken.None);
        }

        return true;
    }

    /// <summary>Mail that an earlier version of the program has left.</summary>
    public async Task LeaveOldQueueAsync(int schema, int messages)
    {
        await using (var store = new SqliteQueueStore(new QueueOptions { Path = _queue, MinFreeOctets = 0, InlineOctets = 8192 }, TimeProvider.System, new RecordingLogger()))
        {
            await store.OpenAsync(StoreAccess.Daemon, CancellationToken.None);
            for (int i = 0; i < messages; i++)
            {
                await AcceptAsync(store);
            }
        }

        OldQueue.Make(_queue, schema);
    }

    /// <summary>Starts the relay.</summary>
    /// <param name="under">A program that starts it.</param>
    public RelayProcess Launch(params string[] under) =>
        RelayProcess.Launch(_queue, [$"config={_folder["relay.json"]}"], assembly: _assembly, launcher: under);

    /// <summary>Whether all that can be done now has been: what is left was tried, and waits for its time.</summary>
    public static async Task<bool> IsSettledAsync(SqliteQueueStore store)
    {
        await foreach (QueuedMessage message in store.ListAsync(QueueSelection.All, CancellationToken.None))
        {
            if (message.InDelivery || message.Recipients.Any(recipient => recipient is { State: RecipientState.Waiting, Attempts: 0 }))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The queue as an operator sees it. To be closed before the next life, which would else find somebody at home.</summary>
    public async Task<SqliteQueueStore> OpenQueueAsync()
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = _queue }, TimeProvider.System, new RecordingLogger());
        await store.OpenAsync(StoreAccess.Operator, CancellationToken.None);
        return store;
    }

    /// <summary>One letter after the other, until the relay is gone or all are taken.</summary>
    public async Task BringAsync(RelayProcess relay, params (LetterKind Kind, int Octets)[] letters)
    {
        try
        {
            await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
            await client.CommandAsync("EHLO test.example");
            foreach ((LetterKind kind, int octets) in letters)
            {
                if (!await SendAsync(client, Books.Write(kind, octets)))
                {
                    return;
                }
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // It is gone.
        }
    }

    /// <summary>A life: it starts, has all the work there is, and dies at some moment, perhaps before it is ready.</summary>
    /// <param name="end">What ends it.</param>
    public async Task LiveAsync(Func<RelayProcess, Task> end)
    {
        await using RelayProcess relay = Launch();
        if (Random.Next(6) == 0)
        {
            await Task.Delay(Random.Next(400));
        }
        else
        {
            await relay.ReadyAsync();
            await WorkAsync(relay, end);
            return;
        }

        await EndAsync(relay, end);
    }

    public static async Task KillAsync(RelayProcess relay)
    {
        relay.Signal(Kill);
        await relay.ExitedAsync();
    }

    /// <summary>Ends a life. What was on its way into the smarthost then has been taken when this ends, or never will be.</summary>
    public async Task EndAsync(RelayProcess relay, Func<RelayProcess, Task> end)
    {
        long at = Stopwatch.GetTimestamp();
        await end(relay);
        await _smarthost.EndedAsync();
        Books.LifeEnded(_smarthost.Mails.Count, at);
    }

    /// <summary>One life to its natural end: all that waits is brought, and the books are closed.</summary>
    /// <param name="before">What another smarthost has taken before.</param>
    public async Task<Account> DrainAsync(params IReadOnlyList<CapturedMail> before)
    {
        _isLater = false;
        Configure();
        string about = string.Create(CultureInfo.InvariantCulture, $"seed {Seed}");
        var desk = new OperatorDesk(_queue, Books);
        if (File.Exists(Path.Combine(_queue, "queue.db")) && !IsOld())
        {
            await desk.RunAsync("queue", "release", "--state", "held");
            await desk.RunAsync("queue", "retry", "--all");
        }

        await using RelayProcess relay = Launch();
        await relay.ReadyAsync();
        await using SqliteQueueStore store = await OpenQueueAsync();
        QueueTotals left = await store.TotalsAsync(CancellationToken.None);
        bool isEmpty = await UntilAsync(async () => (left = await store.TotalsAsync(CancellationToken.None)).Messages == 0);
        await store.DisposeAsync();
        long peak = relay.PeakResidentOctets;
        const int terminate = 15;
        relay.Signal(terminate);
        int exit = await relay.ExitedAsync();
        await _smarthost.EndedAsync();

        Account account = Books.Close([.. before, .. _smarthost.Mails], about);
        account.PeakResidentOctets = peak;
        if (!isEmpty || exit != 0)
        {
            account.Faults.Add($"{about}: it was to bring what waited and end; left: {left}; exit {exit}:\n{string.Join('\n', relay.Lines.TakeLast(60))}");
        }

        account.Faults.AddRange(_smarthost.Violations.Select(violation => $"{about}: {violation}"));
        account.Faults.AddRange(Remains().Select(remains => $"{about}: {remains}"));
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        await _smarthost.DisposeAsync();
        _folder.Dispose();
    }

    private async Task WorkAsync(RelayProcess relay, Func<RelayProcess, Task> end)
    {
        var desk = new OperatorDesk(_queue, Books);
        using var over = new CancellationTokenSource();
        int target = Books.Accepted + Random.Next(Random.Next(2) == 0 ? 20 : 120);
        int[] seeds = [.. Enumerable.Range(0, 4).Select(_ => Random.Next())];
        Task clients = Task.WhenAll(seeds.Select(seed => Task.Run(() => SendAsync(relay, new Random(seed)))));
        Task desks = !IsDeskHere || Random.Next(2) == 0 ? Task.CompletedTask : Task.Run(() => desk.WorkAsync(new Random(seeds[0]), over.Token));
        await using ChildProcess? command = Random.Next(10) == 0 ? desk.Start(Random, _assembly) : null;
        if (Random.Next(3) == 0)
        {
            await Task.Delay(Random.Next(30));
            WriteAliases();
            Configure();
            relay.Signal(Reload);
        }

        while (Books.Accepted < target && !clients.IsCompleted)
        {
            await Task.Delay(1);
        }

        await Task.Delay(Random.Next(3) == 0 ? Random.Next(60) : 0);
        command?.Signal(Kill);
        await EndAsync(relay, end);
        await over.CancelAsync();
        await Task.WhenAll(clients, desks);
    }

    /// <summary>One client: a letter after the other, until it is cut off or has no more.</summary>
    private async Task SendAsync(RelayProcess relay, Random random)
    {
        try
        {
            await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
            await client.CommandAsync("EHLO test.example");
            for (int i = 0; i < 60; i++)
            {
                if (!await SendAsync(client, Books.Write(random)))
                {
                    return;
                }
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // That was the end.
        }
    }

    /// <returns><c>false</c> if there was no answer, or none that lets the client go on.</returns>
    public static async Task<bool> SendAsync(RawClient client, Letter letter)
    {
        string reply = await client.MailAsync(Letter.Sender, letter.Recipients, letter.TakeWire());
        letter.Answered(reply);
        return letter.State == LetterState.Accepted;
    }

    private async Task AcceptAsync(SqliteQueueStore store)
    {
        Letter letter = Books.Write(Random);
        await using IMessageWriter writer = store.BeginMessage(QueueId.Next(TimeProvider.System));
        await writer.WriteAsync(letter.TakeContent(), CancellationToken.None);
        IReadOnlyList<string> recipients = letter.Recipients is ["crew"] ? letter.Arrives : letter.Recipients;
        await using PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox("app", "example.org") },
                MessageId = $"<{letter.Number}@letters.example>",
                Recipients = [.. recipients.Select(recipient => new Recipient(new Mailbox(recipient.Split('@')[0], recipient.Split('@')[1])))],
                ReceivedAt = TimeProvider.System.GetUtcNow(),
                ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(5),
            },
            CancellationToken.None);
        Assert.Equal(CommitStatus.Committed, (await store.CommitAsync(prepared, lease: false, CancellationToken.None)).Status);
        letter.Answered($"250 2.0.0 Queued as {prepared.Id}");
    }

    private FakeAnswer AnswerRcpt(FakeStep step) =>
        step.Line.Contains("refused@", StringComparison.Ordinal) ? "550 5.1.1 Nobody of that name"
        : _isLater && step.Line.Contains("later@", StringComparison.Ordinal) ? "450 4.2.1 Later"
        : "250 2.1.5 Ok";

    /// <summary>Another configuration of the same meaning as far as the books are concerned.</summary>
    private void Configure()
    {
        var settings = new Dictionary<string, Dictionary<string, object>>
        {
            ["Smarthost"] = new()
            {
                ["Host"] = "localhost",
                ["Port"] = _smarthost.Port,
                ["CaFile"] = TestCertificates.AuthorityFile,
                ["Username"] = _smarthost.Username,
                ["Password"] = _smarthost.Password,
                ["MaxConnections"] = Random.Next(1, 5),
                ["MaxMessagesPerConnection"] = Random.Next(3, 40),
                ["UseChunking"] = Random.Next(2) == 0,
            },
            ["Intake"] = new() { ["HostName"] = "relay.test" },
            ["Rewrite"] = new() { ["Origin"] = "example.org", ["AliasFile"] = _folder["aliases"] },
            ["Queue"] = new() { ["InlineOctets"] = 8192 },
            ["Delivery"] = new() { ["MaxReportsPerHour"] = 1_000_000 },
        };
        Replace("relay.json", JsonSerializer.Serialize(settings));
    }

    private void WriteAliases() => Replace("aliases", $"# {Random.Next()}\ncrew: ann@example.net, bob@example.net\n");

    private void Replace(string name, string text)
    {
        _folder.Write(name + ".new", text);
        File.Move(_folder[name + ".new"], _folder[name], overwrite: true);
    }

    private bool IsOld()
    {
        using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(_queue, "queue.db"), readOnly: false);
        return Schema.VersionOf(database) < Schema.Version;
    }

    /// <summary>What an empty queue may not have: a structure that SQLite finds fault with, sums that are not nothing, bodies of nobody.</summary>
    private IEnumerable<string> Remains()
    {
        using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(_queue, "queue.db"), readOnly: false);
        string check = database.QueryText("PRAGMA integrity_check(3)");
        if (check != "ok")
        {
            yield return $"the database is damaged: {check}";
        }

        long sums = database.QueryInt64("SELECT abs(messages) + abs(octets) + abs(waiting) + abs(in_delivery) + abs(held) + abs(parked) FROM store");
        if (sums != 0)
        {
            yield return "the sums over an empty queue are not nothing";
        }

        string[] bodies = [.. Directory.EnumerateFiles(Path.Combine(_queue, "bodies")).Where(file => Path.GetFileName(file) != "probe")];
        if (bodies.Length > 0)
        {
            yield return $"bodies of no message are left: {string.Join(' ', bodies)}";
        }
    }
}
