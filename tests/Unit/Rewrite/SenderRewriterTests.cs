using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Unit.Rewrite;

/// <summary>Whom a message is from, in the envelope. What its header says is in <see cref="Header.HeaderRewriterTests"/>.</summary>
public class SenderRewriterTests
{
    private readonly RewriteOptions _options = new() { Origin = "hamlet.example" };

    // dma's own table, tried with dma; and the one cell of it that its manual contradicts, as the manual has it.
    [Theory]
    [InlineData("", "root", "root@hamlet.example")]
    [InlineData("", "bob@x.org", "bob@x.org")]
    [InlineData("john@", "root", "john@hamlet.example")]
    [InlineData("john@", "bob@x.org", "john@hamlet.example")]
    [InlineData("percolator", "root", "root@percolator")]
    [InlineData("percolator", "bob@x.org", "bob@percolator")]
    [InlineData("herb@ert", "root", "herb@ert")]
    [InlineData("herb@ert", "bob@x.org", "herb@ert")]
    [InlineData("@ert", "root", "root@ert")]
    [InlineData("@ert", "bob@x.org", "bob@ert")]
    [InlineData("@", "root", "root@hamlet.example")]
    [InlineData("@", "bob@x.org", "bob@x.org")]
    [InlineData("a@b@c", "root", "\"a@b\"@c")]
    [InlineData("a@b@c", "bob@x.org", "\"a@b\"@c")]
    [InlineData("isp.example", "list+user=dom@local", "list+user=dom@isp.example")]
    [InlineData("isp.example", "bob@ISP.example", "bob@ISP.example")]
    public void Masquerade_is_dmas(string masquerade, string sender, string expected)
    {
        _options.Masquerade = masquerade;

        Assert.Empty(RewriteOptionsRules.Broken(_options));
        Assert.Equal(expected, Sender(sender));
    }

    // postconf(5), masquerade_domains: from left to right, the first match decides.
    [Theory]
    [InlineData("isp.example", "a@host.sub.isp.example", "a@isp.example")]
    [InlineData("isp.example", "a@HOST.isp.EXAMPLE", "a@isp.example")]
    [InlineData("isp.example", "a@isp.example", "a@isp.example")]
    [InlineData("isp.example", "a@otherisp.example", "a@otherisp.example")]
    [InlineData("isp.example", "a@elsewhere.example", "a@elsewhere.example")]
    [InlineData("sub.isp.example isp.example", "a@host.sub.isp.example", "a@sub.isp.example")]
    [InlineData("isp.example sub.isp.example", "a@host.sub.isp.example", "a@isp.example")]
    [InlineData("!sub.isp.example isp.example", "a@host.sub.isp.example", "a@host.sub.isp.example")]
    [InlineData("!sub.isp.example isp.example", "a@sub.isp.example", "a@sub.isp.example")]
    [InlineData("!sub.isp.example isp.example", "a@web.isp.example", "a@isp.example")]
    [InlineData("!!isp.example", "a@web.isp.example", "a@isp.example")]
    [InlineData("hamlet.example", "root@web1", "root@hamlet.example")]
    public void Masqueraded_domains_are_Postfixs(string domains, string sender, string expected)
    {
        _options.MasqueradeDomains = domains.Split(' ');

        Assert.Empty(RewriteOptionsRules.Broken(_options));
        Assert.Equal(expected, Sender(sender));
    }

    [Theory]
    [InlineData("root@web1.isp.example", "root@web1.isp.example")]
    [InlineData("Root@web1.isp.example", "Root@web1.isp.example")]
    [InlineData("rooty@web1.isp.example", "rooty@isp.example")]
    public void Users_can_be_exempt(string sender, string expected)
    {
        _options.MasqueradeDomains = ["isp.example"];
        _options.MasqueradeExceptions = ["root"];

        Assert.Equal(expected, Sender(sender));
    }

    [Fact]
    public void An_exempt_user_is_not_masqueraded_the_dma_way_either()
    {
        _options.Masquerade = "relay@isp.example";
        _options.MasqueradeExceptions = ["root"];

        Assert.Equal("root@hamlet.example", Sender("root"));
        Assert.Equal("relay@isp.example", Sender("bob"));
    }

    [Fact]
    public void The_null_sender_stays_null_whatever_is_set()
    {
        _options.Masquerade = "a@b.example";
        _options.ForceSender = "a@b.example";
        _options.CanonicalMap = _options.SenderMap = _options.GenericMap = ["/.*/ a@b.example"];

        Assert.Null(Rewriter().Sender(null));
    }

