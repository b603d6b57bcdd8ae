using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Intake;

/// <summary>An intake desk with a store in memory and everything else within a test's reach.</summary>
internal sealed class TestIntake
{
    public static readonly Mailbox Alice = new("alice", "example.net");
    public static readonly Mailbox Bob = new("bob", "example.org");

    public TestIntake()
    {
        Store = new MemoryQueueStore(Clock);
        var rewriter = new Rewriter(() => Rewrite, () => "", () => Options.HostName);
        Desk = new IntakeDesk(Store, HandOver, rewriter, () => Options, () => Queue, new RelayMetrics(new RelayReadings(), Clock), Clock, Logger);
    }

    public TestClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 5, 3, 41, TimeSpan.Zero));

    public MemoryQueueStore Store { get; }

    public FakeHandOver HandOver { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public IntakeOptions Options { get; } = new() { HostName = "relay.example.net" };

    public RewriteOptions Rewrite { get; } = new() { Origin = "example.net", AliasFile = "", UnknownLocal = "Qualify" };

    public QueueOptions Queue { get; } = new();

    public IntakeDesk Desk { get; }

    public MessageOrigin Origin { get; set; } = new() { HeloName = "web1", Address = "127.0.0.1", UserId = 33, UserName = "www-data" };

    public Envelope Envelope { get; set; } = new() { Sender = Alice };

    /// <summary>No edit is made but the trace field.</summary>
    public void EditNothing() => Options.AddDate = Options.AddFrom = Options.AddMessageId = false;

    public IntakeTransaction Begin(params Mailbox[] recipients)
    {
        IntakeTransaction transaction = Desk.Begin(Origin, Envelope);
        foreach (Mailbox recipient in recipients)
        {
            Assert.Null(transaction.AddRecipient(new Recipient(recipient)));
        }

        return transaction;
    }

    /// <summary>Takes a message in, in one piece, and says what came of it.</summary>
    public Task<SmtpReply> SendAsync(string content) => SendAsync([Sequences.Octets(content)]);

    /// <summary>Takes a message in, drained after each piece.</summary>
    public async Task<SmtpReply> SendAsync(IEnumerable<byte[]> pieces)
    {
        await using IntakeTransaction transaction = Begin(Bob);
        foreach (byte[] piece in pieces)
        {
            transaction.Write(piece);
            await transaction.DrainAsync(TestContext.Current.CancellationToken);
        }

        return await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Takes a message in, and gives what is stored of it.</summary>
    public Task<string> StoreAsync(string content) => StoreAsync([Sequences.Octets(content)]);

    public async Task<string> StoreAsync(IEnumerable<byte[]> pieces)
    {
        SmtpReply reply = await SendAsync(pieces);
        Assert.True(reply.IsSuccess, reply.ToString());
        return Sequences.Text(Store.Octets(Store.Messages[^1].Id));
    }

    /// <summary>What stands below our own Received field.</summary>
    public static string BelowTrace(string stored)
    {
        Assert.StartsWith("Received: ", stored, StringComparison.Ordinal);
        int end = 0;
        do
        {
            end = stored.IndexOf("\r\n", end, StringComparison.Ordinal) + 2;
        }
        while (stored[end] == '\t');
        return stored[end..];
    }
}
