using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Unit.Rewrite;

public class RewriterTests
{
    private RewriteOptions _options = new() { Origin = "example.net", AliasFile = "", UnknownLocal = "Qualify" };
    private string _postmaster = "";
    private string _hostName = "web1.corp.example";

    [Fact]
    public void The_null_sender_stays_null() => Assert.Null(Rewriter().Sender(null));

    [Theory]
    [InlineData("root", "", "root@example.net")]
    [InlineData("root", "localhost", "root@example.net")]
    [InlineData("root", "LOCALHOST.localdomain", "root@example.net")]
    [InlineData("root", "web1", "root@example.net")]
    [InlineData("app", "3f2a91c07d", "app@example.net")]
    [InlineData("root", "[127.0.0.1]", "root@example.net")]
    [InlineData("root", "web1.corp.example", "root@web1.corp.example")]
    [InlineData("MiXeD", "Else.Where", "MiXeD@Else.Where")]
    [InlineData("a b", "", "\"a b\"@example.net")]
    public void A20_A_sender_leaves_qualified(string localPart, string domain, string expected) =>
        Assert.Equal(expected, Rewriter().Sender(new Mailbox(localPart, domain))!.ToString());

    [Theory]
    [InlineData("root", "", "root@example.net", null)]
    [InlineData("Postmaster", "", "Postmaster@example.net", null)]
    [InlineData("root", "localhost", "root@example.net", "rfc822;root@localhost")]
    [InlineData("root", "WEB1", "root@example.net", "rfc822;root@WEB1")]
    [InlineData("a+b", "localhost", "a+b@example.net", "rfc822;a+2Bb@localhost")]
    [InlineData("j\u00fc+", "localhost", "j\u00fc+@example.net", "utf-8;j\\x{FC}\\x{2B}@localhost")]
    [InlineData("joe", "example.net", "joe@example.net", null)]
    [InlineData("joe", "elsewhere.example", "joe@elsewhere.example", null)]
    public void A13_A_recipient_is_qualified_and_what_was_changed_is_kept(
        string localPart, string domain, string address, string? originalRecipient)
    {
        Recipient recipient = Expand(new Mailbox(localPart, domain));

        Assert.Equal(address, recipient.Address.ToString());
        Assert.Equal(originalRecipient, recipient.OriginalRecipient);
    }

    [Fact]
    public void E32_An_ORCPT_that_the_client_gave_stands()
    {
        RecipientExpansion expansion = Rewriter().Recipient(
            new Recipient(new Mailbox("root", "localhost"), DsnNotify.Success, "rfc822;First+2BName@Example"));

        Recipient recipient = Assert.Single(expansion.Recipients);
        Assert.Equal("rfc822;First+2BName@Example", recipient.OriginalRecipient);
        Assert.Equal(DsnNotify.Success, recipient.Notify);
    }

    [Fact]
    public void A20_A_domain_without_a_dot_that_is_not_ours_is_refused_while_somebody_hears_it()
    {
        RecipientExpansion expansion = Rewriter().Recipient(new Recipient(new Mailbox("joe", "mailhub")));

        Assert.Empty(expansion.Recipients);
        Assert.StartsWith("550 5.1.2 ", expansion.Refusal!.Value.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_domain_can_be_declared_local()
    {
        _options.LocalDomains = ["corp.local", "mailhub"];

        Assert.Equal("joe@example.net", Expand(new Mailbox("joe", "Corp.Local")).Address.ToString());
        Assert.Equal("joe@example.net", Expand(new Mailbox("joe", "mailhub")).Address.ToString());
    }

    [Theory]
    [InlineData("Postmaster", "", "rfc822;Postmaster@example.net")]
    [InlineData("ROOT", "localhost", "rfc822;ROOT@localhost")]
    [InlineData("mailer-daemon", "web1.corp.example", "rfc822;mailer-daemon@web1.corp.example")]
    [InlineData("postmaster", "EXAMPLE.net", "rfc822;postmaster@EXAMPLE.net")]
    public void A05_Mail_to_the_postmaster_reaches_the_human_who_is_set(string localPart, string domain, string originalRecipient)
    {
        _postmaster = "ops@example.com";
        Recipient recipient = Expand(new Mailbox(localPart, domain));

        Assert.Equal("ops@example.com", recipient.Address.ToString());
        Assert.Equal(originalRecipient, recipient.OriginalRecipient);
    }

    [Theory]
    [InlineData("joe", "", "joe@example.net")]
    [InlineData("postmaster", "elsewhere.example", "postmaster@elsewhere.example")]
    [InlineData("postmasters", "", "postmasters@example.net")]
    public void A05_Nobody_elses_mail_does(string localPart, string domain, string address)
    {
        _postmaster = "ops@example.com";

        Assert.Equal(address, Expand(new Mailbox(localPart, domain)).Address.ToString());
    }

    [Theory]
    [InlineData("ops", "ops@example.net")]
    [InlineData("root@example.net", "root@example.net")]
    [InlineData("not an address", "root@example.net")]
    public void A_postmaster_address_may_be_bare_and_never_leads_in_circles(string postmaster, string address)
    {
        _postmaster = postmaster;

        Assert.Equal(address, Expand(new Mailbox("root", "")).Address.ToString());
    }

    [Theory]
    [InlineData("web1.corp.example", "root@web1.corp.example")]
    [InlineData("web1", "root@web1.localdomain")]
    [InlineData("[10.0.0.1]", "root@[10.0.0.1]")]
    public void A20_Without_an_origin_it_is_the_hosts_name_made_whole(string hostName, string expected)
    {
        string none = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Origin origin = Origin.From(new RewriteOptions(), hostName, none);

        Assert.Equal(expected, $"root@{origin.Domain}");
    }

    [Fact]
    public void The_mail_name_of_the_machine_comes_before_its_host_name()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, " mail.example.org \nsecond line\n");
        try
        {
            Assert.Equal("mail.example.org", Origin.From(new RewriteOptions(), "web1.corp.example", file).Domain);
            Assert.Equal("set.example", Origin.From(new RewriteOptions { Origin = "set.example" }, "x", file).Domain);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_reload_is_noticed()
    {
        Rewriter rewriter = Rewriter();
        var root = new Mailbox("root", "");
        Assert.Equal("root@example.net", rewriter.Sender(root)!.ToString());

        _options = new RewriteOptions { Origin = "example.org", AliasFile = "" };
        Assert.Equal("root@example.org", rewriter.Sender(root)!.ToString());

        _postmaster = "ops@example.com";
        Assert.Equal("ops@example.com", Assert.Single(rewriter.Recipient(new Recipient(root)).Recipients).Address.ToString());
    }

    [Fact]
    public void An_original_too_long_for_other_servers_is_not_kept()
    {
        string letters = new('\u00fc', 100);

        Assert.Null(Expand(new Mailbox(letters, "localhost")).OriginalRecipient);
    }

    private Rewriter Rewriter() => new(() => _options, () => _postmaster, () => _hostName);

    private Recipient Expand(Mailbox address) => Assert.Single(Rewriter().Recipient(new Recipient(address)).Recipients);
}
