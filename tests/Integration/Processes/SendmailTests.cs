using System.Collections.Concurrent;
using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Processes;

/// <summary>sendmail as a process, with a relay beside it, without one, and while one is killed.</summary>
public sealed class SendmailTests : IDisposable
{
    private const int NoUser = 67;
    private const int Temporary = 75;
    private const string Text = "Subject: x\n\nbody\n";

    private readonly TemporaryFolder _folder = new();
    private readonly CalledSendmail _called = new();

    /// <summary>As an administrator would have set them for the whole machine.</summary>
    private Dictionary<string, string> Settings => new()
    {
        ["RELAYPROXY_Listener__Endpoints"] = $"unix:{_folder["smtp.sock"]}",
        ["RELAYPROXY_Queue__Path"] = Queue,
        ["RELAYPROXY_Queue__MinFreeOctets"] = "0",
        ["RELAYPROXY_Rewrite__Origin"] = "example.org",
        ["RELAYPROXY_Rewrite__AliasFile"] = _folder.Write("aliases", ""),
    };

    private string Queue => _folder["queue"];

    public SendmailTests() => CalledSendmail.LetEverybodyIn(_folder.Path);

    public void Dispose()
    {
        _called.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Mail_that_comes_before_the_relay_has_ever_run_is_delivered_when_it_does()
    {
        MakeQueueFolder();
        (int status, string output) = await _called.RunAsync("sendmail", Text, Settings, arguments: ["-i", "box@example.net"]);
        Assert.True(status == 0, output);
        Assert.Equal("", output);

        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(Queue, RelayProcess.SettingsFor(smarthost));
        CapturedMail mail = await smarthost.NextMailAsync();

        Assert.Contains("\r\nSubject: x\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Matches(@"^Received: from localhost \(user \S+ uid \d+\)\r\n\tby \S+ \(RelayProxy\) with local id ", mail.Text);
    }

    [Fact]
    public async Task A_relay_that_runs_takes_it_and_knows_whose_it_is()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await StartRelayAsync(smarthost);

        (int status, string output) = await _called.RunAsync("send-mail", Text, Settings, asNobody: true, "-t", "-i", "box@example.net");

        Assert.True(status == 0, output);
        CapturedMail mail = await smarthost.NextMailAsync();
        Assert.Matches(@"^Received: from localhost \(user nobody uid 65534\)\r\n\tby \S+ \(RelayProxy\) with ESMTP id ", mail.Text);
        Assert.Contains("\r\nFrom: <nobody@example.org>\r\n", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_write_the_queue_keeps_his_message_and_is_told_why()
    {
        MakeQueueFolder();
        (int status, string output) = await _called.RunAsync("sendmail", Text, Settings, asNobody: true, "-i", "box@example.net");

        Assert.Equal(Temporary, status);
        Assert.StartsWith($"sendmail: no relay at unix:{_folder["smtp.sock"]} (", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'));
    }

    [Fact]
    public async Task No_user_has_a_queue_of_his_own_that_no_relay_would_ever_look_at()
    {
        var settings = new Dictionary<string, string> { ["RELAYPROXY_Listener__Endpoints"] = $"unix:{_folder["smtp.sock"]}", ["XDG_STATE_HOME"] = _folder.Path };

        (int status, string output) = await _called.RunAsync("sendmail", Text, settings, asNobody: true, "box@example.net");

        Assert.Equal(Temporary, status);
        Assert.Contains("/var/lib/relayproxy", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task By_its_old_names_it_does_what_they_did_and_takes_no_settings()
    {
        MakeQueueFolder();
        (int status, string output) = await _called.RunAsync(
            "sendmail", Text, Settings, asNobody: false, $"--Queue:Path={_folder["elsewhere"]}", "--config", "box@example.net");
        Assert.True(status == 0, output);
        Assert.False(Path.Exists(_folder["elsewhere"]));

        (status, output) = await _called.RunAsync("mailq", "", Settings);
        Assert.Equal(0, status);
        Assert.EndsWith("-- 0 Kbytes in 1 Request.", output, StringComparison.Ordinal);

        (status, output) = await _called.RunAsync("sendmail", Text, Settings, asNobody: false, "nosuchuser");
        Assert.Equal(NoUser, status);
        Assert.StartsWith("sendmail: <nosuchuser>: 550 5.1.1 ", output, StringComparison.Ordinal);

        (status, output) = await _called.RunAsync("rmail", "From ann remote from host.example.com\nSubject: x\n\n", Settings, asNobody: false, "box@example.net");
        Assert.True(status == 0, output);
        (status, output) = await _called.RunAsync("newaliases", "", Settings);
        Assert.True(status == 0, output);
    }

    [Fact]
    public async Task SMTP_on_its_standard_streams_is_the_relays_or_where_none_runs_its_own()
    {
        await Programs.RequireAsync("swaks");
        MakeQueueFolder();
        string[] swaks = ["swaks", "--pipe", $"{_called["sendmail"]} -bs", "--from", "ann@example.org", "--to", "box@example.net", "--suppress-data"];
        (int status, string output) = await ChildProcess.RunAsync(swaks[0], [.. swaks[1..], "--header", "Subject: without"], Settings);
        Assert.True(status == 0, output);

        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await StartRelayAsync(smarthost);
        Assert.Contains("Subject: without\r\n", (await smarthost.NextMailAsync()).Text, StringComparison.Ordinal);

        (status, output) = await ChildProcess.RunAsync(swaks[0], [.. swaks[1..], "--header", "Subject: with"], Settings);
        Assert.True(status == 0, output);
        Assert.Contains("Subject: with\r\n", (await smarthost.NextMailAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_a_service_manager_runs_leaves_its_digest_as_long_as_it_runs()
    {
        string run = Directory.CreateDirectory(_folder["run"]).FullName;
        string digest = Path.Combine(run, "sendmail");
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using (RelayProcess relay = await RelayProcess.StartAsync(
            Queue, RelayProcess.SettingsFor(smarthost), new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = run }))
        {
            // The line that says it is ready comes a moment before.
            await relay.WaitForLineAsync("ready: ");
            while (!File.Exists(digest))
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            Assert.Contains($"\nendpoint {relay.EndPoint} ", await File.ReadAllTextAsync(digest, TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.True(File.GetUnixFileMode(digest).HasFlag(UnixFileMode.OtherRead));
            relay.Signal(15);
            await relay.ExitedAsync();
        }

        Assert.False(File.Exists(digest));
        Assert.Empty(Directory.GetFiles(run));
    }

    /// <summary>With a /dev of its own, where the test listens for what the system's log would hear.</summary>
    [Fact]
    public async Task The_systems_log_hears_what_it_passed_over()
    {
        await Programs.RequireAsync("unshare", "python3");
        const string listen = """
            import socket, subprocess, sys
            log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            log.bind('/dev/log')
            log.settimeout(60)
            subprocess.run([sys.argv[1], '-oem', '-z', '-f'], stderr=subprocess.STDOUT)
            print(log.recv(2000).decode(), log.recv(2000).decode(), sep='\n')
            """;
        string devices = Directory.CreateDirectory(_folder["dev"]).FullName;

        string output = await Programs.RunAsync(
            "unshare", "--mount", "sh", "-c", "cp -a /dev/null /dev/urandom \"$1\" && mount --bind \"$1\" /dev && exec python3 -c \"$2\" \"$3\"", "sh", devices, listen, _called["sendmail"]);

        Assert.Matches("""
            ^sendmail: -f lacks its argument .*
            <23>sendmail\[\d+\]: uid=\d+ -oem does nothing here
            <22>sendmail\[\d+\]: uid=\d+ -z is not understood, and passed over$
            """, output);
    }

    /// <summary>The relay dies in the middle of dialogues, and starts while others put mail into its queue without it.</summary>
    [Fact]
    public async Task What_it_ended_with_0_for_arrives_whatever_becomes_of_the_relay_meanwhile()
    {
        MakeQueueFolder();
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        var safe = new ConcurrentBag<string>();
        var results = new ConcurrentBag<int>();
        int next = 0;
        using var enough = new CancellationTokenSource();
        Task[] programs = [.. Enumerable.Range(0, 3).Select(caller => CallAsync(asNobody: caller == 0))];
        for (int life = 1; life <= 5; life++)
        {
            await using RelayProcess relay = await StartRelayAsync(smarthost);
            while (safe.Count < 8 * life)
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            relay.Signal(9);
            await relay.ExitedAsync();
        }

        await enough.CancelAsync();
        await Task.WhenAll(programs);
        await using RelayProcess last = await StartRelayAsync(smarthost);
        while (!safe.ToHashSet().IsSubsetOf(Arrived()))
        {
            await smarthost.NextMailAsync();
        }

        Assert.Subset(new HashSet<int> { 0, Temporary }, results.ToHashSet());

        IEnumerable<string> Arrived() => smarthost.Mails.Select(mail => mail.Text.Split("Subject: ")[1].Split('\r')[0]);

        async Task CallAsync(bool asNobody)
        {
            while (!enough.IsCancellationRequested)
            {
                string name = $"message-{Interlocked.Increment(ref next)}";
                (int status, _) = await _called.RunAsync("sendmail", $"Subject: {name}\n\n{new string('x', 900)}\n", Settings, asNobody, "-i", "box@example.net");
                results.Add(status);
                if (status == 0)
                {
                    safe.Add(name);
                }
            }
        }
    }

    private void MakeQueueFolder() => Directory.CreateDirectory(Queue, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private Task<RelayProcess> StartRelayAsync(FakeSmarthost smarthost) => RelayProcess.StartAsync(
        Queue, [.. RelayProcess.SettingsFor(smarthost), $"Listener:Endpoints=127.0.0.1:0,unix:{_folder["smtp.sock"]}"]);
}
