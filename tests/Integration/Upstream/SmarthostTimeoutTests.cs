using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>The patience of RFC 5321 §4.5.3.2: each step has its own, and one second before it ends nothing has happened yet.</summary>
public class SmarthostTimeoutTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("greeting", 5, DeliveryStage.Greeting)]
    [InlineData("EHLO", 5, DeliveryStage.Ehlo)]
    [InlineData("AUTH", 5, DeliveryStage.Auth)]
    [InlineData("MAIL", 5, DeliveryStage.MailFrom)]
    [InlineData("RCPT", 5, DeliveryStage.RcptTo)]
    [InlineData("DATA", 2, DeliveryStage.Data)]
    [InlineData(".", 10, DeliveryStage.EndOfData)]
    public async Task C12_An_answer_just_in_time_counts_and_one_just_too_late_does_not(string at, int minutes, object stage)
    {
        TimeSpan bound = TimeSpan.FromMinutes(minutes);
        (SessionFailure? none, TransactionResult? inTime) = await RunAsync(at, bound, bound - s_second);
        (SessionFailure? failure, TransactionResult? tooLate) = await RunAsync(at, bound, bound);

        Assert.Null(none);
        Assert.True(Assert.Single(inTime!.Verdicts).Reply.IsSuccess);
        if (tooLate is not null)
        {
            RecipientVerdict verdict = Assert.Single(tooLate.Verdicts);
            Assert.Equal(((DeliveryStage)stage, false, at == "."), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
            Assert.Equal("421 4.4.2 no answer in time from smarthost.test:465", verdict.Reply.ToString());
            Assert.True(tooLate.ConnectionLost);
        }
        else
        {
            Assert.Equal(((DeliveryStage)stage, SessionFault.Away), (failure!.Stage, failure.Fault));
            Assert.StartsWith("421 4.4.2 ", failure.Reply.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task C13_A_long_trickle_is_fine_as_long_as_every_block_gets_somewhere()
    {
        var clock = new TestClock();
        DateTimeOffset began = clock.GetUtcNow();
        await using var smarthost = new FakeSmarthost
        {
            WindowOctets = 32 * 1024,
            OnBody = _ =>
            {
                clock.Advance(TimeSpan.FromSeconds(30));
                return null;
            },
        };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Large(), clock: clock);

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.True(clock.GetUtcNow() - began > TimeSpan.FromMinutes(20), "longer than any one bound");
    }

    [Theory]
    [InlineData(179, true)]
    [InlineData(180, false)]
    public async Task C44_A_smarthost_that_stops_reading_has_three_minutes_for_a_block(int seconds, bool delivered)
    {
        var clock = new TestClock();
        var readOn = new TaskCompletionSource();
        await using var smarthost = new FakeSmarthost
        {
            WindowOctets = 32 * 1024, OnBody = _ => FakeAnswer.Raw("").OnceDone(readOn.Task),
        };
        Task<TransactionResult> send = Outgoing.SendAsync(smarthost, Large(), clock: clock);
        await smarthost.ClientStalledAsync();
        clock.Advance(TimeSpan.FromSeconds(seconds));
        readOn.SetResult();

        RecipientVerdict verdict = Assert.Single((await send).Verdicts);
        Assert.Equal(delivered, verdict.Reply.IsSuccess);
        Assert.False(verdict.MayHaveBeenDelivered);
        Assert.Equal(delivered ? DeliveryStage.EndOfData : DeliveryStage.Body, verdict.Stage);
    }

    [Fact]
    public async Task C45_A_smarthost_that_falls_asleep_after_the_dot_may_have_delivered()
    {
        (_, TransactionResult? result) = await RunAsync(".", TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

        Assert.True(Assert.Single(result!.Verdicts).MayHaveBeenDelivered);
    }

    /// <summary>Sends a message to a smarthost that answers one step only after a while.</summary>
    private static async Task<(SessionFailure? Failure, TransactionResult? Result)> RunAsync(string at, TimeSpan bound, TimeSpan delay)
    {
        var clock = new TestClock();
        var answer = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        Func<FakeStep, FakeAnswer> Slowly(string usual) => _ =>
        {
            reached.TrySetResult();
            return FakeAnswer.Reply(usual).OnceDone(answer.Task);
        };

        // Without PIPELINING: who has reached a step has had its answers to all steps before.
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH PLAIN"] };
        switch (at)
        {
            case "greeting": smarthost.OnGreeting = Slowly("220 smarthost.test"); break;
            case "EHLO": smarthost.OnEhlo = Slowly("250-smarthost.test\n250 AUTH PLAIN"); break;
            case "AUTH": smarthost.OnAuth = Slowly("235 2.7.0 Welcome"); break;
            case "MAIL": smarthost.OnMail = Slowly("250 2.1.0 Ok"); break;
            case "RCPT": smarthost.OnRcpt = Slowly("250 2.1.5 Ok"); break;
            case "DATA": smarthost.OnData = Slowly("354 Go on"); break;
            default: smarthost.OnEndOfData = Slowly("250 2.0.0 Taken"); break;
        }

        Task<(SessionFailure?, TransactionResult?)> run = SendAsync(smarthost, clock);
        await reached.Task;
        await clock.WaitsForAsync(bound);
        clock.Advance(delay);
        answer.SetResult();
        return await run;
    }

    private static async Task<(SessionFailure? Failure, TransactionResult? Result)> SendAsync(FakeSmarthost smarthost, TestClock clock)
    {
        (SmarthostConnection? connection, SessionFailure? failure) = await Outgoing.TryConnectAsync(smarthost, clock: clock);
        if (connection is null)
        {
            return (failure, null);
        }

        await using (connection)
        {
            return (null, await connection.SendAsync(Outgoing.Message(), CancellationToken.None));
        }
    }

    private static OutgoingMessage Large() => Outgoing.Message(string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 10_000)), []);
}
