using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Unit.Rewrite;

public class AddressMapTests
{
    private static readonly Origin s_origin = Origin.From(new RewriteOptions { Origin = "example.net" }, "web1.example.net");

    private static readonly string[] s_lines =
    [
        "joe@example.org    j.smith@example.com",
        "joe+sales@example.org sales@example.com",
        "root               ops@example.com",
        "www-data:          web",
        "@old.example       @new.example",
        "@all.example       all+mail@new.example",
        "kept@old.example   kept@old.example",
        "\"a b\"@x.example  ab@x.example",
        @"/^(.+)-test@x\.example$/  $1@test.example",
        @"/-test@x\.example$/       never@reached.example",
        @"/@(sub\.)*y\.example$/    @y.example",
        @"/^a\/ b/                  slash@example.com",
        "/^broken$/                 not an address",
    ];

    [Theory]
    [InlineData("joe@example.org", "j.smith@example.com")]
    [InlineData("JOE@Example.ORG", "j.smith@example.com")]
    [InlineData("joe+tag@example.org", "j.smith+tag@example.com")]
    [InlineData("joe+sales@example.org", "sales@example.com")]
    [InlineData("root@example.net", "ops@example.com")]
    [InlineData("root@localhost", "ops@example.com")]
    [InlineData("root@web1", "ops@example.com")]
    [InlineData("root@web1.example.net", "ops@example.com")]
    [InlineData("root+cron@example.net", "ops+cron@example.com")]
    [InlineData("root", "ops@example.com")]
    [InlineData("root@elsewhere.example", null)]
    [InlineData("www-data@localhost", "web@example.net")]
    [InlineData("Ann+x@OLD.example", "Ann+x@new.example")]
    [InlineData("ann@sub.old.example", null)]
    [InlineData("ann+x@all.example", "all+mail@new.example")]
    [InlineData("kept@old.example", "kept@old.example")]
    [InlineData("\"a b\"@x.example", "ab@x.example")]
    [InlineData("ann-test@X.example", "ann@test.example")]
    [InlineData("ann@sub.y.example", "ann@y.example")]
    [InlineData("broken", null)]
    [InlineData("\"+tag\"@example.org", null)]
    public void An_address_becomes_what_the_first_line_for_it_says(string address, string? expected)
    {
        Assert.True(MailboxParser.TryParse(address, out Mailbox? mailbox));

        Assert.Equal(expected, AddressMap.Of(s_lines, s_origin).Find(mailbox!)?.ToString());
    }

    [Fact]
    public void Nothing_is_found_in_an_empty_map()
    {
        AddressMap map = AddressMap.Of([], s_origin);

        Assert.True(map.IsEmpty);
        Assert.Null(map.Find(new Mailbox("root", "localhost")));
    }

    [Theory]
    [InlineData("joe@example.org", "which has no second address")]
    [InlineData("", "which has no second address")]
    [InlineData("joe@@x a@b", "which is for \"joe@@x\", which is no address")]
    [InlineData("joe@x a@b, c@d", "which gives \"a@b, c@d\", which is no address")]
    [InlineData("@ a@b", "which is for \"@\", which is no address")]
    [InlineData("joe@ a@b", "which is for \"joe@\", which is no address")]
    [InlineData("/^x a@b", "which is a pattern without an end")]
    [InlineData("/^(x/ a@b", "which is no regular expression")]
    [InlineData("/^(.)\\1$/ a@b", "which has a back-reference")]
    [InlineData("/^(?=x)/ a@b", "which has a back-reference, a look-around")]
    [InlineData("/^(x)@y$/ $2@b", "which gives $2, and the expression has no such group")]
    public void A_line_that_is_wrong_is_told_and_left_out(string line, string trouble)
    {
        string sentence = Assert.Single(AddressMap.Troubles("Rewrite:SenderMap", [line]));

        Assert.StartsWith($"Rewrite:SenderMap has the line \"{line}\", {trouble}", sentence, StringComparison.Ordinal);
        Assert.True(AddressMap.Of([line], s_origin).IsEmpty);
    }

    [Fact]
    public void Lines_that_are_right_are_not() => Assert.Empty(AddressMap.Troubles("Rewrite:SenderMap", s_lines));

    [Fact]
    public void Two_lines_for_one_address_are_told_and_the_first_counts()
    {
        string[] lines = ["joe@x.example a@b.example", "JOE@X.example c@d.example"];

        Assert.Contains("for an address that has one already", Assert.Single(AddressMap.Troubles("Rewrite:SenderMap", lines)), StringComparison.Ordinal);
        Assert.Equal("a@b.example", AddressMap.Of(lines, s_origin).Find(new Mailbox("joe", "x.example"))!.ToString());
    }

    [Fact]
    public void An_expression_made_to_be_slow_is_not()
    {
        AddressMap map = AddressMap.Of(["/^(a+)+$/ a@b.example"], s_origin);

        Assert.Null(map.Find(new Mailbox(new string('a', 250) + "!", new string('b', 250))));
    }

    [Fact]
    public void What_is_wrong_in_a_map_stops_the_start()
    {
        var options = new RewriteOptions { GenericMap = ["x"], SenderMap = ["y"], CanonicalMap = ["z"], RecipientMap = ["w"] };

        Assert.Equal(
            ["Rewrite:RecipientMap", "Rewrite:CanonicalMap", "Rewrite:SenderMap", "Rewrite:GenericMap"],
            RewriteOptionsRules.Broken(options).Select(sentence => sentence.Split(' ')[0]));
    }
}
