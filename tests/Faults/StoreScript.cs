using System.Diagnostics;
using System.Globalization;
using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Faults;

/// <summary>
/// The steps that a test can ask for:
/// <code>
/// accept NAME [OCTETS]    puts in a message (its sender's local part is NAME): Committed, Full, Failed; or what a write threw
/// fault CALL TEXT ERRNO [SKIP [TIMES]]   from now on calls on files whose path contains TEXT fail (faulty.c)
/// mend                    nothing fails any more
/// health                  Ready, Full, Suspect
/// second                  lets a second pass, and whatever the store does about it
/// lease                   leases what is due: its names
/// settle                  settles what is leased as delivered: Settled, Failed, LeaseLost for each
/// list                    the names of what is in the queue
/// read                    reads every message to its end: its names, or what is wrong with it
/// deliver mbox|maildir PATH   delivers a message on this machine: whether it could, and what the mailbox then has
/// every CALL TEXT ERRNO   accepts and settles again and again, each time with the next call failing: the names that must be there
/// fill COUNT              accepts so many, some large: how many were committed
/// flood PREFIX            accepts and settles from many sides without end, telling "in NAME", "leaving NAME" and "out NAME"
/// kill                    ends the process as SIGKILL does
/// </code>
/// </summary>
internal sealed class StoreScript : IAsyncDisposable
{
    // Each run begins where the real time is: two processes at one instant would draw the same ids sooner or later.
    private readonly TestClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly SqliteQueueStore _store;
    private readonly List<QueueLease> _leases = [];
    private int _serial;
    private bool _isOpen;

    public StoreScript(string folder) => _store = new SqliteQueueStore(
        new QueueOptions { Path = folder, InlineOctets = 16 * 1024, MinFreeOctets = 0 }, _clock, new ConsoleLogger());

    public async Task<string> RunAsync(string step)
    {
        if (!_isOpen)
        {
            await _store.OpenAsync(StoreAccess.Daemon, default);
            _isOpen = true;
        }

        string[] words = step.Split(' ');
        return words switch
        {
            ["accept", var name] => await AcceptAsync(name, 1000),
            ["accept", var name, var octets] => await AcceptAsync(name, Number(octets)),
            ["fault", var call, var text, var error] => Fault(call, text, error, 0, 1_000_000),
            ["fault", var call, var text, var error, var skip] => Fault(call, text, error, Number(skip), 1_000_000),
            ["fault", var call, var text, var error, var skip, var times] => Fault(call, text, error, Number(skip), Number(times)),
            ["mend"] => Mend(),
            ["health"] => _store.Health.ToString(),
            ["second"] => await SecondAsync(),
            ["lease"] => await LeaseAsync(),
            ["settle"] => await SettleAsync(),
            ["list"] => await ListAsync(),
            ["read"] => await ReadAsync(),
            ["every", var call, var text, var error] => await EveryAsync(call, text, error),
            ["deliver", var kind, var path] => Deliver(kind, path),
            ["fill", var count] => await FillAsync(Number(count)),
            ["flood", var prefix] => await FloodAsync(prefix),
            ["kill"] => Kill(),
            _ => throw new ArgumentException($"There is no step '{step}'."),
        };
    }

