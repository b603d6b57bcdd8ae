using RelayProxy.Mail;

namespace RelayProxy.Unit.Rewrite.Aliases;

/// <summary>
/// What dma, sendmail, Postfix, OpenSMTPD, Exim and msmtp make of an aliases file differs in three dozen ways; here is what this relay does
/// in each. A <c>;</c> in an aliases text stands for a line end. The machine has a mailbox for root and for joe.
/// </summary>
public class AliasRulesTests
{
    private const string Unknown = "550 5.1.1 *";
    private const string OurFault = "451 4.3.5 *";

    [Theory]
    [InlineData(1, "root: a@x.example", "root", "a@x.example")]
    [InlineData(2, "root: a@x.example", "ROOT", "a@x.example")]
    [InlineData(3, "Root: a@x.example", "root", "a@x.example")]
    [InlineData(4, "root: a@x.example", "root@localhost", "a@x.example")]
    [InlineData(5, "root: a@x.example", "root@WEB1.Corp.Example", "a@x.example")]
    [InlineData(5, "root: a@x.example", "root@web1", "a@x.example")]
    [InlineData(5, "root: a@x.example", "root@Example.NET", "a@x.example")]
    [InlineData(5, "root: a@x.example", "root@elsewhere.example", "root@elsewhere.example")]
    [InlineData(6, "root: a@x.example b@x.example", "root", "a@x.example, b@x.example")]
    [InlineData(7, "root: a@x.example,;\tb@x.example", "root", "a@x.example, b@x.example")]
    [InlineData(8, "root: a@x.example,\\;b@x.example", "root", "a@x.example, b@x.example")]
    [InlineData(8, "root: a@x.example, \\;b@x.example", "root", "a@x.example, b@x.example")]
    [InlineData(9, "root: a@x.example", "root", "a@x.example")]
    [InlineData(10, "root:;other: a@x.example;", "root", "=root")]
    [InlineData(10, "root:;other: a@x.example;", "other", "a@x.example")]
    [InlineData(11, "root: a@x.example\r;joe: root,\r; b@x.example\r;", "joe", "a@x.example, b@x.example")]
    [InlineData(12, "root: a@x.example # admin", "root", "a@x.example")]
    [InlineData(12, "root: a#b@x.example, # one;  c@x.example # two", "root", "a#b@x.example, c@x.example")]
    [InlineData(13, "  root: a@x.example", "root", "a@x.example")]
    [InlineData(13, "root: a@x.example;  joe: b@x.example;", "joe", "b@x.example")]
    [InlineData(14, "root a@x.example;other: b@x.example;", "other", "b@x.example")]
    [InlineData(14, "root a@x.example;other: b@x.example;", "root", "=root")]
    [InlineData(15, "root: root, a@x.example", "root", "=root, a@x.example")]
    [InlineData(15, "root: root@localhost, a@x.example", "root", "=root, a@x.example")]
    [InlineData(16, "root: \\root, a@x.example", "root", "=root, a@x.example")]
    [InlineData(16, "joe: \\root; root: a@x.example", "joe", "=root")]
    [InlineData(16, "root: \"\\root\", a@x.example", "root", "=root, a@x.example")]
    [InlineData(17, "a: b;b: a", "a", "550 5.4.6 *")]
    [InlineData(17, "a: b, x@x.example;b: a, y@x.example", "a", "y@x.example, x@x.example")]
    [InlineData(18, "*: a@x.example", "nosuch", "a@x.example")]
    [InlineData(18, "*: a@x.example", "joe", "=joe")]
    [InlineData(18, "*: a@x.example", "nosuch@elsewhere.example", "nosuch@elsewhere.example")]
    [InlineData(18, "*: a@x.example", "nosuch@example.net", "nosuch@example.net")]
    [InlineData(18, "default: a@x.example", "nosuch", "a@x.example")]
    [InlineData(18, "default: a@x.example;*: b@x.example", "nosuch", "b@x.example")]
    [InlineData(19, "foo: bar;*: a@x.example", "foo", "a@x.example")]
    [InlineData(20, "foo: bar, a@x.example", "foo", "a@x.example")]
    [InlineData(20, "foo: bar, baz", "foo", Unknown)]
    [InlineData(21, "root: a@x.example;root: b@x.example", "root", "a@x.example, b@x.example")]
    [InlineData(22, "root: a@x.example, A@x.example, a@X.Example", "root", "a@x.example, A@x.example")]
    [InlineData(23, "both: daemon, root;root: a@x.example;daemon: root", "both", "a@x.example")]
    [InlineData(24, "root: \"|/bin/cat -n\"", "root", OurFault)]
    [InlineData(25, "root: |/bin/cat", "root", OurFault)]
    [InlineData(25, "root: |/bin/cat, a@x.example", "root", "a@x.example")]
    [InlineData(26, "root: /dev/null", "root", "")]
    [InlineData(26, "root: /var/mail/other", "root", OurFault)]
    [InlineData(26, "root: /var/mail/other/, a@x.example", "root", "a@x.example")]
    [InlineData(28, "root: :fail: Gone, for good", "root", "550 5.7.1 Gone, for good")]
    [InlineData(28, "root: :fail: 551 5.1.6 Moved", "root", "551 5.1.6 Moved")]
    [InlineData(28, "root: :fail:", "root", "550 5.7.1 Delivery is refused")]
    [InlineData(28, "root: error:550 5.2.1 Not here", "root", "550 5.2.1 Not here")]
    [InlineData(28, "root: \"error:550 5.2.1 Not, here\"", "root", "550 5.2.1 Not, here")]
    [InlineData(28, "root: error:451 Later", "root", "451 4.0.0 Later")]
    [InlineData(28, "root: :defer: Later", "root", "450 4.2.1 Later")]
    [InlineData(28, "root: a@x.example, :defer: Later", "root", "450 4.2.1 Later")]
    [InlineData(28, "root: :unknown:", "root", Unknown)]
    [InlineData(28, "root: :blackhole:", "root", "")]
    [InlineData(28, "root: a@x.example, :blackhole:", "root", "a@x.example")]
    [InlineData(30, "root: a@x.example", "root+tag", "a@x.example")]
    [InlineData(30, "root: a@x.example;root+tag: b@x.example", "ROOT+Tag", "b@x.example")]
    [InlineData(30, "other: a@x.example", "joe+tag", "=joe")]
    [InlineData(31, "\"john doe\": a@x.example", "\"john doe\"", "a@x.example")]
    [InlineData(31, "\"john doe\": a@x.example", "\"john doe\"@localhost", "a@x.example")]
    [InlineData(32, "foo@localhost: a@x.example", "foo@localhost", "a@x.example")]
    [InlineData(32, "foo@example.net: a@x.example", "foo", "a@x.example")]
    [InlineData(32, "foo@shop.example: a@x.example", "Foo+1@Shop.Example", "a@x.example")]
    [InlineData(32, "foo@shop.example: a@x.example", "foo@elsewhere.example", "foo@elsewhere.example")]
    [InlineData(32, "@shop.example: a@x.example;foo@shop.example: b@x.example", "foo@shop.example", "b@x.example")]
    [InlineData(32, "@shop.example: a@x.example;foo@shop.example: b@x.example", "bar@shop.example", "a@x.example")]
    [InlineData(32, "@shop.example: joe@shop.example", "joe@shop.example", "joe@shop.example")]
    [InlineData(33, "root: a@x.example", "nosuch", Unknown)]
    [InlineData(33, "root: a@x.example", "nosuch@localhost", Unknown)]
    [InlineData(33, "root: a@x.example", "nosuch@web1.corp.example", Unknown)]
    [InlineData(33, "root: a@x.example", "nosuch@example.net", "nosuch@example.net")]
    [InlineData(33, "root: a@x.example", "joe", "=joe")]
    [InlineData(33, "root: a@x.example", "JOE@localhost", "=joe")]
    [InlineData(33, "root: a@x.example", "joe@example.net", "joe@example.net")]
    [InlineData(34, "root: \"a@x.example\",\"b@x.example\"", "root", "a@x.example, b@x.example")]
    [InlineData(35, "root: Foo <a@x.example>", "root", "a@x.example")]
    [InlineData(35, "root: \"Foo, B.\" <a@x.example>, b@x.example (the other)", "root", "a@x.example, b@x.example")]
    [InlineData(35, "root: a@x.example Foo Bar <b@x.example>", "root", "a@x.example, b@x.example")]
    public void Every_row_of_the_comparison(int row, string aliases, string recipient, string expected)
    {
        using var names = new TestNames(aliases.Replace(';', '\n'));
        names.Users.Names.UnionWith(["root", "joe"]);

        string who = names.Who(recipient);

        Assert.True(
            expected.EndsWith('*') ? who.StartsWith(expected[..^1], StringComparison.Ordinal) : who == expected, $"row {row}: {who}");
    }

