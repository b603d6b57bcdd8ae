using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>Greeting and EHLO: what the smarthost says before it knows us.</summary>
public class SmarthostGreetingTests
{
    [Theory]
    [InlineData("554 5.7.1 No service for you")]
    [InlineData("521 5.3.2 This host takes no mail")]
    [InlineData("421 4.3.2 Later")]
    [InlineData("450 4.2.0 Greylisted")]
    [InlineData("250 Not a greeting")]
    public async Task C14_A_greeting_that_is_not_220_means_that_the_smarthost_is_away(string greeting)
    {
        await using var smarthost = new FakeSmarthost { OnGreeting = _ => greeting };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Greeting, SessionFault.Away, true), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal(greeting, failure.Reply.ToString());
        Assert.Empty(smarthost.Commands);
    }

    [Fact]
    public async Task C14_A_smarthost_that_never_greets_is_away()
    {
        var clock = new TestClock();
        await using var smarthost = new FakeSmarthost { OnGreeting = _ => FakeAnswer.Silence };
        Task<SessionFailure> open = Outgoing.FailAsync(smarthost, clock: clock);
        await clock.WaitsForAsync(TimeSpan.FromMinutes(5));
        clock.Advance(TimeSpan.FromMinutes(5));

        SessionFailure failure = await open;
        Assert.Equal((DeliveryStage.Greeting, SessionFault.Away, false), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal("421 4.4.2 smarthost.test:465 while waiting for its greeting: no reply within 300 s", failure.Reply.ToString());
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("* OK IMAP4rev1 ready\r\n")]
    [InlineData("120 Wait\r\n")]
    [InlineData("620 What\r\n")]
    [InlineData("abc\r\n")]
    [InlineData("220\t\r\n")]
    [InlineData("220-one\r\n250 other\r\n")]
    public async Task C10_What_is_no_SMTP_reply_ends_the_session_without_a_word(string octets)
    {
        await using var smarthost = new FakeSmarthost { OnGreeting = _ => FakeAnswer.Raw(octets) };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Greeting, SessionFault.Away, false), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.StartsWith("421 4.5.0 ", failure.Reply.ToString(), StringComparison.Ordinal);
        Assert.Empty(smarthost.Commands);
    }

    public static TheoryData<string> Endless => new()
    {
        new string('2', 10_000_000),
        string.Concat(Enumerable.Repeat("220-more\r\n", 1_000_000)),
        "220 smarthost.test\n",
        "220 smart\rhost.test\r\n",
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task C11_Endless_and_malformed_replies_are_bounded_and_transient(string octets)
    {
        await using var smarthost = new FakeSmarthost { OnGreeting = _ => FakeAnswer.Raw(octets) };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Greeting, SessionFault.Away), (failure.Stage, failure.Fault));
        Assert.InRange(failure.Reply.Text.Length, 1, 1000);
        Assert.DoesNotContain('\n', failure.Reply.Text);
    }

    [Fact]
    public async Task C11_A_NUL_in_a_reply_is_shown_and_harms_nobody()
    {
        await using var smarthost = new FakeSmarthost { OnGreeting = _ => FakeAnswer.Raw("554 no\0thing\u001b[2J\r\n") };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.DoesNotContain(failure.Reply.Text, char.IsControl);
    }

    [Fact]
    public async Task C10_A_greeting_of_several_lines_and_replies_without_text_are_understood()
    {
        await using var smarthost = new FakeSmarthost
        {
            OnGreeting = _ => "220-smarthost.test\n220-is pleased\n220 to meet you", OnMail = _ => "250", OnRcpt = _ => "250 ", OnEndOfData = _ => "299",
        };
        TransactionResult result = await Outgoing.SendAsync(smarthost);

        Assert.Equal(299, Assert.Single(result.Verdicts).Reply.Code);
        Assert.Single(smarthost.Mails);
    }

    [Fact]
    public async Task C15_Without_a_login_HELO_is_a_way_out()
    {
        await using var smarthost = new FakeSmarthost { OnEhlo = _ => "502 5.5.1 EHLO? What is that?" };
        TransactionResult result = await Outgoing.SendAsync(smarthost, change: options => options.Username = options.Password = "");

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.Equal(["EHLO relay.test", "HELO relay.test", "MAIL FROM:<alice@example.net>"], smarthost.Commands.Take(3));
    }

    [Theory]
    [InlineData(FakeTls.Implicit, "502 5.5.1 EHLO? What is that?")]
    [InlineData(FakeTls.StartTls, "502 5.5.1 EHLO? What is that?")]
    [InlineData(FakeTls.Implicit, "421 4.3.2 Not now")]
    [InlineData(FakeTls.Implicit, "550 5.7.1 Bad name")]
    public async Task C15_With_a_login_a_refused_EHLO_ends_the_session(object tls, string reply)
    {
        await using var smarthost = new FakeSmarthost { Tls = (FakeTls)tls, OnEhlo = _ => reply };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Ehlo, SessionFault.Away, true), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal(reply, failure.Reply.ToString());
        Assert.DoesNotContain(smarthost.Commands, command => command.StartsWith("HELO", StringComparison.Ordinal));
    }

    [Fact]
    public async Task C15_Without_a_login_STARTTLS_is_still_needed_and_HELO_no_way_out()
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.StartTls, OnEhlo = _ => "502 5.5.1 EHLO? What is that?" };
        await Outgoing.FailAsync(smarthost, options => options.Username = options.Password = "");

        Assert.DoesNotContain(smarthost.Commands, command => command.StartsWith("HELO", StringComparison.Ordinal));
    }

    [Fact]
    public async Task C16_Without_a_qualified_name_EHLO_says_our_address_on_this_very_connection()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        SmarthostOptions options = smarthost.ClientOptions();
        options.HeloName = "";
        (SmarthostConnection? connection, SessionFailure? failure) =
            await Outgoing.Connector(new TcpDialer(TimeProvider.System, () => [])).OpenAsync(options, CancellationToken.None);
        await using SmarthostConnection opened = connection!;

        Assert.Null(failure);
        string name = smarthost.Commands[0]["EHLO ".Length..];
        Assert.True(name == "[127.0.0.1]" || name.Contains('.', StringComparison.Ordinal), name);
        Assert.NotEqual("localhost", name);
    }

    [Fact]
    public async Task C34_A_name_that_cannot_be_looked_up_means_that_the_smarthost_is_away()
    {
        var dialer = new TcpDialer(TimeProvider.System, () => []) { Resolve = (_, _) => throw new SocketException((int)SocketError.HostNotFound) };
        (_, SessionFailure? failure) = await Outgoing.Connector(dialer).OpenAsync(
            new SmarthostOptions { Host = "nowhere.test" }, CancellationToken.None);

        Assert.Equal((DeliveryStage.Resolve, SessionFault.Away, false), (failure!.Stage, failure.Fault, failure.FromSmarthost));
        Assert.StartsWith("421 4.4.3 look up nowhere.test: ", failure.Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task C47_A_smarthost_that_is_this_relay_itself_is_a_setting_to_mend()
    {
        var dialer = new TcpDialer(TimeProvider.System, () => [new IPEndPoint(IPAddress.Loopback, 25)])
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        };
        (_, SessionFailure? failure) = await Outgoing.Connector(dialer).OpenAsync(
            new SmarthostOptions { Host = "smarthost.test", Port = 25, Tls = SmarthostTls.None }, CancellationToken.None);

        Assert.Equal((DeliveryStage.Connect, SessionFault.Misconfigured), (failure!.Stage, failure.Fault));
        Assert.Contains("that is this relay itself", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C42_What_comes_unasked_before_a_command_ends_the_session()
    {
        await using var smarthost = new FakeSmarthost { OnGreeting = _ => FakeAnswer.Raw("220 smarthost.test\r\n250 I answer before you ask\r\n") };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Ehlo, SessionFault.Away), (failure.Stage, failure.Fault));
        Assert.Contains("without having been asked", failure.Reply.Text, StringComparison.Ordinal);
        Assert.Empty(smarthost.Commands);
    }
}