    /// <summary>Whether a message was delivered, how many whole ones the mailbox has now, and what else a reader would see.</summary>
    private string Deliver(string kind, string path)
    {
        string? failure = LocalMail.TryDeliver(kind, path, _clock);
        (int whole, int other) = LocalMail.Count(kind, path);
        return $"{(failure is null ? "delivered" : "failed")}, {whole} whole, {other} other";
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<string> AcceptAsync(string name, int octets)
    {
        try
        {
            await using IMessageWriter writer = _store.BeginMessage(QueueId.Next(_clock));
            await writer.WriteAsync(Content(name, octets), default);
            await using PreparedMessage prepared = await writer.CompleteAsync(Letter(name), default);
            return (await _store.CommitAsync(prepared, lease: false, default)).Status.ToString();
        }
        catch (IOException error)
        {
            return error.GetType().Name;
        }
    }

    private NewMessage Letter(string name) => new()
    {
        Envelope = new Envelope { Sender = new Mailbox(name, "example.net") },
        Recipients = [new Recipient(new Mailbox("ops", "example.net"))],
        ReceivedAt = _clock.GetUtcNow(),
        ExpiresAt = _clock.GetUtcNow() + TimeSpan.FromDays(5),
    };

    /// <summary>Octets that tell whose they are.</summary>
    private static byte[] Content(string name, int octets)
    {
        byte[] content = new byte[octets];
        new Random(name.Sum(letter => letter) + octets).NextBytes(content);
        Encoding.ASCII.GetBytes(name, content);
        return content;
    }

    /// <summary>Other calls of this step's serial number: counting starts anew.</summary>
    private string Fault(string call, string text, string error, int skip, int times)
    {
        _serial++;
        File.WriteAllText(Orders(), string.Create(CultureInfo.InvariantCulture, $"{_serial} {call} {text} {error} {skip} {times}\n"));
        return "set";
    }

    private static string Mend()
    {
        File.WriteAllText(Orders(), "");
        return "set";
    }

    private async Task<string> SecondAsync()
    {
        _clock.Advance(TimeSpan.FromSeconds(1));

        // Work is done after the probe that was asked for before it.
        await _store.LeaseDueAsync(MailRoute.Smarthost, DateTimeOffset.MinValue, 1, TimeSpan.FromMinutes(1), default);
        return _store.Health.ToString();
    }

    private async Task<string> LeaseAsync()
    {
        IReadOnlyList<QueueLease> leases = await _store.LeaseDueAsync(MailRoute.Smarthost, _clock.GetUtcNow(), 1000, TimeSpan.FromMinutes(1), default);
        _leases.AddRange(leases);
        return Names(leases.Select(lease => lease.Message));
    }

    private async Task<string> SettleAsync()
    {
        var results = new List<SettleResult>();
        foreach (QueueLease lease in _leases.ToArray())
        {
            SettleResult result = await _store.SettleAsync(Delivered(lease), default);
            results.Add(result);
            if (result != SettleResult.Failed)
            {
                _leases.Remove(lease);
            }
        }

        return string.Join(' ', results);
    }

    private static Settlement Delivered(QueueLease lease) => new()
    {
        Lease = lease,
        Recipients = [new RecipientSettlement(0, RecipientState.Delivered, 1, default, "250 Ok")],
    };

    private async Task<string> ListAsync() => Names(await _store.ListAsync(QueueSelection.All, default).ToListAsync());

    private async Task<string> ReadAsync()
    {
        var names = new List<string>();
        await foreach (QueuedMessage message in _store.ListAsync(QueueSelection.All, default))
        {
            names.Add(await ReadOneAsync(message));
        }

        return string.Join(' ', names);
    }

    private async Task<string> ReadOneAsync(QueuedMessage message)
    {
        string name = message.Envelope.Sender?.LocalPart ?? "<>";
        try
        {
            await using Stream stream = (await _store.FindContentAsync(message.Id, default))!.OpenRead();
            using var content = new MemoryStream();
            await stream.CopyToAsync(content);
            return content.ToArray().AsSpan().SequenceEqual(Content(name, (int)message.Octets)) ? name : $"{name}-ALTERED";
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return $"{name}-{error.GetType().Name}";
        }
    }

    /// <summary>With every call of the accept path and the settle path failing in turn, until a round is reached that none is left
    /// to fail in.</summary>
    private async Task<string> EveryAsync(string call, string text, string error)
    {
        var kept = new SortedSet<string>(StringComparer.Ordinal);
        int clean = 0;
        for (int turn = 0; clean < 3; turn++)
        {
            bool failed = await RoundAsync(kept, $"{call}{turn}", () => Fault(call, text, error, turn, 1));
            clean = failed ? 0 : clean + 1;
        }

        return string.Join(' ', kept);
    }

    private async Task<bool> RoundAsync(SortedSet<string> kept, string round, Action fault)
    {
        string before = $"{round}-before", small = $"{round}-small", large = $"{round}-large", after = $"{round}-after";
        await ExpectAsync(kept, before, 1000);
        IReadOnlyList<QueueLease> leases = await _store.LeaseDueAsync(MailRoute.Smarthost, _clock.GetUtcNow(), 1, TimeSpan.FromMinutes(1), default);

        fault();
        bool failed = !await TryAsync(kept, small, 1000) | !await TryAsync(kept, large, 50_000);
        foreach (QueueLease lease in leases)
        {
            SettleResult settled = await _store.SettleAsync(Delivered(lease), default);
            failed |= settled == SettleResult.Failed;
            if (settled == SettleResult.Settled)
            {
                kept.Remove(lease.Message.Envelope.Sender!.LocalPart);
            }
        }

        Mend();
        for (int seconds = 0; _store.Health != StoreHealth.Ready; seconds++)
        {
            if (seconds == 5)
            {
                throw new InvalidOperationException($"{round}: the store does not recover.");
            }

            await SecondAsync();
        }

        await ExpectAsync(kept, after, 1000);
        _clock.Advance(TimeSpan.FromMinutes(2));
        return failed;
    }

    private async Task<string> FillAsync(int count)
    {
        int committed = 0;
        foreach (int[] together in Enumerable.Range(0, count).Chunk(50))
        {
            string[] results = await Task.WhenAll(together.Select(i => AcceptAsync($"fill{i}", i % 100 == 0 ? 50_000 : 12_000)));
            committed += results.Count(result => result == nameof(CommitStatus.Committed));
        }

        return committed.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<string> FloodAsync(string prefix)
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(side => Task.Run(() => FloodFromAsync($"{prefix}-{side}"))));
        return "";
    }