    [Fact]
    public void Row_27_An_included_file_is_a_list()
    {
        using var names = new TestNames();
        string list = names.Write("list", "# the team\na@x.example\nJo Doe <b@x.example>, c@x.example\r\n\nroot\n");
        File.WriteAllText(names.AliasFile, $"team: :include:{list}, d@x.example\nroot: r@x.example\n");

        Assert.Equal("a@x.example, b@x.example, c@x.example, r@x.example, d@x.example", names.Who("team"));
    }

    [Fact]
    public void Row_29_The_owner_of_a_list_is_its_sender()
    {
        using var names = new TestNames("l: a@x.example, b@x.example\nowner-l: ann\nann: ann@x.example\nm: c@x.example\nowner-m: a@x.example, b@x.example\n");

        Assert.All(names.Expand("l").Recipients, recipient => Assert.Equal("ann@x.example", recipient.ReturnPath?.ToString()));
        Assert.Equal("owner-m@example.net", Assert.Single(names.Expand("m").Recipients).ReturnPath?.ToString());
        Assert.All(names.Expand("l", hasSender: false).Recipients, recipient => Assert.Null(recipient.ReturnPath));
        Assert.All(names.Expand("ann").Recipients, recipient => Assert.Null(recipient.ReturnPath));
    }

    [Theory]
    [InlineData("Reject", "550 5.1.1 *")]
    [InlineData("Qualify", "nosuch@example.net")]
    [InlineData("ops@x.example", "ops@x.example")]
    [InlineData("ops@localhost", "o@x.example")]
    public void Row_36_What_becomes_of_names_that_nobody_knows_is_a_setting(string setting, string expected)
    {
        using var names = new TestNames("ops: o@x.example");
        names.Options.UnknownLocal = setting;

        string who = names.Who("nosuch");

        Assert.True(expected.EndsWith('*') ? who.StartsWith(expected[..^1], StringComparison.Ordinal) : who == expected, who);
    }

