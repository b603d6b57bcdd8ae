using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

public class MailboxParserTests
{
    [Theory]
    [InlineData("<>", "")]
    [InlineData(" <> SIZE=1", " SIZE=1")]
    public void A01_The_null_path_is_no_mailbox(string text, string rest)
    {
        Assert.Equal(PathStatus.Null, Parse(text, out Mailbox? mailbox, out string left));
        Assert.Null(mailbox);
        Assert.Equal(rest, left);
    }

    [Theory]
    [InlineData("<a@b.c>", "a@b.c", "")]
    [InlineData("<a@b.c> SIZE=1", "a@b.c", " SIZE=1")]
    [InlineData(" <a@b.c>", "a@b.c", "")]
    [InlineData("\t <a@b.c>", "a@b.c", "")]
    [InlineData("a@b.c", "a@b.c", "")]
    [InlineData(" a@b.c SIZE=1", "a@b.c", " SIZE=1")]
    [InlineData("\"a b\"@b.c SIZE=1", "\"a b\"@b.c", " SIZE=1")]
    public void A03_Blanks_and_missing_brackets_are_tolerated(string text, string expected, string rest)
    {
        Assert.Equal(PathStatus.Ok, Parse(text, out Mailbox? mailbox, out string left));
        Assert.Equal(expected, mailbox?.ToString());
        Assert.Equal(rest, left);
    }

    [Theory]
    [InlineData("<@a.b,@c.d:u@e.f>", "u@e.f")]
    [InlineData("<@[127.0.0.1]:u@e.f>", "u@e.f")]
    public void A04_A_source_route_is_dropped(string text, string expected) => ExpectOk(text, expected);

    [Theory]
    [InlineData("<@a.b:>")]
    [InlineData("<@a.b>")]
    [InlineData("<@a.b,:u@e.f>")]
    [InlineData("<@a.b@c.d:u@e.f>")]
    [InlineData("<@:u@e.f>")]
    [InlineData("<a.b:u@e.f>")]
    public void A04_What_is_not_quite_a_source_route_is_refused(string text) => ExpectMalformed(text);

    [Theory]
    [InlineData("<Postmaster>", "Postmaster")]
    [InlineData("<POSTMASTER>", "POSTMASTER")]
    public void A05_Postmaster_needs_no_domain(string text, string expected) => ExpectOk(text, expected);

    [Theory]
    [InlineData("<\"a b\"@x.y>", "a b", "\"a b\"@x.y")]
    [InlineData("<\"a\\\"b\"@x.y>", "a\"b", "\"a\\\"b\"@x.y")]
    [InlineData("<\"a\\\\b\"@x.y>", "a\\b", "\"a\\\\b\"@x.y")]
    [InlineData("<\"a@b\"@x.y>", "a@b", "\"a@b\"@x.y")]
    [InlineData("<\"a>b\"@x.y>", "a>b", "\"a>b\"@x.y")]
    [InlineData("<\".a\"@x.y>", ".a", "\".a\"@x.y")]
    [InlineData("<\"a..b\"@x.y>", "a..b", "\"a..b\"@x.y")]
    public void A06_A_quoted_local_part_keeps_its_quotes_only_where_it_needs_them(string text, string localPart, string written)
    {
        Mailbox mailbox = ExpectOk(text, written);
        Assert.Equal(localPart, mailbox.LocalPart);
    }

    [Theory]
    [InlineData("<\"\">@x.y")]
    [InlineData("<\"\"@x.y>")]
    [InlineData("<\"a@x.y>")]
    [InlineData("<\"a\"b@x.y>")]
    [InlineData("<a\"b\"@x.y>")]
    [InlineData("<\"a\\>")]
    [InlineData("<\"a\\")]
    [InlineData("\"")]
    public void A06_Empty_and_open_quotes_are_refused(string text) => ExpectMalformed(text);