    private async Task FloodFromAsync(string prefix)
    {
        for (int i = 0; ; i++)
        {
            string name = $"{prefix}-{i}";
            await using IMessageWriter writer = _store.BeginMessage(QueueId.Next(_clock));
            await writer.WriteAsync(Content(name, i % 5 == 0 ? 50_000 : 1000), default);
            await using PreparedMessage prepared = await writer.CompleteAsync(Letter(name), default);
            CommitResult result = await _store.CommitAsync(prepared, lease: true, default);
            if (result.Status != CommitStatus.Committed)
            {
                throw new InvalidOperationException($"{name} was refused although nothing fails: {result.Reason}");
            }

            Console.WriteLine($"in {name}");
            if (i % 3 != 0)
            {
                Console.WriteLine($"leaving {name}");
                SettleResult settled = await _store.SettleAsync(Delivered(result.Lease!), default);
                if (settled != SettleResult.Settled)
                {
                    throw new InvalidOperationException($"{name} could not be settled although nothing fails: {settled}");
                }

                Console.WriteLine($"out {name}");
            }
        }
    }

    private async Task ExpectAsync(SortedSet<string> kept, string name, int octets)
    {
        if (!await TryAsync(kept, name, octets))
        {
            throw new InvalidOperationException($"{name} was refused although nothing fails.");
        }
    }

    private async Task<bool> TryAsync(SortedSet<string> kept, string name, int octets)
    {
        bool committed = await AcceptAsync(name, octets) == nameof(CommitStatus.Committed);
        if (committed)
        {
            kept.Add(name);
        }

        return committed;
    }

    private static string Kill()
    {
        Process.GetCurrentProcess().Kill();
        return "";
    }

    private static string Names(IEnumerable<QueuedMessage> messages) =>
        string.Join(' ', messages.Select(message => message.Envelope.Sender?.LocalPart ?? "<>").Order(StringComparer.Ordinal));

    private static string Orders() => Environment.GetEnvironmentVariable("FAULTS")
        ?? throw new InvalidOperationException("FAULTS does not name the file of orders.");

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