    [Fact]
    public void The_postmaster_is_an_alias_then_the_person_who_is_set_and_never_nobody()
    {
        using var names = new TestNames("mailer-daemon: postmaster\n");
        Assert.Equal("postmaster@example.net", names.Who("postmaster"));
        Assert.StartsWith("550 5.1.1 ", names.Who("root"), StringComparison.Ordinal);

        using var set = new TestNames("mailer-daemon: postmaster\n*: all@x.example\nadmin: a@x.example\n") { Postmaster = "admin" };
        set.Users.Names.Add("root");
        Assert.Equal("a@x.example", set.Who("postmaster"));
        Assert.Equal("a@x.example", set.Who("root"));
        Assert.Equal("a@x.example", set.Who("mailer-daemon"));

        using var aliased = new TestNames("root: r@x.example\n") { Postmaster = "ops@x.example" };
        Assert.Equal("r@x.example", aliased.Who("root"));
    }

    [Theory]
    [InlineData("2 .. 20", 19, "end@x.example")]
    [InlineData("21 of them", 20, "end@x.example")]
    [InlineData("one more", 21, "550 5.2.4 ")]
    public void Aliases_nest_twenty_deep(string what, int chain, string expected)
    {
        string aliases = string.Concat(Enumerable.Range(1, chain).Select(n => $"a{n}: {(n == chain ? "end@x.example" : $"a{n + 1}")}\n"));
        using var names = new TestNames(aliases);

        Assert.True(names.Who("a1").StartsWith(expected, StringComparison.Ordinal), what);
    }

    [Fact]
    public void A_name_stands_for_ten_thousand_recipients_at_most()
    {
        string most = string.Join(",\n ", Enumerable.Range(1, 10_000).Select(n => $"u{n}@x.example"));
        using var names = new TestNames($"most: {most}\nmore: most, one@x.example\n");

        Assert.Equal(10_000, names.Expand("most").Recipients.Count);
        Assert.StartsWith("550 5.2.4 ", names.Who("more"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_sender_asked_for_goes_on_but_success_is_told_once()
    {
        using var names = new TestNames("one: a@x.example\ntwo: a@x.example, b@x.example\n");

        Recipient one = Assert.Single(names.Expand("one", notify: DsnNotify.Success | DsnNotify.Failure).Recipients);
        Assert.Equal((DsnNotify.Success | DsnNotify.Failure, "rfc822;one@example.net"), (one.Notify, one.OriginalRecipient));

        Assert.Equal(
            [DsnNotify.Success | DsnNotify.Failure, DsnNotify.Failure],
            names.Expand("two", notify: DsnNotify.Success | DsnNotify.Failure).Recipients.Select(recipient => recipient.Notify));
        Assert.Equal(
            [DsnNotify.Success, DsnNotify.Never],
            names.Expand("two", notify: DsnNotify.Success).Recipients.Select(recipient => recipient.Notify));
        Assert.All(names.Expand("two", notify: DsnNotify.Never).Recipients, recipient => Assert.Equal(DsnNotify.Never, recipient.Notify));
    }

    [Fact]
    public void Nothing_that_was_asked_for_goes_on_to_a_list_with_an_owner()
    {
        using var names = new TestNames("l: a@x.example\nowner-l: o@x.example\n");
        var asked = new Recipient(TestNames.Parsed("l@localhost"), DsnNotify.Never, "rfc822;secret@x.example");

        Recipient recipient = Assert.Single(names.Rewriter.Recipient(asked).Recipients);

        Assert.Equal((DsnNotify.Unspecified, "rfc822;l@localhost"), (recipient.Notify, recipient.OriginalRecipient));
        Assert.Equal(DsnNotify.Never, Assert.Single(names.Rewriter.Recipient(asked, hasSender: false).Recipients).Notify);
    }
}