    [Theory]
    [InlineData("<joe@x>")]
    [InlineData("<\"joe\"@x>")]
    [InlineData("<\"j\\oe\"@x>")]
    [InlineData("<\"\\j\\o\\e\"@x>")]
    public void A07_All_spellings_of_a_local_part_are_the_same(string text) =>
        Assert.Equal(new Mailbox("joe", "x"), ExpectOk(text, "joe@x"));

    [Fact]
    public void A08_The_case_of_the_local_part_is_kept_and_that_of_the_domain_does_not_matter()
    {
        Mailbox mailbox = ExpectOk("<MiXeD@X.y>", "MiXeD@X.y");
        Assert.Equal(new Mailbox("MiXeD", "x.Y"), mailbox);
        Assert.Equal(new Mailbox("MiXeD", "x.Y").GetHashCode(), mailbox.GetHashCode());
        Assert.NotEqual(new Mailbox("mixed", "x.y"), mailbox);
    }

    [Theory]
    [InlineData("<\"a\u0001b\"@x.y>")]
    [InlineData("<\"a\u007fb\"@x.y>")]
    [InlineData("<\"a\\\r\nb\"@x.y>")]
    [InlineData("<\"a\\\nb\"@x.y>")]
    [InlineData("<\"a\tb\"@x.y>")]
    [InlineData("<\"a\0b\"@x.y>")]
    [InlineData("<a\0@b>")]
    [InlineData("<a@b\0>")]
    [InlineData("<a\u0001@b.c>")]
    public void A09_Control_characters_are_refused(string text) => ExpectMalformed(text);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("<")]
    [InlineData(">")]
    [InlineData("<a@b.c")]
    [InlineData("a@b.c>")]
    [InlineData("<<a@b.c>>")]
    [InlineData("<a@b.c>>")]
    [InlineData("<a@b.c>SIZE=1")]
    [InlineData("<>SIZE=1")]
    [InlineData("< a@b.c>")]
    [InlineData("<a@b.c >")]
    [InlineData("<a b@c.d>")]
    [InlineData("<a@>")]
    [InlineData("<@b.c>")]
    [InlineData("<a@b@c>")]
    [InlineData("<a@-b.c>")]
    [InlineData("<a@b-.c>")]
    [InlineData("<a@b.c->")]
    [InlineData("<a@b..c>")]
    [InlineData("<a@.b>")]
    [InlineData("<a@.>")]
    [InlineData("<a@b.c..>")]
    [InlineData("<a@b c>")]
    [InlineData("<a@b,c>")]
    [InlineData("<a@b/c>")]
    [InlineData("<a..b@c.d>")]
    [InlineData("<.a@b.c>")]
    [InlineData("<a.@b.c>")]
    [InlineData("<a(comment)@b.c>")]
    public void A10_What_does_not_fit_the_grammar_is_refused(string text) => ExpectMalformed(text);

    [Theory]
    [InlineData("<a@b_c.d>", "a@b_c.d")]
    [InlineData("<a@_b>", "a@_b")]
    [InlineData("<a@b.c.>", "a@b.c")]
    [InlineData("<a@localhost>", "a@localhost")]
    [InlineData("<a@1.2.3>", "a@1.2.3")]
    [InlineData("<a@xn--bcher-kva.example>", "a@xn--bcher-kva.example")]
    [InlineData("<!#$%&'*+-/=?^_`{|}~@b.c>", "!#$%&'*+-/=?^_`{|}~@b.c")]
    public void A10_Underscores_and_a_trailing_dot_in_a_domain_are_tolerated(string text, string expected) => ExpectOk(text, expected);

    [Theory]
    [InlineData(64, 255, "Ok")]
    [InlineData(255, 1, "Ok")]
    [InlineData(256, 1, "TooLong")]
    [InlineData(100_000, 1, "TooLong")]
    [InlineData(1, 256, "TooLong")]
    [InlineData(1, 100_000, "TooLong")]
    public void A11_Long_addresses_are_taken_whole_or_refused(int localPart, int domain, string expected)
    {
        string address = $"{new string('l', localPart)}@{new string('d', domain)}";
        Assert.Equal(expected, Parse($"<{address}>", out Mailbox? mailbox, out _).ToString());
        Assert.Equal(expected == "Ok" ? address : null, mailbox?.ToString());
    }

    [Fact]
    public void A11_A_quoted_local_part_is_measured_without_its_quotes()
    {
        string quoted = string.Concat(Enumerable.Repeat("\\ ", 255));
        Assert.Equal(PathStatus.Ok, Parse($"<\"{quoted}\"@x.y>", out Mailbox? mailbox, out _));
        Assert.Equal(255, mailbox?.LocalPart.Length);
        Assert.Equal(PathStatus.TooLong, Parse($"<\"{quoted}x\"@x.y>", out _, out _));
    }

    [Theory]
    [InlineData("<u@[127.0.0.1]>", "u@[127.0.0.1]")]
    [InlineData("<u@[IPv6:2001:db8::1]>", "u@[IPv6:2001:db8::1]")]
    [InlineData("<u@[ipv6:::1]>", "u@[ipv6:::1]")]
    [InlineData("<u@[IPv6:::ffff:127.0.0.1]>", "u@[IPv6:::ffff:127.0.0.1]")]
    [InlineData("<u@[x-tag:foo]>", "u@[x-tag:foo]")]
    public void A12_Address_literals_are_taken(string text, string expected) => ExpectOk(text, expected);

    [Theory]
    [InlineData("<u@[IPv6:::1::]>")]
    [InlineData("<u@[IPv6:]>")]
    [InlineData("<u@[IPv6:fe80::1%eth0]>")]
    [InlineData("<u@[IPv6:1:2:3:4:5:6:7:8:9]>")]
    [InlineData("<u@[IPv6:127.0.0.1]>")]
    [InlineData("<u@[999.1.1.1]>")]
    [InlineData("<u@[127.1]>")]
    [InlineData("<u@[127.0.0.1.1]>")]
    [InlineData("<u@[127.0.0.]>")]
    [InlineData("<u@[0x7f.0.0.1]>")]
    [InlineData("<u@[+1.0.0.1]>")]
    [InlineData("<u@[]>")]
    [InlineData("<u@[127.0.0.1>")]
    [InlineData("<u@[127.0.0.1]x>")]
    [InlineData("<u@[x-:foo]>")]
    [InlineData("<u@[x-tag:]>")]
    [InlineData("<u@[x-tag:a b]>")]
    [InlineData("<u@[x-tag:[a]>")]
    public void A12_What_only_looks_like_an_address_literal_is_refused(string text) => ExpectMalformed(text);

    [Fact]
    public void A13_A_bare_name_waits_for_its_domain()
    {
        Mailbox mailbox = ExpectOk("<root>", "root");
        Assert.True(mailbox.IsBare);
        Assert.False(ExpectOk("<root@x>", "root@x").IsBare);
    }

    [Theory]
    [InlineData("<\u00fc@x.y>")]
    [InlineData("<a@b\u00fccher.example>")]
    [InlineData("<\"\u00fc b\"@x.y>")]
    [InlineData("<\u3042@\u4f8b\u3048>")]
    public void E14_UTF8_is_taken_with_SMTPUTF8_and_refused_as_such_without(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        Assert.Equal(PathStatus.Ok, MailboxParser.TryParsePath(octets, allowUtf8: true, out Mailbox? mailbox, out _));
        Assert.Equal(text[1..^1], mailbox?.ToString());
        Assert.False(mailbox?.IsAscii);
        Assert.Equal(PathStatus.NeedsSmtpUtf8, MailboxParser.TryParsePath(octets, allowUtf8: false, out mailbox, out _));
        Assert.Null(mailbox);
    }

    [Theory]
    [InlineData("\u00c0\u0080", "InvalidUtf8")]
    [InlineData("\u00ed\u00a0\u0080", "InvalidUtf8")]
    [InlineData("\u00f5\u0080\u0080\u0080", "InvalidUtf8")]
    [InlineData("\u0080", "InvalidUtf8")]
    [InlineData("\u00c3", "InvalidUtf8")]
    [InlineData("\u00c2\u0085", "Malformed")]
    public void E15_Octets_that_are_not_UTF8_are_refused(string octets, string expected)
    {
        foreach (string text in new[] { $"<{octets}@x.y>", $"<a@{octets}.y>", $"<\"a {octets}\"@x.y>" })
        {
            foreach (bool allowUtf8 in new[] { true, false })
            {
                Assert.Equal(expected, MailboxParser.TryParsePath(Sequences.Octets(text), allowUtf8, out _, out _).ToString());
            }
        }
    }

    [Theory]
    [InlineData("a@b.c", "a@b.c")]
    [InlineData("root", "root")]
    [InlineData("\"a b\"@x.y", "\"a b\"@x.y")]
    [InlineData("\u00fc@x.y", "\u00fc@x.y")]
    public void A_setting_may_be_an_address_or_a_bare_name(string text, string expected)
    {
        Assert.True(MailboxParser.TryParse(text, out Mailbox? mailbox));
        Assert.Equal(expected, mailbox?.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<a@b.c>")]
    [InlineData("a@b.c ")]
    [InlineData(" a@b.c")]
    [InlineData("a@b.c,d@e.f")]
    [InlineData("a@b.c\nRCPT TO:<d@e>")]
    [InlineData("@a.b:c@d.e")]
    public void A_setting_that_is_more_or_less_than_an_address_is_refused(string text)
    {
        Assert.False(MailboxParser.TryParse(text, out Mailbox? mailbox));
        Assert.Null(mailbox);
    }

    [Fact]
    public void A_setting_with_half_a_surrogate_pair_is_refused() => Assert.False(MailboxParser.TryParse("a\ud800@b.c", out _));

    [Fact]
    public void A_megabyte_of_malice_is_read_once()
    {
        const int Count = 1_000_000;
        foreach (string text in new[]
        {
            "<" + string.Concat(Enumerable.Repeat("@a,", Count / 3)) + ":u@e.f>",
            "<\"" + new string(' ', Count) + "\"@x.y>",
            "<\"" + string.Concat(Enumerable.Repeat("\\\"", Count / 2)) + "\"@x.y>",
            "<\"" + new string('\\', Count),
            "<a@[" + new string('1', Count) + "]>",
            "<a@[" + string.Concat(Enumerable.Repeat("1.", Count / 2)) + "]>",
            "<a@[IPv6:" + new string(':', Count) + "]>",
            "<" + string.Concat(Enumerable.Repeat("a.", Count / 2)) + "@b.c>",
            "<a@" + string.Concat(Enumerable.Repeat("b.", Count / 2)) + ">",
            new string('<', Count),
            new string(' ', Count),
        })
        {
            Assert.NotEqual(PathStatus.Ok, MailboxParser.TryParsePath(Encoding.ASCII.GetBytes(text), allowUtf8: true, out _, out _));
            Assert.False(MailboxParser.TryParse(text, out _));
        }
    }

    private static PathStatus Parse(string text, out Mailbox? mailbox, out string rest)
    {
        PathStatus status = MailboxParser.TryParsePath(Sequences.Octets(text), allowUtf8: false, out mailbox, out ReadOnlySpan<byte> left);
        rest = Sequences.Text(left);
        Assert.Equal(status == PathStatus.Ok, mailbox is not null);
        return status;
    }

    private static Mailbox ExpectOk(string text, string expected)
    {
        Assert.Equal(PathStatus.Ok, Parse(text, out Mailbox? mailbox, out _));
        Assert.Equal(expected, mailbox?.ToString());
        return Assert.IsType<Mailbox>(mailbox);
    }

    private static void ExpectMalformed(string text) => Assert.Equal(PathStatus.Malformed, Parse(text, out _, out _));
}
