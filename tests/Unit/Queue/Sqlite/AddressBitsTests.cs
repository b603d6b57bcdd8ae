using System.Numerics;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Unit.Queue.Sqlite;

public class AddressBitsTests
{
    [Theory]
    [InlineData("cron@web1.example.net", "ops@example.org", "CRON@Web1.example.net", true)]
    [InlineData("cron@web1.example.net", "ops@example.org", "@web1.example.net", true)]
    [InlineData("cron@web1.example.net", "ops@example.org", "ops@EXAMPLE.org", true)]
    [InlineData("cron@web1.example.net", "ops@example.org", "@example.org", true)]
    [InlineData("cron@web1.example.net", "ops@example.org", "@", true)]
    [InlineData("cron@web1.example.net", "ops@example.org", "ops@example.net", false)]
    [InlineData("cron@web1.example.net", "ops@example.org", "@example.net", false)]
    [InlineData("cron@web1.example.net", "ops@example.org", "<>", false)]
    [InlineData(null, "ops@example.org", "<>", true)]
    [InlineData("cron@web1.example.net", "root", "ROOT", true)]
    [InlineData("cron@web1.example.net", "root", "@", true)]
    [InlineData("cron@web1.example.net", "µ.jörg@example.org", "μ.JÖRG@example.org", true)]     // the sign and the letter, which .NET compares as equal
    public void A_message_has_the_bits_of_each_of_its_addresses_and_domains(string? sender, string recipient, string sought, bool may)
    {
        long bits = AddressBits.Of(sender is null ? null : Box(sender), Recipients(recipient));

        long wanted = AddressBits.OfSearch(sought);

        Assert.Equal(may, (bits & wanted) == wanted);
    }

    [Fact]
    public void Few_messages_have_the_bits_of_an_address_that_is_not_theirs()
    {
        long wanted = AddressBits.OfSearch("nobody@nowhere.example");

        int alike = Enumerable.Range(0, 10_000).Count(
            i => (AddressBits.Of(Box($"app{i % 7}@web1.example.net"), Recipients($"u{i}@d{i % 100}.example.com")) & wanted) == wanted);

        Assert.InRange(alike, 0, 200);
    }

    [Fact]
    public void A_message_to_a_thousand_may_be_anybodys()
    {
        long bits = AddressBits.Of(null, Recipients([.. Enumerable.Range(0, 1000).Select(i => $"u{i}@d{i}.example")]));

        Assert.Equal(64, BitOperations.PopCount((ulong)bits));
    }

    private static QueuedRecipient[] Recipients(params string[] addresses) =>
        [.. addresses.Select((address, i) => new QueuedRecipient { Ordinal = i, Recipient = new Recipient(Box(address)) })];

    private static Mailbox Box(string address)
    {
        int at = address.LastIndexOf('@');
        return at < 0 ? new Mailbox(address, "") : new Mailbox(address[..at], address[(at + 1)..]);
    }
}
