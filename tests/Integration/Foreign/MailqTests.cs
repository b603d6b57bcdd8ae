using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Foreign;

/// <summary>mailq beside the real thing, and read by those who read the real thing.</summary>
public sealed partial class MailqTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SqliteQueueStore? _store;

    private SqliteQueueStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteQueueStore(new QueueOptions { Path = _folder["queue"], MinFreeOctets = 0 }, TimeProvider.System, NullLogger.Instance);
        await _store.OpenAsync(StoreAccess.Daemon, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await (_store?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Fact]
    public async Task The_same_mail_makes_the_same_table_as_in_Postfix()
    {
        await using PostfixQueue postfix = await PostfixQueue.StartAsync();
        await postfix.AddAsync("cron@web1.example.net", 300, "ops@example.net", "box@example.org");
        await postfix.AddAsync("", 200, "root@example.net");
        await postfix.AddAsync("\"a b\"@example.net", 5000, "\"c\\\"d e\"@example.com");
        await postfix.AddAsync(
            "a-sender-with-quite-a-long-local-part-that-goes-on@a-very-long-domain-name.of-many-labels.example.net", 100_000,
            "a-recipient-with-quite-a-long-local-part-that-goes-on@a-very-long-domain-name.of-many-labels.example.org", "b@x.example");
        await postfix.AddAsync("held@web1.example.net", 2000, "held@example.com", "other@example.com");
        await postfix.AddAsync("slow@web1.example.net", 20_000, "one@slow.example", "two@slow.example");
        foreach (string recipient in new[] { "ops@example.net", "box@example.org", "root@example.net", "\"c\\\"d e\"@example.com", "b@x.example" })
        {
            await postfix.WaitForLogAsync($"to=<{recipient}>");
        }

        // What Postfix knows of its mail, put into our queue.
        string[] theirs = (await postfix.ListAsync("-j")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in theirs)
        {
            await AddAsync(JsonDocument.Parse(line).RootElement);
        }

        string expected = await postfix.ListAsync("-p");
        (int exit, string table, string error) = await RelayProcess.RunAsync("mailq", $"--Queue:Path={_folder["queue"]}");

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(6, theirs.Length);
        Assert.Contains("! ", expected, StringComparison.Ordinal);
        Assert.Contains("* ", expected, StringComparison.Ordinal);
        Assert.Equal(Messages(Plain(expected)), Messages(Plain(table)));

        // Where a reason ends is not compared above, for ours is longer by the next attempt.
        Assert.All(Reasons(expected), reason => Assert.Equal(reason.TrimStart().PadLeft(78), reason));
        Assert.All(Reasons(table), reason => Assert.Equal(reason.TrimStart().PadLeft(78), reason));
    }

    [Fact]
    public async Task Json_has_what_Postfix_has_in_it()
    {
        await using PostfixQueue postfix = await PostfixQueue.StartAsync();
        await postfix.AddAsync("", 300, "held@example.com", "other@example.com");
        JsonElement theirs = JsonDocument.Parse(await postfix.ListAsync("-j")).RootElement;
        await AddAsync(theirs);

        (_, string ours, _) = await RelayProcess.RunAsync("mailq", "--json", $"--Queue:Path={_folder["queue"]}");

        JsonElement json = JsonDocument.Parse(ours).RootElement;
        foreach (JsonProperty property in theirs.EnumerateObject().Where(property => property.Name is not ("queue_id" or "recipients")))
        {
            Assert.Equal(property.Value.ToString(), json.GetProperty(property.Name).ToString());
        }

        Assert.Equal(
            theirs.GetProperty("recipients").EnumerateArray().Select(recipient => recipient.GetProperty("address").GetString()),
            json.GetProperty("recipients").EnumerateArray().Select(recipient => recipient.GetProperty("address").GetString()));
    }

    [Theory]
    [InlineData(0, 0, "OK: postfix mailq reports queue is empty|unsent=0;2;4;0")]
    [InlineData(1, 0, "OK: postfix mailq (1) is below threshold (2/4)|unsent=1;2;4;0")]
    [InlineData(3, 1, "WARNING: postfix mailq is 3 (threshold w = 2)|unsent=3;2;4;0")]
    [InlineData(5, 2, "CRITICAL: postfix mailq is 5 (threshold c = 4)|unsent=5;2;4;0")]
    public async Task Nagios_reads_how_much_waits(int messages, int status, string said)
    {
        for (int i = 0; i < messages; i++)
        {
            await AddAsync(DateTimeOffset.UtcNow, new Mailbox("cron", "example.net"), 10, [("ops@example.org", i % 2 == 0 ? "451 4.3.0 -- 9 Kbytes in 9 Requests." : null)]);
        }

        Assert.Equal((status, said), await CheckMailqAsync());
    }

    [Fact]
    public async Task Nagios_hears_that_the_queue_cannot_be_read()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder["queue"], recursive: true);

        (int status, string said) = await CheckMailqAsync();

        Assert.Equal(2, status);
        Assert.Contains("CRITICAL: Error code 69 returned from ", said, StringComparison.Ordinal);
    }

    /// <summary>The plugin as Debian has it, with our mailq for the system's.</summary>
    private async Task<(int Status, string Said)> CheckMailqAsync()
    {
        const string plugins = "/usr/lib/nagios/plugins";
        Assert.True(File.Exists($"{plugins}/check_mailq"), "check_mailq is not installed: apt-get install monitoring-plugins-standard");
        const UnixFileMode executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

        // The plugin sets a PATH of its own, in which dotnet need not be.
        string dotnet = (await Programs.RunAsync("sh", "-c", "command -v dotnet")).Trim();
        string mailq = _folder.Write("mailq", $"#!/bin/sh\nexec {dotnet} {RelayProcess.Assembly} mailq --Queue:Path={_folder["queue"]} \"$@\"\n", executable);
        string check = _folder.Write("check_mailq", await File.ReadAllTextAsync($"{plugins}/check_mailq"), executable);
        _folder.Write("utils.pm", PathToMailq().Replace(await File.ReadAllTextAsync($"{plugins}/utils.pm"), $"$PATH_TO_MAILQ = '{mailq}';"));
        (int status, string said) = await ChildProcess.RunAsync(check, ["-M", "postfix", "-w", "2", "-c", "4"]);
        return (status, said.Split('\n')[^1]);
    }

    /// <summary>A message as <c>postqueue -j</c> tells of it.</summary>
    private Task AddAsync(JsonElement message)
    {
        string sender = message.GetProperty("sender").GetString()!;
        return AddAsync(
            DateTimeOffset.FromUnixTimeSeconds(message.GetProperty("arrival_time").GetInt64()),
            sender == "MAILER-DAEMON" ? null : Address(sender),
            message.GetProperty("message_size").GetInt32(),
            [
                .. message.GetProperty("recipients").EnumerateArray().Select(recipient =>
                    (recipient.GetProperty("address").GetString()!, recipient.TryGetProperty("delay_reason", out JsonElement reason) ? reason.GetString() : null)),
            ],
            message.GetProperty("queue_name").GetString());
    }

    private async Task AddAsync(
        DateTimeOffset at, Mailbox? sender, int octets, IReadOnlyList<(string Address, string? Reason)> recipients, string? queue = "deferred")
    {
        QueueId id = QueueId.Next(TimeProvider.System);
        await using IMessageWriter writer = Store.BeginMessage(id);
        await writer.WriteAsync(new byte[octets], default);
        PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = sender },
                Recipients = [.. recipients.Select(recipient => new Recipient(Address(recipient.Address)))],
                ReceivedAt = at,
                ExpiresAt = at.AddDays(5),
            },
            default);
        QueueLease lease = (await Store.CommitAsync(prepared, lease: true, default)).Lease!;
        if (queue != "active")
        {
            await Store.SettleAsync(
                new Settlement
                {
                    Lease = lease,
                    Recipients =
                    [
                        .. lease.Due.Zip(recipients).Where(pair => pair.Second.Reason is not null).Select(pair => new RecipientSettlement(
                            pair.First.Ordinal, RecipientState.Waiting, 1, DateTimeOffset.UtcNow.AddHours(-1), pair.Second.Reason!)),
                    ],
                },
                default);
        }

        if (queue == "hold")
        {
            await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [id] }, DateTimeOffset.UtcNow, default);
        }
    }

    private static Mailbox Address(string text) => MailboxParser.TryParse(text, out Mailbox? mailbox) ? mailbox! : throw new FormatException(text);

    /// <summary>What both must have in common: an id is an id, however long, and a reason a reason.</summary>
    private static string Plain(string table) => ReasonLine().Replace(Id().Replace(table, "ID"), "REASON");

    /// <summary>In any order: Postfix's is that of its folders.</summary>
    private static string[] Messages(string table)
    {
        string[] lines = table.TrimEnd('\n').Split('\n', 2);
        return [lines[0], .. lines[1].Split("\n\n").Order(StringComparer.Ordinal)];
    }

    private static string[] Reasons(string table) => [.. table.Split('\n').Where(line => line.TrimStart().StartsWith('('))];

    [GeneratedRegex("^[0-9A-Za-z]{13,17}", RegexOptions.Multiline)]
    private static partial Regex Id();

    [GeneratedRegex(@"^ *\(.*\)$", RegexOptions.Multiline)]
    private static partial Regex ReasonLine();

    [GeneratedRegex(@"\$PATH_TO_MAILQ\s*=.*;")]
    private static partial Regex PathToMailq();
}
