using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

public class AddressListScannerTests
{
    // What stands in mail, and which addresses are in it (separated by blanks).
    [Theory]
    [InlineData("root", "root")]
    [InlineData(" root\r\n", "root")]
    [InlineData("root@localhost", "root@localhost")]
    [InlineData("\"Cron Daemon\" <root>", "root")]
    [InlineData("root (Cron Daemon)", "root")]
    [InlineData("(a (nested \\) one)) root@x (b)", "root@x")]
    [InlineData("a@x.example, b@y.example", "a@x.example b@y.example")]
    [InlineData(" a@x.example,\r\n\tb@y.example\r\n", "a@x.example b@y.example")]
    [InlineData("=?utf-8?q?J=C3=BCrgen?= <j@x>", "j@x")]
    [InlineData("=?utf-8?q?Doe,_J=C3=BCrgen?= <j@x>", "j@x")]
    [InlineData("A Group: a@x, \"B, C\" <b@y>; , c@z", "a@x b@y c@z")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("John Q. Public <jqp@x>", "jqp@x")]
    [InlineData("a@b.example <c@x>", "c@x")]
    [InlineData("Jo [office] <jo@x>", "jo@x")]
    [InlineData("<@one,@two.example:john@x>", "john@x")]
    [InlineData("< john . doe @ x . example >", "john.doe@x.example")]
    [InlineData("john (the) . (one) doe@x (c) . example", "john.doe@x.example")]
    [InlineData("\"john\".doe@x", "john.doe@x")]
    [InlineData("\"a b\"@x", "\"a b\"@x")]
    [InlineData("\"a\\\"b\"@x", "\"a\\\"b\"@x")]
    [InlineData("<\"a\r\n b\"@x>", "\"a b\"@x")]
    [InlineData("root@[127.0.0.1]", "root@[127.0.0.1]")]
    [InlineData("root@[IPv6:::1]", "root@[IPv6:::1]")]
    [InlineData("root@localhost.", "root@localhost")]
    [InlineData("a..b@x, c.@x", "\"a..b\"@x \"c.\"@x")]
    [InlineData("j\u00fcrgen@m\u00fcnchen.example", "j\u00fcrgen@m\u00fcnchen.example")]
    [InlineData("J\u00fcrgen <j@x>", "j@x")]
    [InlineData("a@x; b@y", "a@x b@y")]
    [InlineData(",,a@x,,", "a@x")]
    [InlineData("<>", "")]
    [InlineData("", "")]
    public void Finds_every_address(string text, string addresses)
    {
        Assert.Equal(addresses, Read(text, out string? unread));
        Assert.Null(unread);
    }

    // What does not parse is passed over, and hides nothing beside it.
    [Theory]
    [InlineData("Cron Daemon", "")]
    [InlineData("\"Cron Daemon\"", "")]
    [InlineData("=?utf-8?q?J=C3=BCrgen?=", "")]
    [InlineData("John Doe root@x", "")]
    [InlineData("<a b@x>, c@y", "c@y")]
    [InlineData("<a@x> <b@y>, c@z", "c@z")]
    [InlineData("<a@x> tail, c@z", "c@z")]
    [InlineData("<a@x, c@z", "c@z")]
    [InlineData("a@x>, c@z", "c@z")]
    [InlineData("a@, @x, .a@x, a@@x, a@x@y, c@z", "c@z")]
    [InlineData("a\0b@x, \\c@x, d)@x, e]@x, c@z", "c@z")]
    [InlineData("a@-x-, b@x..y, c@[nonsense], d@x!y, c@z", "c@z")]
    [InlineData("\"\"@x, c@z", "c@z")]
    [InlineData("a@x, \"without end <b@y>, c@z", "a@x")]
    [InlineData("a@x, (without end <b@y>, c@z", "a@x")]
    [InlineData("a@x, [without end <b@y>, c@z", "a@x")]
    [InlineData("a@x (without end", "")]
    public void Passes_over_what_is_none(string text, string addresses)
    {
        Assert.Equal(addresses, Read(text, out string? unread));
        Assert.NotEqual("", unread);
        Assert.Contains(unread ?? "nothing", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Octets_that_are_not_UTF_8_are_no_address()
    {
        byte[] text = [(byte)'a', 0xfc, (byte)'@', (byte)'x'];
        var scanner = new AddressListScanner(text);

        Assert.True(scanner.TryNext(out HeaderAddress address));
        Assert.Null(AddressText.Read(text, address));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("\"")]
    [InlineData("\"a\\\" ")]
    [InlineData("<")]
    [InlineData("<@")]
    [InlineData("a.")]
    [InlineData("a,")]
    [InlineData(":")]
    [InlineData("[")]
    [InlineData("()")]
    [InlineData("<a@b>,")]
    [InlineData("\\")]
    public void A_million_of_anything_is_read_at_once(string piece)
    {
        // Were anything in it quadratic, this would take hours.
        byte[] text = Sequences.Octets(string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)));
        var scanner = new AddressListScanner(text);
        int addresses = 0;
        int last = -1;
        while (scanner.TryNext(out HeaderAddress address))
        {
            Assert.True(address.LocalStart > last);
            last = address.DomainEnd;
            addresses++;
        }

        Assert.Equal(piece is "a," or "<a@b>," ? 1_000_000 / piece.Length : 0, addresses);
    }

    private static string Read(string text, out string? unread)
    {
        byte[] octets = System.Text.Encoding.UTF8.GetBytes(text);
        var scanner = new AddressListScanner(octets);
        var found = new List<string>();
        unread = null;
        while (scanner.TryNext(out HeaderAddress address))
        {
            if (AddressText.Read(octets, address) is { } mailbox)
            {
                found.Add(mailbox.ToString());
            }
            else
            {
                unread = Text(octets.AsSpan()[address.LocalStart..address.DomainEnd]);
            }
        }

        unread = scanner.Unread is { } range ? Text(octets.AsSpan()[range]) : unread;
        return string.Join(' ', found);
    }

    private static string Text(ReadOnlySpan<byte> octets) => System.Text.Encoding.UTF8.GetString(octets).Trim();
}
