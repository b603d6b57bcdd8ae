using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using RelayProxy.Delivery.Local;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Delivery;

/// <summary>Mail that stays on this machine, through the same queue, beside mail that leaves.</summary>
public sealed class LocalJourneys : IAsyncDisposable
{
    private const string Sender = "alice@example.net";
    private static readonly string s_self = Environment.UserName;
    private readonly TemporaryFolder _folder = new();
    private readonly DeliveryUnderTest _relay = new();

    public LocalJourneys()
    {
        Directory.CreateDirectory(_folder["mail"]);
        _relay.LocalOptions = new LocalOptions
        {
            Delivery = LocalMailbox.Mbox, MboxFolder = _folder["mail"], Maildir = _folder["maildirs/%u"], CommandUser = s_self,
        };
    }

    private string Mbox => File.ReadAllText(_folder[$"mail/{s_self}"]);

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_users_mail_ends_in_his_mailbox()
    {
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Hello\r\n\r\nFrom here\r\n>From there\r\n.\r\n", User());
        await _relay.QuietAsync();

        Assert.Equal(
            $"From {Sender} {_relay.Clock.GetLocalNow():ddd MMM} {_relay.Clock.GetLocalNow().Day,2} {_relay.Clock.GetLocalNow():HH:mm:ss yyyy}\n"
            + $"Return-Path: <{Sender}>\nX-Original-To: {s_self}@example.net\nDelivered-To: {s_self}@example.net\n",
            Mbox[..Mbox.IndexOf("Received:", StringComparison.Ordinal)]);
        Assert.EndsWith("\n\n>From here\n>>From there\n.\n\n", Mbox, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', Mbox);
        Assert.Empty(await _relay.QueueAsync());
        HistoryEntry entry = (await _relay.HistoryAsync(id))[^1];
        Assert.Equal(("delivered", "local"), (entry.Outcome, entry.Smarthost));
        Assert.Contains(_relay.Logged(), line => line.Contains($"to=<{s_self}@example.net> smarthost=local", StringComparison.Ordinal));
        Assert.Empty(_relay.Smarthost.Mails);
    }

    [Fact]
    public async Task A_message_for_both_worlds_goes_to_both()
    {
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Both\r\n\r\nHello\r\n", User(), To("bob@example.org"));
        await _relay.QuietAsync();

        Assert.Contains("Subject: Both", Mbox, StringComparison.Ordinal);
        Assert.Equal(["RCPT TO:<bob@example.org>"], Assert.Single(_relay.Smarthost.Mails).RcptCommands);
        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal(["local", "smarthost"], (await _relay.HistoryAsync(id)).Select(entry => entry.Smarthost == "local" ? "local" : "smarthost").Order());
    }

    [Fact]
    public async Task A_smarthost_that_rests_does_not_delay_mail_that_stays_here()
    {
        _relay.IsAway = true;
        _relay.Start();
        await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.QuietAsync();

        QueueId local = await AcceptAsync("Subject: Local\r\n\r\n", User());
        QueueId both = await AcceptAsync("Subject: Both\r\n\r\n", User(), To("bob@example.org"));
        await _relay.QuietAsync();

        Assert.Contains("Subject: Local", Mbox, StringComparison.Ordinal);
        Assert.Contains("Subject: Both", Mbox, StringComparison.Ordinal);
        Assert.Equal("", await _relay.StateAsync(local));
        Assert.Equal("Delivered Waiting", await _relay.StateAsync(both));
        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(2, _relay.Smarthost.Mails.Count);
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task A_command_that_hangs_does_not_delay_the_smarthost_and_is_ended_in_time()
    {
        _relay.Start();
        for (int i = 0; i < 6; i++)
        {
            await AcceptAsync("Subject: Slow\r\n\r\n", Local("Command", "sleep 1000"));
        }

        await _relay.AcceptAsync(Sender, "bob@example.org");
        Assert.Equal("RCPT TO:<bob@example.org>", (await _relay.Smarthost.NextMailAsync()).RcptCommands[0]);
        Task quiet = _relay.QuietAsync();
        Assert.False(quiet.IsCompleted);
        while (!quiet.IsCompleted)
        {
            _relay.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(quiet, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.All(await _relay.QueueAsync(), message => Assert.StartsWith("451 4.3.0 sleep was ended after 600 seconds", message.Recipients[0].LastReply, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("User", "nobody-of-this-name", "550 5.1.1 nobody-of-this-name is no user here")]
    [InlineData("Command", "sh -c 'echo it is broken; exit 70'", "554 5.3.0 sh failed (exit code 70): it is broken")]
    [InlineData("Command", "sh -c 'exit 67'", "550 5.1.1 sh knows no such user (exit code 67)")]
    public async Task What_only_the_sender_can_mend_comes_back(string kind, string target, string reply)
    {
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Hello\r\n\r\n", Local(kind, target));
        await _relay.QuietAsync();

        Assert.Equal((reply, "bounced"), (await _relay.HistoryAsync(id)).Select(entry => (entry.Reply, entry.Outcome)).Single());
        Assert.Contains($"Final-Recipient: rfc822; {s_self}@example.net", Encoding.UTF8.GetString(Assert.Single(_relay.Smarthost.Mails).Content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Command", "sh -c 'exit 75'", "451 4.3.0 sh asks for another try (exit code 75)")]
    [InlineData("Command", "sh -c 'kill -9 $$'", "451 4.3.0 sh was ended by signal 9 (exit code 137)")]
    [InlineData("Command", "/no/such/program", "451 4.3.5 The alias's command program is not there")]
    [InlineData("Command", "/etc/passwd", "451 4.3.5 passwd cannot be run (exit code 126)*")]
    [InlineData("Command", "cat | sh", "451 4.3.5 The alias's command cannot be run: it holds |, which only a shell understands*")]
    [InlineData("File", "/tmp/some-file", "451 4.3.5 Others may write in /tmp: mail is not written to files there")]
    [InlineData("File", "/no/such/folder/file", "451 4.3.0 open /no/such/folder/file: No such file or directory")]
    [InlineData("Folder", "/proc/maildir/", "451 4.3.0 mkdir /proc/maildir: No such file or directory")]
    public async Task What_the_operator_can_mend_waits(string kind, string target, string reply)
    {
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Hello\r\n\r\n", Local(kind, target));
        await _relay.QuietAsync();

        QueuedRecipient recipient = Assert.Single(await _relay.QueueAsync()).Recipients[0];
        Assert.Matches("^" + Regex.Escape(reply).Replace("\\*", ".*", StringComparison.Ordinal) + "$", recipient.LastReply);
        Assert.Equal((RecipientState.Waiting, 1), (recipient.State, recipient.Attempts));
        Assert.Equal("deferred", Assert.Single(await _relay.HistoryAsync(id)).Outcome);
    }

    [Theory]
    [InlineData("User", "", "Mail for local users is not delivered here*")]
    [InlineData("Command", "true", "Commands of aliases are switched off*")]
    [InlineData("File", "/tmp/some-file", "Files of aliases are switched off*")]
    public async Task What_is_switched_off_meanwhile_waits_and_goes_on_when_it_is_on_again(string kind, string target, string reply)
    {
        LocalOptions on = _relay.LocalOptions;
        (_relay.LocalOptions, _relay.AliasRights) = (new LocalOptions(), default);
        target = target switch { "" => s_self, "/tmp/some-file" => _folder["file"], _ => target };
        _relay.Start();
        await AcceptAsync("Subject: Hello\r\n\r\n", Local(kind, target));
        await _relay.QuietAsync();
        Assert.Matches("451 4.3.5 " + Regex.Escape(reply).Replace("\\*", ".*", StringComparison.Ordinal), Assert.Single(await _relay.QueueAsync()).Recipients[0].LastReply);

        (_relay.LocalOptions, _relay.AliasRights) = (on, new AliasRights(Commands: true, Files: true));
        await _relay.PassAsync(TimeSpan.FromMinutes(5));

        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task A_message_that_goes_in_a_circle_comes_back()
    {
        _relay.Start();
        QueueId id = await AcceptAsync($"delivered-to:  {s_self.ToUpperInvariant()}@Example.net\r\nSubject: Round\r\n\r\n", User());
        await _relay.QuietAsync();

        Assert.Equal($"554 5.4.6 The message goes in a circle: it has been delivered to <{s_self}@example.net> before", (await _relay.HistoryAsync(id))[0].Reply);
        Assert.False(File.Exists(_folder[$"mail/{s_self}"]));
    }

    [Fact]
    public async Task An_aliass_destinations_get_the_message_each_in_its_way()
    {
        _relay.Start();
        await AcceptAsync(
            "Subject: All\r\n\r\nFrom me\r\n",
            Local("File", "/dev/null", "a@example.net"),
            Local("File", _folder["archive"], "b@example.net"),
            Local("Folder", _folder["dir/"], "c@example.net"),
            Local("Command", $"tee {_folder["piped"]}", "d@example.net"));
        await _relay.QuietAsync();

        Assert.Empty(await _relay.QueueAsync());
        Assert.EndsWith("\n\n>From me\n\n", File.ReadAllText(_folder["archive"]), StringComparison.Ordinal);
        Assert.EndsWith("\n\nFrom me\n", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["dir/new"]))), StringComparison.Ordinal);
        Assert.StartsWith("Return-Path: ", File.ReadAllText(Directory.GetFiles(_folder["dir/new"])[0]), StringComparison.Ordinal);
        Assert.StartsWith($"From {Sender} ", File.ReadAllText(_folder["piped"]), StringComparison.Ordinal);
        Assert.EndsWith("\n\nFrom me\n", File.ReadAllText(_folder["piped"]), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["dir/tmp"]));
    }

    [Fact]
    public async Task A_command_knows_what_the_message_is_and_nothing_of_the_relay()
    {
        Environment.SetEnvironmentVariable("OF_LOCAL_JOURNEYS", "secret");
        _relay.Start();
        Recipient recipient = To("list+evil`id`@example.net") with
        {
            Local = new LocalDestination(LocalDestinationKind.Command, $"sh -c 'env > \"{_folder["env"]}\"; pwd >> \"{_folder["env"]}\"'"),
        };
        await AcceptAsync("Subject: Env\r\n\r\n", recipient, Local("Command", $"find /proc/self/fd -type l -fprintf {_folder["open"]} %l\\n", "other@example.net"));
        await _relay.QuietAsync();

        string[] lines = File.ReadAllLines(_folder["env"]);
        Assert.Contains($"SENDER={Sender}", lines);
        Assert.Contains("RECIPIENT=list+evil_id_@example.net", lines);
        Assert.Contains("LOCAL=list+evil_id_", lines);
        Assert.Contains("EXTENSION=evil_id_", lines);
        Assert.Contains("DOMAIN=example.net", lines);
        Assert.Contains($"USER={(Environment.IsPrivilegedProcess ? s_self : "")}", lines);
        Assert.DoesNotContain(lines, line => line.Contains("OF_LOCAL_JOURNEYS", StringComparison.Ordinal));
        Assert.Contains("/", lines);
        Assert.All(File.ReadAllLines(_folder["open"]), file => Assert.Matches("^(pipe:.*|/proc/.*|.*/open|anon_inode.*find.*|/)$", file));
    }

    [Fact]
    public async Task A_null_senders_mail_is_from_the_mailer_daemon_and_is_parked_where_it_cannot_go()
    {
        _relay.Start();
        await _relay.AcceptAsync(new Envelope(), [User()], "Subject: Bounce\r\n\r\n");
        QueueId nowhere = await _relay.AcceptAsync(new Envelope(), [Local("User", "nobody-of-this-name")], "Subject: Bounce\r\n\r\n");
        await _relay.QuietAsync();

        Assert.StartsWith("From MAILER-DAEMON ", Mbox, StringComparison.Ordinal);
        Assert.Contains("\nReturn-Path: <>\n", Mbox, StringComparison.Ordinal);
        Assert.Equal("Parked", await _relay.StateAsync(nowhere));
    }

    [Fact]
    public async Task A_users_maildir_is_made_and_used()
    {
        _relay.LocalOptions = new LocalOptions { Delivery = LocalMailbox.Maildir, Maildir = _folder["%u/Maildir"] };
        Directory.CreateDirectory(_folder[s_self]);
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Hello\r\n\r\nFrom me\r\n", User());
        await _relay.QuietAsync();

        string file = Assert.Single(Directory.GetFiles(_folder[$"{s_self}/Maildir/new"]));
        Assert.Contains(id.ToString(), file, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder[$"{s_self}/Maildir"]));
        Assert.EndsWith("\n\nFrom me\n", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Much_mail_for_one_user_comes_whole_and_once()
    {
        _relay.Start();
        for (int i = 0; i < 300; i++)
        {
            await AcceptAsync($"Subject: Number {i}\r\n\r\n{new string('x', 40 * i)}\r\n", User());
        }

        await _relay.QuietAsync();

        Assert.Empty(await _relay.QueueAsync());
        string[] messages = Mbox.Split("\n\nFrom ");
        Assert.Equal(300, messages.Length);
        Assert.Equal(300, messages.Select(message => Regex.Match(message, "Subject: (.*)").Value).Distinct().Count());
    }

    [Fact]
    public async Task Mail_that_waited_too_long_for_its_mailbox_is_tried_once_more_and_comes_back()
    {
        _relay.LocalOptions = new LocalOptions();
        _relay.IsAway = true;
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Hello\r\n\r\n", User());
        await _relay.QuietAsync();
        await _relay.PassAsync(TimeSpan.FromDays(5) + TimeSpan.FromHours(5), TimeSpan.FromHours(1));

        Assert.Equal("", await _relay.StateAsync(id));
        Assert.Contains("Not delivered within 5 days. The last answer was: 451 4.3.5", (await _relay.HistoryAsync(id))[^1].Reply, StringComparison.Ordinal);
    }

    /// <summary>As root: the mailbox is the user's, made by him as far as the folder's rights go. Else: it cannot be made at all.</summary>
    [Theory]
    [InlineData("1777", "0600")]
    [InlineData("2775", "0660")]
    [InlineData("0755", "0600")]
    public async Task A_mailbox_belongs_to_its_user_whatever_the_folders_rights(string folderMode, string fileMode)
    {
        File.SetUnixFileMode(_folder.Path, Mode("0755"));
        File.SetUnixFileMode(_folder["mail"], Mode(folderMode));
        _relay.Start();
        await AcceptAsync("Subject: One\r\n\r\n", Local("User", "daemon"));
        await AcceptAsync("Subject: Two\r\n\r\n", Local("User", "Daemon"));
        await _relay.QuietAsync();

        if (!Environment.IsPrivilegedProcess)
        {
            Assert.All(await _relay.QueueAsync(), message => Assert.Contains("only root or uid 1 can make it", message.Recipients[0].LastReply, StringComparison.Ordinal));
            return;
        }

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal((1u, Mode(fileMode)), (FileOwner.Of(_folder["mail/daemon"])!.Value, File.GetUnixFileMode(_folder["mail/daemon"])));
        Assert.Equal(2, File.ReadAllText(_folder["mail/daemon"]).Split("\nSubject: ").Length - 1);
        Assert.Equal(["daemon"], Directory.GetFileSystemEntries(_folder["mail"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_user_cannot_have_root_write_where_he_may_not()
    {
        File.SetUnixFileMode(_folder.Path, Mode("0755"));
        Directory.CreateDirectory(_folder["secret"], Mode("0700"));
        Directory.CreateDirectory(_folder["home"], Mode("0777"));
        File.CreateSymbolicLink(_folder["home/daemon"], _folder["secret"]);
        _relay.LocalOptions = new LocalOptions { Delivery = LocalMailbox.Maildir, Maildir = _folder["home/%u"] };
        _relay.Start();
        await AcceptAsync("Subject: One\r\n\r\n", Local("User", "daemon"));
        await _relay.QuietAsync();

        if (Environment.IsPrivilegedProcess)
        {
            Assert.Contains("Permission denied. The relay may not write there", Assert.Single(await _relay.QueueAsync()).Recipients[0].LastReply, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_folder["secret"]));
        }

        // Whoever delivers for one user is himself again for the next.
        _relay.LocalOptions = new LocalOptions { Delivery = LocalMailbox.Mbox, MboxFolder = _folder["mail"] };
        await AcceptAsync("Subject: Self\r\n\r\n", User());
        await _relay.QuietAsync();
        Assert.Contains("Subject: Self", Mbox, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link", "is a symbolic link")]
    [InlineData("hardlink", "has 2 names")]
    [InlineData("folder", "Is a directory")]
    public async Task What_is_no_mailbox_is_not_written_to(string trap, string reply)
    {
        string path = _folder[$"mail/{s_self}"];
        string victim = _folder.Write("victim", "precious\n");
        switch (trap)
        {
            case "link":
                File.CreateSymbolicLink(path, victim);
                break;
            case "hardlink":
                using (Process link = Process.Start("ln", [victim, path]))
                {
                    await link.WaitForExitAsync(TestContext.Current.CancellationToken);
                }

                break;
            default:
                Directory.CreateDirectory(path);
                break;
        }

        _relay.Start();
        await AcceptAsync("Subject: One\r\n\r\n", User());
        await _relay.QuietAsync();

        Assert.Contains(reply, Assert.Single(await _relay.QueueAsync()).Recipients[0].LastReply, StringComparison.Ordinal);
        Assert.Equal("precious\n", File.ReadAllText(victim));
    }

    [Fact]
    public async Task A_mailbox_that_somebody_cut_short_is_gone_on_with_on_a_line_of_its_own()
    {
        _folder.Write($"mail/{s_self}", "From x\nSubject: cut sho");
        _relay.Start();
        await AcceptAsync("Subject: One\r\n\r\n", User());
        await _relay.QuietAsync();

        Assert.StartsWith($"From x\nSubject: cut sho\n\nFrom {Sender} ", Mbox, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dotlock_is_waited_for_and_in_the_end_the_mail_waits()
    {
        string dotLock = _folder.Write($"mail/{s_self}.lock", "1");
        File.SetLastWriteTimeUtc(dotLock, _relay.Clock.GetUtcNow().UtcDateTime);
        _relay.Start();
        await AcceptAsync("Subject: One\r\n\r\n", User());
        await PassUntilQuietAsync();
        Assert.StartsWith("451 4.2.0", Assert.Single(await _relay.QueueAsync()).Recipients[0].LastReply, StringComparison.Ordinal);

        // Nobody holds a mailbox for so long: it is left over, and taken away.
        File.SetLastWriteTimeUtc(dotLock, _relay.Clock.GetUtcNow().UtcDateTime - TimeSpan.FromMinutes(10));
        await _relay.PassAsync(TimeSpan.FromMinutes(5));

        Assert.Empty(await _relay.QueueAsync());
        Assert.False(File.Exists(dotLock));
    }

    /// <summary>The mailbox module of Python takes both locks and writes, while the relay delivers; then it reads all that is there.</summary>
    [Fact]
    public async Task Others_that_lock_write_and_read_the_same_mailbox()
    {
        string script = _folder.Write("write.py", """
            import mailbox, sys
            for i in range(40):
                box = mailbox.mbox(sys.argv[1])
                while True:
                    try:
                        box.lock()
                        break
                    except mailbox.ExternalClashError:
                        pass
                box.add("Subject: Theirs %d\n\nFrom them\n" % i)
                box.flush()
                box.unlock()
                box.close()
            """);
        string reader = _folder.Write("read.py", """
            import mailbox, sys
            for message in mailbox.mbox(sys.argv[1]):
                print(message["Subject"], len(message.get_payload()))
            """);
        _folder.Write($"mail/{s_self}", "");
        _relay.Start();
        using Process theirs = Process.Start("python3", [script, _folder[$"mail/{s_self}"]]);
        for (int i = 0; i < 40; i++)
        {
            await AcceptAsync($"Subject: Ours {i}\r\n\r\nFrom us\r\n\r\nFrom  {new string('x', 100 * i)}\r\n>From\r\n", User());
        }

        await PassUntilQuietAsync();
        await theirs.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _relay.PassAsync(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(2));
        Assert.Empty(await _relay.QueueAsync());
        using var reading = Process.Start(new ProcessStartInfo("python3", [reader, _folder[$"mail/{s_self}"]]) { RedirectStandardOutput = true })!;
        string[] read = (await reading.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] expected = [.. Enumerable.Range(0, 40).SelectMany(i => (string[])[$"Ours {i} {24 + (100 * i)}", $"Theirs {i} 11"])];
        Assert.Equal(expected.Order(), read.Order());
    }

    /// <summary>RFC 2033 §4.2: after the dot, one reply for each recipient that was accepted.</summary>
    [Fact]
    public async Task An_LMTP_server_answers_for_each_recipient()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder["lmtp"]));
        listener.Listen();
        _relay.LocalOptions = new LocalOptions { Delivery = LocalMailbox.Lmtp, Lmtp = "unix:" + _folder["lmtp"] };
        _relay.Start();
        Task<string> server = AnswerAsync(
            listener,
            "220 hi", "250-hi\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES", "250 2.1.0 Ok", "250 2.1.5 Ok", "550 5.1.1 No such user", "250 2.1.5 Ok", "354 Go on",
            "250 2.0.0 Kept\r\n452 4.2.2 Mailbox full");
        QueueId id = await AcceptAsync(
            "Subject: Hello\r\n\r\n.\r\n",
            Local("User", "anna", "list@example.net"), Local("User", "bob", "b@example.net"), Local("User", "carl", "c@example.net"));
        await _relay.QuietAsync();

        string said = await server;
        Assert.Contains("LHLO relay.example.net\r\nMAIL FROM:<alice@example.net>\r\nRCPT TO:<anna@example.net>\r\nRCPT TO:<bob@example.net>", said, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n..\r\n.\r\nQUIT\r\n", said, StringComparison.Ordinal);
        Assert.Equal("Delivered Bounced Waiting", await _relay.StateAsync(id));
        Assert.Equal(
            ["250 2.0.0 Kept", "550 5.1.1 No such user", "452 4.2.2 Mailbox full"],
            (await _relay.QueueAsync()).Single(message => message.Id == id).Recipients.Select(recipient => recipient.LastReply));
    }

    [Fact]
    public async Task An_LMTP_server_that_is_away_or_hangs_up_keeps_the_mail_waiting()
    {
        _relay.LocalOptions = new LocalOptions { Delivery = LocalMailbox.Lmtp, Lmtp = "unix:" + _folder["lmtp"] };
        _relay.Start();
        QueueId id = await AcceptAsync("Subject: Hello\r\n\r\n", Local("User", "anna"));
        await _relay.QuietAsync();
        Assert.StartsWith("421 4.4.2 connect to unix:", Assert.Single(await _relay.QueueAsync()).Recipients[0].LastReply, StringComparison.Ordinal);

        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder["lmtp"]));
        listener.Listen();
        Task<string> server = AnswerAsync(listener, "220 hi", "250 hi", "250 Ok", "250 Ok", "354 Go on", "");
        await _relay.PassAsync(TimeSpan.FromMinutes(2));
        await server;

        Assert.True(Assert.Single(await _relay.QueueAsync()).Recipients[0].MayHaveBeenDelivered);
        Assert.Equal("in-doubt", (await _relay.HistoryAsync(id))[^1].Outcome);
    }

    [Fact]
    public async Task The_owner_of_a_list_is_its_sender_and_hears_of_its_trouble()
    {
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("gone", StringComparison.Ordinal) ? "550 5.1.1 Gone" : "250 2.1.5 Ok";
        var owner = new Mailbox("owner-list", "example.net");
        _relay.Start();
        await CommitAsync(User() with { ReturnPath = owner }, To("bob@example.org"), To("gone@example.org") with { ReturnPath = owner });
        await _relay.QuietAsync();

        Assert.Contains("\nReturn-Path: <owner-list@example.net>\n", Mbox, StringComparison.Ordinal);
        Assert.Equal(
            ["MAIL FROM:<> RCPT TO:<owner-list@example.net>", $"MAIL FROM:<{Sender}> RCPT TO:<bob@example.org>"],
            _relay.Smarthost.Mails.Select(mail => $"{mail.MailCommand.Split(" SIZE")[0]} {mail.RcptCommands[0].Split(" NOTIFY")[0].Split(" ORCPT")[0]}").Order());
    }

    [Fact]
    public async Task Who_asks_to_be_told_of_success_is_told_of_delivery()
    {
        _relay.Start();
        await AcceptAsync("Subject: Hello\r\n\r\n", User() with { Notify = DsnNotify.Success });
        await _relay.QuietAsync();

        string report = Encoding.UTF8.GetString(Assert.Single(_relay.Smarthost.Mails).Content);
        Assert.Contains("Action: delivered\r\nStatus: 2.0.0\r\n", report, StringComparison.Ordinal);
        Assert.Contains("Your message was delivered", report, StringComparison.Ordinal);
    }

    /// <summary>Puts a message into the store as intake would that had followed an alias.</summary>
    private async Task CommitAsync(params Recipient[] recipients)
    {
        DateTimeOffset now = _relay.Clock.GetUtcNow();
        await using IMessageWriter writer = _relay.Store.BeginMessage(QueueId.Next(_relay.Clock));
        await writer.WriteAsync("Subject: List\r\n\r\nHello\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await using PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = To(Sender).Address }, Recipients = recipients, HeaderOctets = 17, ReceivedAt = now, ExpiresAt = now.AddDays(5),
            },
            TestContext.Current.CancellationToken);
        await _relay.Store.CommitAsync(prepared, lease: false, TestContext.Current.CancellationToken);
    }

    /// <summary>Says its lines, one after each line or group of lines from the client, and returns what the client said.</summary>
    private static async Task<string> AnswerAsync(Socket listener, params string[] answers)
    {
        using Socket socket = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { AutoFlush = true };
        var said = new StringBuilder();
        bool isContent = false;
        foreach (string answer in answers)
        {
            while (answer != answers[0] && await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                said.Append(line).Append("\r\n");
                if (!isContent || line == ".")
                {
                    break;
                }
            }

            isContent = answer.StartsWith("354", StringComparison.Ordinal);
            if (answer.Length == 0)
            {
                return said.ToString();
            }

            await writer.WriteAsync(answer + "\r\n");
        }

        said.Append(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        return said.ToString();
    }

    private async Task PassUntilQuietAsync()
    {
        Task quiet = _relay.QuietAsync();
        while (!quiet.IsCompleted)
        {
            _relay.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(quiet, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        await quiet;
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);

    private static Recipient To(string address) =>
        MailboxParser.TryParse(address, out Mailbox? mailbox) ? new Recipient(mailbox!) : throw new ArgumentException(address);

    private static Recipient User() => Local("User", s_self);

    private static Recipient Local(string kind, string target, string? address = null) => To(address ?? $"{s_self}@example.net") with
    {
        Local = new LocalDestination(Enum.Parse<LocalDestinationKind>(kind), target),
    };

    private Task<QueueId> AcceptAsync(string content, params Recipient[] recipients) =>
        _relay.AcceptAsync(new Envelope { Sender = To(Sender).Address }, recipients, content);
}