    [Fact]
    public void Each_step_sees_what_the_one_before_it_has_made()
    {
        _options.Origin = "one.example";
        _options.CanonicalMap = ["root@one.example root@two.example"];
        _options.SenderMap = ["root@two.example root@w.three.example"];
        _options.MasqueradeDomains = ["three.example"];
        _options.GenericMap = ["root@three.example root@four.example"];
        _options.ForceSender = "five";

        RewrittenAddress rewritten = Rewriter().Rewrite(new Mailbox("root", ""), AddressRole.EnvelopeSender);

        Assert.Equal("root@four.example", rewritten.Address.ToString());
        Assert.Equal(
            RewriteSteps.Origin | RewriteSteps.CanonicalMap | RewriteSteps.SenderMap | RewriteSteps.MasqueradeDomains | RewriteSteps.GenericMap,
            rewritten.Steps);
        Assert.Equal("five@one.example", Sender("root"));
    }

    [Theory]
    [InlineData("www-data", "shop@shop.example")]
    [InlineData("cron", "jobs@isp.example")]
    [InlineData("root", "root@isp.example")]
    public void What_the_map_says_of_one_sender_stands_beside_what_is_said_of_all(string sender, string expected)
    {
        _options.Masquerade = "isp.example";
        _options.SenderMap = ["www-data shop@shop.example", "cron jobs"];

        Assert.Equal(expected, Sender(sender));
    }

    [Theory]
    [InlineData("Both", "a@isp.example", "a@isp.example")]
    [InlineData("Envelope", "a@isp.example", "a@hamlet.example")]
    [InlineData("Header", "a@hamlet.example", "a@isp.example")]
    public void The_scope_says_where(string scope, string envelope, string author)
    {
        _options.Masquerade = "isp.example";
        _options.MasqueradeScope = Enum.Parse<MasqueradeScope>(scope);

        Assert.Equal(envelope, Sender("a"));
        Assert.Equal(author, Rewriter().Rewrite(new Mailbox("a", ""), AddressRole.Author).Address.ToString());
    }

    [Theory]
    [InlineData("root", "app@isp.example")]
    [InlineData("bob@x.org", "app@isp.example")]
    [InlineData("app@ISP.example", "app@ISP.example")]
    [InlineData("alice@allowed.example", "alice@allowed.example")]
    [InlineData("alice@sub.allowed.example", "app@isp.example")]
    [InlineData("joe@x.example", "joe@x.example")]
    [InlineData("joe+tag@x.example", "joe+tag@x.example")]
    [InlineData("jim@x.example", "app@isp.example")]
    public void One_sender_is_forced_on_all_who_are_not_allowed(string sender, string expected)
    {
        _options.ForceSender = "app@isp.example";
        _options.AllowedSenders = ["@allowed.example", "joe@x.example"];

        Assert.Empty(RewriteOptionsRules.Broken(_options));
        Assert.Equal(expected, Sender(sender));
    }

    [Theory]
    [InlineData("Masquerade", "is \"a b\"; write user@, host, or user@host")]
    [InlineData("MasqueradeDomains", "has \"!-x\", which is not a domain")]
    [InlineData("MasqueradeExceptions", "has \"root@x\"; write the user alone")]
    [InlineData("ForceSender", "is \"@x\", which is not an address")]
    [InlineData("AllowedSenders", "has \"a b\", which is no address")]
    public void What_cannot_be_meant_stops_the_start(string setting, string trouble)
    {
        var options = new RewriteOptions
        {
            Masquerade = setting == "Masquerade" ? "a b" : "",
            MasqueradeDomains = setting == "MasqueradeDomains" ? ["!-x"] : [],
            MasqueradeExceptions = setting == "MasqueradeExceptions" ? ["root@x"] : [],
            ForceSender = setting == "ForceSender" ? "@x" : "",
            AllowedSenders = setting == "AllowedSenders" ? ["a b"] : [],
        };

        Assert.StartsWith($"Rewrite:{setting} {trouble}", Assert.Single(RewriteOptionsRules.Broken(options)), StringComparison.Ordinal);
    }

    private SenderRewriter Rewriter() => new(_options, Origin.From(_options, "hamlet.example"));

    private string Sender(string sender)
    {
        // Addresses that a client could not have said (a domain without a dot may be said).
        Assert.True(MailboxParser.TryParse(sender, out Mailbox? mailbox));
        return Rewriter().Sender(mailbox)!.ToString();
    }
}
