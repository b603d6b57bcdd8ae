using RelayProxy.Commands.Mailq;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands.Mailq;

public class QueueMatchTests
{
    private static readonly QueueId s_id = QueueId.TryParse("0AKZMDAGKFJCX", out QueueId id) ? id : default;

    private static readonly QueuedMessage s_message = new()
    {
        Id = s_id,
        Envelope = new Envelope { Sender = new Mailbox("cron", "web1.example.net") },
        Octets = 1,
        ReceivedAt = default,
        ExpiresAt = default,
        Recipients =
        [
            new QueuedRecipient { Ordinal = 0, Recipient = new Recipient(new Mailbox("ops", "example.org")) },
            new QueuedRecipient { Ordinal = 1, Recipient = new Recipient(new Mailbox("gone", "example.com")), State = RecipientState.Delivered },
        ],
    };

    [Theory]
    [InlineData("", true)]
    [InlineData("30m", true)]
    [InlineData("f", true)]
    [InlineData("p1h", true)]
    [InlineData("Gmail", true)]
    [InlineData("I", true)]
    [InlineData("I0AKZMDAGKFJCX", true)]
    [InlineData("i0AKZMDAGKFJCX", true)]       // no selector: all
    [InlineData("Imdag", true)]
    [InlineData("I0AKZMDAGKFJCY", false)]
    [InlineData("!Imdag", false)]
    [InlineData("!I0AKZMDAGKFJCY", true)]
    [InlineData("Rops@", true)]
    [InlineData("R<OPS@example.org>", true)]
    [InlineData("Rgone@", false)]              // has it already
    [InlineData("!Rops@", false)]
    [InlineData("Sweb1", true)]
    [InlineData("SMAILER-DAEMON", false)]
    [InlineData("S<>", false)]                 // only what comes from nobody
    [InlineData("!Sweb1", false)]
    public void What_stands_behind_q_says_which_messages_are_meant(string what, bool isMeant) =>
        Assert.Equal(isMeant, new QueueMatch(what, []).Includes(s_message));

    [Theory]
    [InlineData("I", "0AKZMDAGKFJCX", true)]
    [InlineData("I", "0AKZMDAGKFJCY", false)]
    [InlineData("!R", "ops", false)]
    [InlineData("", "0AKZMDAGKFJCY", true)]    // it belongs to no selector
    [InlineData("Scron", "nobody", true)]      // the selector has its part already
    public void A_word_that_belongs_to_no_flag_is_the_part_of_a_selector_without_one(string what, string word, bool isMeant) =>
        Assert.Equal(isMeant, new QueueMatch(what, [word]).Includes(s_message));

    [Fact]
    public void A_whole_id_is_looked_up_and_all_else_is_looked_for()
    {
        Assert.Equal([s_id], new QueueMatch("I0akzmdagkfjcx", []).Selection.Ids);
        Assert.Empty(new QueueMatch("!I0AKZMDAGKFJCX", []).Selection.Ids);
        Assert.Empty(new QueueMatch("I0AKZ", []).Selection.Ids);
        Assert.Empty(new QueueMatch("R0AKZMDAGKFJCX", []).Selection.Ids);
    }
}
