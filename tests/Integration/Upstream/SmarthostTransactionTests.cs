using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

public class SmarthostTransactionTests
{
    [Fact]
    public async Task A_message_arrives_as_it_was_sent()
    {
        await using var smarthost = new FakeSmarthost();
        TransactionResult result = await Outgoing.SendAsync(smarthost);

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal(DeliveryStage.EndOfData, verdict.Stage);
        Assert.Equal("250 2.0.0 Taken", verdict.Reply.ToString());
        Assert.True(verdict.FromSmarthost);
        Assert.False(result.ConnectionLost);
        CapturedMail mail = Assert.Single(smarthost.Mails);
        Assert.Equal(Outgoing.Text, mail.Text);
        Assert.Equal(["bob@example.org"], mail.Recipients);
        Assert.Equal("alice@example.net", mail.Sender);
        Assert.Equal("relay", mail.User);
        Assert.Empty(smarthost.Violations);
    }
}
