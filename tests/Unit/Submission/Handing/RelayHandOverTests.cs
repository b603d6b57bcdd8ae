using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Submission.Handing;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Handing;

public sealed class RelayHandOverTests
{
    private static readonly string[] s_welcome =
    [
        "S: 220 relay.test ESMTP", "C: EHLO localhost", "S: 250-relay.test", "S: 250-PIPELINING", "S: 250-SIZE 1000", "S: 250-8BITMIME", "S: 250-SMTPUTF8", "S: 250 DSN",
    ];

    private readonly List<string> _complaints = [];
    private readonly List<string> _shown = [];

    [Fact]
    public async Task Commands_go_out_together_and_dots_are_doubled()
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome,
            "C: MAIL FROM:<ann@example.net> SIZE=28", "C: RCPT TO:<bob@example.net>", "C: RCPT TO:<root>", "C: DATA",
            "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n.\n..\n", "bob@example.net", "root");

        await relay.PlayedAsync();
        Assert.Equal("Subject: x\n\nhello\n..\n...\n", Assert.Single(relay.Contents));
        Assert.Empty(handed.Left);
        Assert.Equal(ExitCode.Ok, handed.Result);
        Assert.Equal([">>> MAIL FROM:<ann@example.net> SIZE=28", ">>> RCPT TO:<bob@example.net>"], _shown.Where(line => line.StartsWith(">>>", StringComparison.Ordinal)).Skip(1).Take(2));
        Assert.Contains("250 2.0.0 Queued as 1", _shown);
    }

    [Fact]
    public async Task One_after_the_other_where_the_relay_offers_nothing()
    {
        await using var relay = new ScriptedRelay([
            "S: 220 relay.test", "C: EHLO localhost", "S: 250 relay.test", "C: MAIL FROM:<ann@example.net>", "S: 250 Ok", "C: RCPT TO:<bob@example.net>", "S: 250 Ok",
            "C: DATA", "S: 354 Go on", "C.", "S: 250 Queued", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: \xfc\n\nhello\n", "bob@example.net");

        await relay.PlayedAsync();
        Assert.Equal(ExitCode.Ok, handed.Result);
    }

    [Fact]
    public async Task What_the_message_needs_is_asked_for()
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome,
            "C: MAIL FROM:<> SIZE=117 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b", "C: RCPT TO:<jörg@example.net> NOTIFY=FAILURE,DELAY", "C: DATA",
            "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1", "C: QUIT"]);

        RelayHandOver handed = Send(relay, new SubmittedMessage
        {
            Text = Text("Subject: x\n\n\xfc\n"),
            Sender = null,
            Recipients = [new Mailbox("jörg", "example.net")],
            Notify = DsnNotify.Failure | DsnNotify.Delay,
            Return = DsnReturn.Headers,
            EnvelopeId = "a b",
        });

        await relay.PlayedAsync();
        Assert.Equal(ExitCode.Ok, handed.Result);
    }

    [Theory]
    [InlineData("550 5.1.1 No such user", ExitCode.NoUser)]
    [InlineData("550 5.1.10 Null MX", ExitCode.NoUser)]
    [InlineData("550 5.1.2 No such host", ExitCode.NoHost)]
    [InlineData("501 5.1.3 Not an address", ExitCode.DataError)]
    [InlineData("550 5.7.1 Not you", ExitCode.NoPermission)]
    [InlineData("554 No", ExitCode.Unavailable)]
    [InlineData("451 4.3.0 Not now", ExitCode.Temporary)]
    public async Task A_recipient_that_is_refused_is_told_and_the_others_get_their_mail(string reply, int exitCode)
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome,
            "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<nobody>", "C: RCPT TO:<bob@example.net>", "C: DATA",
            "S: 250 2.1.0 Ok", $"S: {reply}", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "nobody", "bob@example.net");

        await relay.PlayedAsync();
        Assert.Empty(handed.Left);
        Assert.Equal(exitCode, handed.Result);
        Assert.Equal([$"<nobody>: {reply}"], _complaints);
    }

    [Fact]
    public async Task Where_nobody_is_accepted_no_content_is_sent()
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<nobody>", "C: DATA", "S: 250 2.1.0 Ok", "S: 550 5.1.1 No such user", "S: 354 Go on", "C.", "S: 554 5.5.1 Nobody", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "nobody");

        await relay.PlayedAsync();
        Assert.Equal("", Assert.Single(relay.Contents));
        Assert.Equal(ExitCode.NoUser, handed.Result);
        Assert.Equal(["<nobody>: 550 5.1.1 No such user"], _complaints);
    }

    [Theory]
    [InlineData("552 5.3.4 Too large", ExitCode.DataError)]
    [InlineData("452 4.3.1 Disk full", ExitCode.Temporary)]
    public async Task A_message_that_is_refused_is_told_once(string reply, int exitCode)
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<bob>", "C: DATA", $"S: {reply}", "S: 503 5.5.1 No MAIL", "S: 503 5.5.1 No MAIL", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "bob");

        await relay.PlayedAsync();
        Assert.Empty(handed.Left);
        Assert.Equal(exitCode, handed.Result);
        Assert.Equal([reply], _complaints);
    }

    [Fact]
    public async Task Recipients_that_are_too_many_for_one_transaction_go_with_the_next()
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome,
            "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<bob>", "C: RCPT TO:<carl>", "C: DATA",
            "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 452 4.5.3 Too many recipients", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1",
            "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<carl>", "C: DATA", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 2", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "bob", "carl");

        await relay.PlayedAsync();
        Assert.Empty(handed.Left);
        Assert.Equal(ExitCode.Ok, handed.Result);
        Assert.Equal(relay.Contents[0], relay.Contents[1]);
    }

    [Fact]
    public async Task A_relay_that_has_heard_too_many_unknown_names_is_called_again_without_them()
    {
        await using var relay = new ScriptedRelay(
            [.. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<x>", "C: RCPT TO:<y>", "C: RCPT TO:<bob>", "C: DATA", "S: 250 2.1.0 Ok", "S: 550 5.1.1 No", "S: 421 4.7.0 Too many errors", "S!"],
            [.. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<y>", "C: RCPT TO:<bob>", "C: DATA", "S: 250 2.1.0 Ok", "S: 550 5.1.1 No", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "x", "y", "bob");

        await relay.PlayedAsync();
        Assert.Empty(handed.Left);
        Assert.Equal(ExitCode.NoUser, handed.Result);
        Assert.Equal(["<x>: 550 5.1.1 No", "<y>: 550 5.1.1 No"], _complaints);
    }

    [Theory]
    [InlineData("S: 421 4.3.2 The relay is stopping")]
    [InlineData("S: 554 5.3.2 No service")]
    [InlineData("S: HTTP/1.1 400 Bad Request")]
    [InlineData("S!")]
    public async Task A_relay_that_does_not_want_to_talk_has_taken_nothing(string greeting)
    {
        await using var relay = new ScriptedRelay([greeting, "S!"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "bob");

        Assert.Single(handed.Left);
        Assert.False(handed.MayHaveBeenTaken);
        Assert.NotEmpty(handed.Why);
    }

    [Fact]
    public async Task A_connection_that_is_lost_before_the_end_of_the_message_has_taken_nothing()
    {
        await using var relay = new ScriptedRelay(
            [.. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<bob>", "C: DATA", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S!"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "bob");

        Assert.Single(handed.Left);
        Assert.False(handed.MayHaveBeenTaken);
    }

    [Fact]
    public async Task A_connection_that_is_lost_after_it_may_have_taken_all()
    {
        await using var relay = new ScriptedRelay(
            [.. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<bob>", "C: DATA", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S!"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", "bob");

        Assert.Single(handed.Left);
        Assert.True(handed.MayHaveBeenTaken);
    }

    [Fact]
    public async Task Thousands_of_recipients_are_named_in_groups_that_nobody_chokes_on()
    {
        string[] names = [.. Enumerable.Range(0, 5000).Select(number => $"user{number}@example.net")];
        await using var relay = new ScriptedRelay([
            .. s_welcome,
            "C: MAIL FROM:<ann@example.net> SIZE=21", "S: 250 2.1.0 Ok",
            .. names.SelectMany(name => new[] { $"C: RCPT TO:<{name}>", $"S: 250 2.1.5 Ok {new string('x', 300)}" }),
            "C: DATA", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1", "C: QUIT"]);

        RelayHandOver handed = Send(relay, "Subject: x\n\nhello\n", names);

        await relay.PlayedAsync();
        Assert.Equal(ExitCode.Ok, handed.Result);
    }

    [Fact]
    public async Task The_first_endpoint_that_answers_is_taken()
    {
        await using var relay = new ScriptedRelay([
            .. s_welcome, "C: MAIL FROM:<ann@example.net> SIZE=21", "C: RCPT TO:<bob>", "C: DATA",
            "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 354 Go on", "C.", "S: 250 2.0.0 Queued as 1", "C: QUIT"]);
        var handed = new RelayHandOver([Nobody, relay.EndPoint], _complaints.Add, show: null);

        handed.Send(Message("Subject: x\n\nhello\n", "bob"));

        await relay.PlayedAsync();
        Assert.Empty(handed.Left);
    }

    [Fact]
    public void Where_nobody_answers_it_says_where_it_called()
    {
        var handed = new RelayHandOver([Nobody, Nobody], _complaints.Add, show: null);

        handed.Send(Message("Subject: x\n\nhello\n", "bob"));

        Assert.Single(handed.Left);
        Assert.Equal("no relay at unix:/nobody (No such file or directory), nor at unix:/nobody (No such file or directory)", handed.Why);
    }

    private static RelayEndpoint Nobody => new("unix:/nobody", [.. BitConverter.GetBytes((ushort)1), .. "/nobody"u8, 0]);

    private RelayHandOver Send(ScriptedRelay relay, string text, params string[] recipients) => Send(relay, Message(text, recipients));

    private RelayHandOver Send(ScriptedRelay relay, SubmittedMessage message)
    {
        var handed = new RelayHandOver([relay.EndPoint], _complaints.Add, _shown.Add);
        handed.Send(message);
        return handed;
    }

    private static SubmittedMessage Message(string text, params string[] recipients) => new()
    {
        Text = Text(text),
        Sender = new Mailbox("ann", "example.net"),
        Recipients = [.. recipients.Select(recipient => MailboxParser.TryParse(recipient, out Mailbox? mailbox) ? mailbox! : throw new FormatException(recipient))],
    };

    private static SubmittedText Text(string text) => SubmittedText.Read(new MemoryStream(Encoding.Latin1.GetBytes(text)), new TextRequest());
}
