using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>Connections cut at every step: nothing is lost, and only after the final dot is there doubt.</summary>
public class SmarthostDropTests
{
    private static readonly FakeAnswer s_reset = FakeAnswer.Reset, s_hangUp = FakeAnswer.HangUp;

    [Fact]
    public async Task C09_Cut_at_connect_the_smarthost_is_away()
    {
        (_, SessionFailure? failure) = await Outgoing.Connector(FakeDialer.Refusing()).OpenAsync(
            new SmarthostOptions { Host = "smarthost.test" }, CancellationToken.None);

        Assert.Equal((DeliveryStage.Connect, SessionFault.Away, false), (failure!.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal("421 4.4.1 connect to smarthost.test:465: Connection refused", failure.Reply.ToString());
    }

    [Theory]
    [InlineData("greeting", DeliveryStage.Greeting, false)]
    [InlineData("EHLO", DeliveryStage.Ehlo, false)]
    [InlineData("AUTH", DeliveryStage.Auth, false)]
    [InlineData("AUTH 2", DeliveryStage.Auth, false)]
    [InlineData("greeting", DeliveryStage.Greeting, true)]
    [InlineData("EHLO", DeliveryStage.Ehlo, true)]
    [InlineData("AUTH", DeliveryStage.Auth, true)]
    public async Task C09_Cut_before_MAIL_the_smarthost_is_away_and_no_message_is_to_blame(string at, object stage, bool reset)
    {
        FakeAnswer cut = reset ? s_reset : s_hangUp;
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH LOGIN"] };
        switch (at)
        {
            case "greeting": smarthost.OnGreeting = _ => cut; break;
            case "EHLO": smarthost.OnEhlo = _ => cut; break;
            case "AUTH": smarthost.OnAuth = _ => cut; break;
            default: smarthost.OnAuth = step => step.Line.StartsWith("AUTH", StringComparison.Ordinal) ? "334 VXNlcm5hbWU6" : cut; break;
        }

        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal(((DeliveryStage)stage, SessionFault.Away, false), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.StartsWith("421 4.4.2 ", failure.Reply.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<bool, bool, string, int, object> Steps
    {
        get
        {
            var steps = new TheoryData<bool, bool, string, int, object>();
            foreach (bool pipelining in new[] { true, false })
            {
                foreach (bool reset in new[] { true, false })
                {
                    steps.Add(pipelining, reset, "MAIL", 0, DeliveryStage.MailFrom);
                    steps.Add(pipelining, reset, "RCPT", 1, DeliveryStage.RcptTo);
                    steps.Add(pipelining, reset, "RCPT", 2, DeliveryStage.RcptTo);
                    steps.Add(pipelining, reset, "RCPT", 3, DeliveryStage.RcptTo);
                    steps.Add(pipelining, reset, "DATA", 0, DeliveryStage.Data);
                }
            }

            return steps;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task C09_Cut_before_the_content_every_recipient_is_tried_again(bool pipelining, bool reset, string at, int recipient, object stage)
    {
        FakeAnswer cut = reset ? s_reset : s_hangUp;
        await using var smarthost = new FakeSmarthost { Offers = pipelining ? ["PIPELINING", "AUTH PLAIN"] : ["AUTH PLAIN"] };
        switch (at)
        {
            case "MAIL": smarthost.OnMail = _ => cut; break;
            case "RCPT": smarthost.OnRcpt = step => step.Recipient == recipient ? cut : "250 2.1.5 Ok"; break;
            default: smarthost.OnData = _ => cut; break;
        }

        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("a@example.org", "b@example.org", "c@example.org"));

        Assert.True(result.ConnectionLost);
        Assert.All(result.Verdicts, verdict =>
        {
            // A reset takes replies along that were on their way: then it is an earlier step that has none.
            Assert.True(reset ? verdict.Stage <= (DeliveryStage)stage : verdict.Stage == (DeliveryStage)stage, $"{verdict.Stage}");
            Assert.Equal((false, false), (verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
            Assert.StartsWith("421 4.4.2 connection with smarthost.test:465 lost", verdict.Reply.ToString(), StringComparison.Ordinal);
        });
        Assert.Empty(smarthost.Mails);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task C09_Cut_at_a_tenth_of_the_content_the_message_was_not_delivered(int tenths)
    {
        string content = string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 10_000));
        await using var smarthost = new FakeSmarthost
        {
            WindowOctets = 16 * 1024, OnBody = step => step.Octets >= content.Length / 10 * tenths ? FakeAnswer.HangUp : null,
        };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(content, []));

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal((DeliveryStage.Body, false, false), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
        Assert.StartsWith("421 4.4.2 ", verdict.Reply.ToString(), StringComparison.Ordinal);
        Assert.True(result.ConnectionLost);
        Assert.Empty(smarthost.Mails);
    }

    [Theory]
    [InlineData("")]
    [InlineData("250 2.0")]
    [InlineData("250 2.0.0 Taken\r")]
    [InlineData("250-2.0.0 Taken\r\n")]
    public async Task C08_C09_Cut_after_the_final_dot_or_in_the_middle_of_its_reply_the_message_is_in_doubt(string said)
    {
        await using var smarthost = new FakeSmarthost { OnEndOfData = _ => FakeAnswer.Raw(said).ThenHangUp() };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("bob@example.org", "carol@example.org"));

        Assert.True(result.ConnectionLost);
        Assert.All(result.Verdicts, verdict =>
        {
            Assert.Equal((DeliveryStage.EndOfData, false, true), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
            Assert.StartsWith("421 4.4.2 ", verdict.Reply.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task C09_A_recipient_refused_before_the_cut_keeps_its_refusal()
    {
        await using var smarthost = new FakeSmarthost
        {
            OnRcpt = step => step.Recipient == 1 ? "550 5.1.1 Who?" : "250 2.1.5 Ok", OnEndOfData = _ => FakeAnswer.HangUp,
        };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("bob@example.org", "carol@example.org"));

        Assert.Equal((DeliveryStage.RcptTo, true, false), Said(result.Verdicts[0]));
        Assert.Equal((DeliveryStage.EndOfData, false, true), Said(result.Verdicts[1]));
    }

    [Theory]
    [InlineData("MAIL", DeliveryStage.MailFrom, false)]
    [InlineData(".", DeliveryStage.EndOfData, true)]
    public async Task A_relay_that_is_stopped_leaves_nobody_without_a_verdict(string at, object stage, bool inDoubt)
    {
        using var stop = new CancellationTokenSource();
        FakeAnswer Stop(FakeStep step)
        {
            stop.Cancel();
            return FakeAnswer.Silence;
        }

        await using var smarthost = new FakeSmarthost();
        if (at == "MAIL")
        {
            smarthost.OnMail = Stop;
        }
        else
        {
            smarthost.OnEndOfData = Stop;
        }

        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);
        TransactionResult result = await connection.SendAsync(Outgoing.Message(), stop.Token);

        Assert.True(result.ConnectionLost);
        Assert.Equal(((DeliveryStage)stage, false, inDoubt), Said(Assert.Single(result.Verdicts)));
        Assert.Equal("421 4.4.2 the relay is being stopped", result.Verdicts[0].Reply.ToString());
    }

    private static (DeliveryStage Stage, bool FromSmarthost, bool InDoubt) Said(RecipientVerdict verdict) =>
        (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered);
}
