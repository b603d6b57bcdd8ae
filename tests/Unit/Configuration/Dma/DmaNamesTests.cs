using RelayProxy.Configuration;
using RelayProxy.Delivery.Local;

namespace RelayProxy.Unit.Configuration.Dma;

/// <summary>Names, and what stays on this machine; the queue and the bounces.</summary>
public sealed class DmaNamesTests : IDisposable
{
    private readonly DmaFolder _dma = new();

    public void Dispose() => _dma.Dispose();

    [Theory]
    [InlineData("MAILNAME hamlet.example", "hamlet.example", "hamlet.example")]
    [InlineData("MAILNAME {folder}/mailname", "mail.example.net", "mail.example.net")]
    [InlineData("MAILNAME hamlet", "hamlet", "")]
    public void The_mail_name_is_the_origin_and_our_name_in_every_greeting(string line, string name, string heloName)
    {
        _dma.Write("mailname", "mail.example.net/cut here\nsecond line\n");
        RelayConfiguration read = Read(line);

        Assert.Empty(read.Problems);
        Assert.Equal((name, name, heloName), (read.Options.Rewrite.Origin, read.Options.Intake.HostName, read.Options.Smarthost.HeloName));
        Assert.Equal([name], read.Options.Rewrite.LocalDomains);
        Assert.Equal(heloName.Length == 0 ? "MAILNAME" : "", string.Concat(read.Warnings.Select(warning => warning.Key)));
    }

    [Fact]
    public void A_mail_name_file_without_a_name_leaves_this_host_its_own()
    {
        RelayConfiguration read = Read("MAILNAME {folder}/none");

        Assert.Empty(read.Problems);
        Assert.Equal(("", ""), (read.Options.Rewrite.Origin, read.Options.Intake.HostName));
        Assert.Equal(["MAILNAME (/etc/dma/dma.conf:5): names /none, which holds no name; this host's own is used, as by dma"], _dma.Plain(read.Warnings));
    }

    [Fact]
    public void A_mail_name_that_is_no_domain_is_refused() =>
        Assert.Equal(
            ["MAILNAME (/etc/dma/dma.conf:5): is \"not a domain\", which is not a domain; write one such as host.example.net, or /etc/mailname"],
            _dma.Plain(Read("MAILNAME not a domain").Problems));

    [Theory]
    [InlineData("john@")]
    [InlineData("percolator.example")]
    [InlineData("herb@ert.example")]
    public void A_masquerade_is_taken_over_as_it_is(string masquerade) =>
        Assert.Equal(masquerade, Read($"MASQUERADE {masquerade}").Options.Rewrite.Masquerade);

    [Fact]
    public void Local_mail_stays_here_unless_this_is_a_null_client()
    {
        RelayOptions mailHost = Read("ALIASES /etc/mail/aliases").Options;
        Assert.Equal((LocalMailbox.Mbox, "Reject", "/etc/mail/aliases"), (mailHost.Local.Delivery, mailHost.Rewrite.UnknownLocal, mailHost.Rewrite.AliasFile));

        RelayConfiguration nullClient = Read("NULLCLIENT\nALIASES /etc/mail/aliases");
        RelayOptions options = nullClient.Options;
        Assert.Equal((LocalMailbox.None, "Qualify", ""), (options.Local.Delivery, options.Rewrite.UnknownLocal, options.Rewrite.AliasFile));
        Assert.Equal(["ALIASES (/etc/dma/dma.conf:6): has no effect beside NULLCLIENT, neither with dma"], _dma.Plain(nullClient.Warnings));
    }

    [Fact]
    public void Deferred_mail_waits_until_it_is_asked_for()
    {
        RelayConfiguration read = Read("DEFER");

        Assert.True(read.Options.Queue.SendWhenAsked);
        Assert.Equal(
            ["DEFER (/etc/dma/dma.conf:5): keeps new mail until relayproxy queue retry --all sends it, which is the dma -q of this relay"], _dma.Plain(read.Warnings));
    }

    [Fact]
    public void Full_bounces_bring_the_whole_message_back()
    {
        RelayOptions options = Read("FULLBOUNCE").Options;

        Assert.True(options.Delivery.ReturnWhole);
        Assert.Equal(10 << 20, options.Delivery.MaxReturnedOctets);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("SPOOLDIR /var/spool/dma", "")]
    [InlineData("SPOOLDIR /var/spool/dma/", "")]
    [InlineData("SPOOLDIR /srv/mail", "/srv/mail/relayproxy")]
    public void The_queue_is_our_own_and_on_the_disk_that_somebody_chose(string line, string path) =>
        Assert.Equal(path, Read(line).Options.Queue.Path);

    [Theory]
    [InlineData("var/spool/dma", "", "SPOOLDIR (/etc/dma/dma.conf (dma's default)): is /var/spool/dma, and dma")]
    [InlineData("spool", "SPOOLDIR {folder}/spool", "SPOOLDIR (/etc/dma/dma.conf:5): is /spool, and dma")]
    public void Mail_that_dma_left_behind_is_told_of(string folder, string line, string warning)
    {
        _dma.Write($"{folder}/flush", "");
        Assert.Empty(Read(line).Warnings);

        _dma.Write($"{folder}/Q1a2b.5581", "ID: 1a2b.5581\nSender: a@example.net\nRecipient: b@example.org\n");
        Assert.StartsWith(warning, Assert.Single(_dma.Plain(Read(line).Warnings)), StringComparison.Ordinal);
    }

    private RelayConfiguration Read(string lines) =>
        _dma.Read($"SMARTHOST smtp.example.net\nPORT 465\nSECURETRANSFER\nVERIFYCERT\n{lines}\n");
}
