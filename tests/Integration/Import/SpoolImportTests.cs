using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Commands.Import;
using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Import;

/// <summary>Mail changes over from dma's spool to our queue: none is lost and none is doubled, wherever the change is cut short.</summary>
public sealed class SpoolImportTests : IAsyncLifetime
{
    private const string Name = "Q1a2b.5581";

    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();
    private readonly SqliteQueueStore _store;
    private readonly SpoolIntake _intake;

    public SpoolImportTests()
    {
        var options = new RelayOptions { Queue = new QueueOptions { Path = _folder["queue"], MinFreeOctets = 0 } };
        options.Rewrite.Origin = "hamlet.example";
        options.Intake.HostName = "hamlet.example";
        _store = new SqliteQueueStore(options.Queue, _clock, NullLogger.Instance);
        _intake = new SpoolIntake(_store, Relay.IntakeOf(_store, options, _clock));
    }

    private string Spool => _folder["spool"];

    public async ValueTask InitializeAsync() => await _store.OpenAsync(StoreAccess.Daemon, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_text_gets_the_line_ends_of_mail_and_a_trace_field_and_is_otherwise_as_it_was()
    {
        WriteMessage("Subject: Test 2\nFrom: dusko@hamlet.example\nDate: Sun, 22 Nov 2026 05:00:00 +0000\nMessage-Id: <1@hamlet.example>\n\n.\nlast line");

        (Taken taken, QueueId id, _) = await TakeAsync();

        Assert.Equal(Taken.Now, taken);
        await using Stream content = (await _store.FindContentAsync(id, CancellationToken.None))!.OpenRead();
        string text = await new StreamReader(content).ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("Received: from localhost\r\n\tby hamlet.example (RelayProxy) with local id ", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "\r\nSubject: Test 2\r\nFrom: dusko@hamlet.example\r\nDate: Sun, 22 Nov 2026 05:00:00 +0000\r\nMessage-Id: <1@hamlet.example>\r\n\r\n.\r\nlast line\r\n",
            text,
            StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Spool));
    }

    [Fact]
    public async Task A_run_that_was_cut_short_before_it_could_remove_a_message_does_not_double_it()
    {
        WriteMessage("Subject: once\n\n");
        (_, QueueId id, _) = await TakeAsync();
        WriteMessage("Subject: once\n\n");

        Assert.Equal((Taken.Before, id, ""), await TakeAsync());

        Assert.Single(await IdsAsync());
        Assert.Empty(Directory.EnumerateFiles(Spool));
    }

    [Fact]
    public async Task Nor_does_it_if_the_message_has_been_sent_on_meanwhile()
    {
        WriteMessage("Subject: once\n\n");
        (_, QueueId id, _) = await TakeAsync();
        await _store.ApplyAsync(QueueAction.Delete, new QueueSelection { Ids = [id] }, _clock.GetUtcNow(), CancellationToken.None);
        WriteMessage("Subject: once\n\n");

        Assert.Equal((Taken.Before, id, ""), await TakeAsync());
        Assert.Empty(await IdsAsync());
    }

    [Fact]
    public async Task A_later_message_of_the_same_name_is_another()
    {
        WriteMessage("Subject: once\n\n");
        await TakeAsync();
        WriteMessage("Subject: twice\n\n", later: TimeSpan.FromSeconds(1));

        Assert.Equal(Taken.Now, (await TakeAsync()).Taken);
        Assert.Equal(2, (await IdsAsync()).Count);
    }

    [Fact]
    public async Task What_cannot_be_kept_stays_where_it_is()
    {
        WriteMessage("Subject: going in circles\n" + string.Concat(Enumerable.Repeat("Received: from a by b\n", 60)) + "\n");

        (Taken taken, _, string why) = await TakeAsync();

        Assert.Equal(Taken.No, taken);
        Assert.StartsWith("554 5.4.6", why, StringComparison.Ordinal);
        Assert.Empty(await IdsAsync());
        Assert.Equal(2, Directory.EnumerateFiles(Spool).Count());
    }

    [Fact]
    public void What_dma_is_delivering_is_left_to_it()
    {
        WriteMessage("Subject: on its way\n\n");
        using SafeFileHandle delivering = DurableFile.OpenWrite(Path.Combine(Spool, Name));
        Assert.True(DurableFile.TryLock(delivering));

        Assert.Null(DmaSpool.TryOpen(Spool, Name, out string trouble));
        Assert.StartsWith("dma is delivering it", trouble, StringComparison.Ordinal);
    }

    private async Task<(Taken Taken, QueueId Id, string Why)> TakeAsync()
    {
        using DmaSpoolEntry? entry = DmaSpool.TryOpen(Spool, Name, out string trouble);
        Assert.Equal("", trouble);
        return await _intake.TakeAsync(entry!, Name, CancellationToken.None);
    }

    private async Task<IReadOnlyList<QueueId>> IdsAsync()
    {
        var ids = new List<QueueId>();
        await foreach (QueuedMessage message in _store.ListAsync(QueueSelection.All, CancellationToken.None))
        {
            ids.Add(message.Id);
        }

        return ids;
    }

    private void WriteMessage(string text, TimeSpan later = default)
    {
        string envelope = _folder.Write($"spool/{Name}", "ID: 1a2b.5581\nSender: dusko@hamlet.example\nRecipient: ops@example.org\n");
        _folder.Write("spool/M1a2b.5581", text);
        File.SetLastWriteTimeUtc(envelope, new DateTime(2026, 11, 22, 5, 0, 0, DateTimeKind.Utc) + later);
    }
}
