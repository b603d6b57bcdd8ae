using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>STARTTLS is as strict as implicit TLS: no way leads around it.</summary>
public class SmarthostStartTlsTests
{
    [Fact]
    public async Task After_STARTTLS_the_session_begins_anew_and_the_login_is_inside()
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.StartTls };
        TransactionResult result = await Outgoing.SendAsync(smarthost);

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.Equal(["EHLO relay.test", "STARTTLS", "EHLO relay.test"], smarthost.Commands.Take(3));
        Assert.StartsWith("AUTH PLAIN ", smarthost.Commands[3], StringComparison.Ordinal);
        Assert.Empty(smarthost.Violations);
    }

    [Fact]
    public async Task What_was_offered_in_clear_text_is_forgotten()
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.StartTls, Offers = ["AUTH PLAIN"], OffersInClear = ["STARTTLS", "PIPELINING", "DSN"] };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);

        Assert.Equal(["AUTH PLAIN"], connection.Capabilities.Keywords);
    }

    [Fact]
    public async Task Without_an_offer_of_STARTTLS_nothing_is_sent()
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.StartTls, OffersInClear = ["AUTH PLAIN LOGIN"] };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.StartTls, SessionFault.Untrusted), (failure.Stage, failure.Fault));
        Assert.Contains("does not offer STARTTLS", failure.Reply.Text, StringComparison.Ordinal);
        Assert.Equal(["EHLO relay.test", "QUIT"], smarthost.Commands);
    }

    [Theory]
    [InlineData("454 4.7.0 TLS not available", SessionFault.Away)]
    [InlineData("501 5.5.4 No", SessionFault.Untrusted)]
    public async Task A_refused_STARTTLS_ends_the_session(string reply, object fault)
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.StartTls, OnStartTls = _ => reply };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.StartTls, (SessionFault)fault, true), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal(reply, failure.Reply.ToString());
        Assert.DoesNotContain(smarthost.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task C42_What_comes_with_the_reply_to_STARTTLS_is_not_believed_inside()
    {
        await using var smarthost = new FakeSmarthost
        {
            Tls = FakeTls.StartTls, OnStartTls = _ => FakeAnswer.Raw("220 2.0.0 Go ahead\r\n250-injected.test\r\n250 AUTH PLAIN\r\n"),
        };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.StartTls, SessionFault.Untrusted), (failure.Stage, failure.Fault));
        Assert.Contains("somebody may be in between", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_is_checked_as_strictly_as_with_implicit_TLS()
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.StartTls, Certificate = TestCertificates.WrongName };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Tls, SessionFault.Untrusted), (failure.Stage, failure.Fault));
        Assert.Equal(["EHLO relay.test", "STARTTLS"], smarthost.Commands);
    }

    [Fact]
    public async Task A_port_that_expects_TLS_at_once_is_told_from_a_smarthost_that_is_away()
    {
        var clock = new TestClock();
        FakeDialer dialer = FakeDialer.To(stream => stream.CopyToAsync(Stream.Null));
        ValueTask<(SmarthostConnection?, SessionFailure? Failure)> open = Outgoing.Connector(dialer, clock).OpenAsync(
            new SmarthostOptions { Host = TestCertificates.HostName, Tls = SmarthostTls.StartTls }, CancellationToken.None);
        await clock.WaitsForAsync(TimeSpan.FromMinutes(5));
        clock.Advance(TimeSpan.FromMinutes(5));

        SessionFailure failure = (await open).Failure!;
        Assert.Equal((DeliveryStage.Greeting, SessionFault.Away), (failure.Stage, failure.Fault));
        Assert.Contains("set Smarthost:Tls=Implicit", failure.Reply.Text, StringComparison.Ordinal);
    }
}
