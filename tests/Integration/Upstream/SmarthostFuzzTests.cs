using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>
/// Smarthosts that answer anything at any time, from fixed seeds. Whatever they do: each recipient has one verdict, "delivered" is only said
/// of what was taken, and what was taken is never said to be refused.
/// </summary>
public class SmarthostFuzzTests
{
    private static readonly string[] s_recipients = ["a@example.org", "b@example.org", "c@example.org"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_the_smarthost_says_the_verdicts_are_true(int seed)
    {
        for (int script = 0; script < 250; script++)
        {
            await RunAsync(new Random((seed * 1000) + script), $"seed {seed}, script {script}").WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    private static async Task RunAsync(Random dice, string name)
    {
        bool calm = false, ended = false;
        string content = string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", dice.Next(1, 2000)));

        FakeAnswer? Wild(int oneIn)
        {
            FakeAnswer? answer = calm || dice.Next(oneIn) > 0 ? null : Answer(dice);
            ended |= answer is { Ending: not FakeEnding.GoesOn };
            return answer;
        }

        // In the middle of the content: a success said there cannot be told from one said at its end, and what comes after a refusal is
        // nobody's to foretell.
        FakeAnswer? WildInBody()
        {
            FakeAnswer? answer = Wild(40)?.ThenHangUp();
            ended |= answer is not null;
            return answer?.Octets is [(byte)'2', ..] ? FakeAnswer.HangUp : answer;
        }

        await using var smarthost = new FakeSmarthost
        {
            Tls = FakeTls.None,
            WindowOctets = 8 * 1024,
            Offers = dice.Next(2) == 0 ? ["AUTH PLAIN"] : ["PIPELINING", "CHUNKING", "AUTH PLAIN"],
        };
        smarthost.OnMail = _ => Wild(6) ?? "250 2.1.0 Ok";
        smarthost.OnRcpt = _ => Wild(4) ?? "250 2.1.5 Ok";
        smarthost.OnData = _ => Wild(6) ?? "354 Go on";
        smarthost.OnBody = _ => WildInBody();
        smarthost.OnEndOfData = _ => Wild(3) ?? "250 2.0.0 Taken";
        smarthost.OnBdat = _ => Wild(3) ?? "250 2.0.0 Taken";
        smarthost.OnRset = _ => Wild(6) ?? "250 2.0.0 Forgotten";

        bool chunks = dice.Next(3) == 0;
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options => options.UseChunking = chunks);
        TransactionResult result = await connection.SendAsync(Outgoing.Message(content, s_recipients), CancellationToken.None);

        Assert.Equal(s_recipients.Length, result.Verdicts.Count);
        CapturedMail[] taken = [.. smarthost.Mails.Where(mail => mail.RcptCommands.Count > 0)];
        Assert.True(taken.Length <= 1, name);
        Assert.All(taken, mail => Assert.True(mail.Text == content, name));
        for (int i = 0; i < s_recipients.Length; i++)
        {
            RecipientVerdict verdict = result.Verdicts[i];
            bool arrived = taken.Length == 1 && taken[0].Recipients.Contains(s_recipients[i]);
            Assert.True(!verdict.Reply.IsSuccess || (arrived && verdict.Stage == DeliveryStage.EndOfData), name);
            Assert.True(!arrived || verdict.Reply.IsSuccess || verdict.MayHaveBeenDelivered, $"{name}: {verdict}");
            Assert.True(verdict.FromSmarthost || verdict.Reply.Severity == Smtp.Severity.Transient, $"{name}: {verdict}");
        }

        // A connection that is said to be good is good: replies and commands are in step.
        calm = true;
        if (!result.ConnectionLost && !ended && connection.TryPark())
        {
            TransactionResult next = await connection.SendAsync(Outgoing.Message(), CancellationToken.None);
            Assert.True(next.Verdicts[0].Reply.IsSuccess, $"{name}: {next.Verdicts[0]}");
            Assert.Equal(Outgoing.Text, smarthost.Mails[^1].Text);
        }
    }

    private static FakeAnswer Answer(Random dice) => dice.Next(14) switch
    {
        0 => "250 2.0.0 Ok",
        1 => "354 Go on",
        2 => "421 4.3.2 Going down",
        3 => FakeAnswer.Reply("421 4.3.2 Going down").ThenHangUp(),
        4 => "450 4.2.1 Busy",
        5 => "452 4.5.3 Too many",
        6 => "503 5.5.1 Out of order",
        7 => "550 5.1.1 Who?",
        8 => "554-5.7.1 Two\n554 5.7.1 lines",
        9 => "500 5.5.1 What?",
        10 => FakeAnswer.HangUp,
        11 => FakeAnswer.Reset,
        12 => FakeAnswer.Raw("25").ThenHangUp(),
        _ => "abc",
    };
}
