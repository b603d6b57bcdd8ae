using System.Text;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Header;

namespace RelayProxy.Unit.Rewrite.Header;

public class HeaderRewriterTests
{
    private readonly RewriteOptions _options = new() { Origin = "hamlet.example" };

    // The masquerade test set: what goes in; with a domain; with a whole address.
    [Theory]
    [InlineData("From: root", "From: root@isp.example", "From: relay@isp.example")]
    [InlineData("From: root@localhost", "From: root@isp.example", "From: relay@isp.example")]
    [InlineData("From: \"Cron Daemon\" <root>", "From: \"Cron Daemon\" <root@isp.example>", "From: \"Cron Daemon\" <relay@isp.example>")]
    [InlineData("From: root (Cron Daemon)", "From: root@isp.example (Cron Daemon)", "From: relay@isp.example (Cron Daemon)")]
    [InlineData(
        "From: a@web01, b@web01\nSender: a@web01",
        "From: a@isp.example, b@isp.example\nSender: a@isp.example",
        "From: relay@isp.example, relay@isp.example\nSender: relay@isp.example")]
    [InlineData("From: \"Cron\n Daemon\"\n\t<root>", "From: \"Cron\n Daemon\"\n\t<root@isp.example>", "From: \"Cron\n Daemon\"\n\t<relay@isp.example>")]
    [InlineData(
        "From: =?utf-8?q?J=C3=BCrgen?= <j@web01>", "From: =?utf-8?q?J=C3=BCrgen?= <j@isp.example>", "From: =?utf-8?q?J=C3=BCrgen?= <relay@isp.example>")]
    [InlineData("From: Robots: cron@web01, at;", "From: Robots: cron@isp.example, at@isp.example;", "From: Robots: relay@isp.example, relay@isp.example;")]
    [InlineData("From: root\nFROM: www-data", "From: root@isp.example\nFROM: www-data@isp.example", "From: relay@isp.example\nFROM: relay@isp.example")]
    [InlineData("Reply-To: root", "Reply-To: root@isp.example", "Reply-To: relay@isp.example")]
    [InlineData("To: root, x@y.example", "To: root@hamlet.example, x@y.example", "To: root@hamlet.example, x@y.example")]
    [InlineData("Sender: www-data@web01", "Sender: www-data@isp.example", "Sender: relay@isp.example")]
    [InlineData("Resent-From: root", "Resent-From: root@isp.example", "Resent-From: relay@isp.example")]
    [InlineData("Resent-Sender : root\nResent-Reply-To: root",
        "Resent-Sender : root@isp.example\nResent-Reply-To: root@isp.example", "Resent-Sender : relay@isp.example\nResent-Reply-To: relay@isp.example")]
    [InlineData("Errors-To: root\nReturn-Receipt-To: root\nDisposition-Notification-To: root",
        "Errors-To: root@isp.example\nReturn-Receipt-To: root@isp.example\nDisposition-Notification-To: root@isp.example",
        "Errors-To: relay@isp.example\nReturn-Receipt-To: relay@isp.example\nDisposition-Notification-To: relay@isp.example")]
    [InlineData("From: a@isp.example", "From: a@isp.example", "From: relay@isp.example")]
    [InlineData("Reply-To: visitor@mail.example", "Reply-To: visitor@mail.example", "Reply-To: visitor@mail.example")]
    [InlineData("From: list+user=dom@local", "From: list+user=dom@isp.example", "From: relay@isp.example")]
    public void Masquerades(string header, string withDomain, string withAddress)
    {
        _options.Masquerade = "isp.example";
        Assert.Equal(withDomain, Rewrite(header));

        _options.Masquerade = "relay@isp.example";
        Assert.Equal(withAddress, Rewrite(header));
    }

    [Theory]
    [InlineData("From: a@host.sub.isp.example", "From: a@isp.example")]
    [InlineData("From: root@host.isp.example", "From: root@host.isp.example")]
    [InlineData("From: a@isp.example", "From: a@isp.example")]
    [InlineData("From: a@elsewhere.example", "From: a@elsewhere.example")]
    [InlineData("Reply-To: a@host.isp.example", "Reply-To: a@isp.example")]
    [InlineData("To: a@host.isp.example", "To: a@host.isp.example")]
    [InlineData("From: \"a b\"@host.isp.example (c)", "From: \"a b\"@isp.example (c)")]
    [InlineData("From: a (one) . b@host . isp . example (c)", "From: a (one) . b@isp.example (c)")]
    public void Hides_hosts_as_Postfix_does(string before, string after)
    {
        _options.MasqueradeDomains = ["isp.example"];
        _options.MasqueradeExceptions = ["root"];

        Assert.Equal(after, Rewrite(before));
    }

    [Theory]
    [InlineData("From: root", "From: root@hamlet.example")]
    [InlineData("From: root@LOCALHOST.localdomain", "From: root@hamlet.example")]
    [InlineData("From: app@3f2a91c07d", "From: app@hamlet.example")]
    [InlineData("From: root@[127.0.0.1]", "From: root@hamlet.example")]
    [InlineData("From: root@localhost.", "From: root@hamlet.example")]
    [InlineData("To: joe, ann@localhost", "To: joe@hamlet.example, ann@hamlet.example")]
    [InlineData("Cc: <joe>\nBcc: joe\nResent-To: joe\nResent-Cc: joe\nResent-Bcc: joe",
        "Cc: <joe@hamlet.example>\nBcc: joe@hamlet.example\nResent-To: joe@hamlet.example\nResent-Cc: joe@hamlet.example\nResent-Bcc: joe@hamlet.example")]
    [InlineData("To: joe@mailhub", "To: joe@mailhub")]
    [InlineData("From: J\u00fcrgen <j\u00fcrgen>", "From: J\u00fcrgen <j\u00fcrgen@hamlet.example>")]
    [InlineData("From: <\"a b\">", "From: <\"a b\"@hamlet.example>")]
    [InlineData("From: Cron Daemon\nX-From: root\nSubject: root\nReturn-Path: root", "From: Cron Daemon\nX-From: root\nSubject: root\nReturn-Path: root")]
    public void Completes_names_though_nothing_is_set(string before, string after) => Assert.Equal(after, Rewrite(before));

    [Theory]
    [InlineData("From: a@x.example\nTo: undisclosed-recipients:;\nCc: b@y.example, c@[192.0.2.1]")]
    [InlineData("From: \"without end <root>\nTo: (without end")]
    [InlineData("From: a@m\u00fcnchen.example")]
    public void Says_nothing_where_nothing_changes(string header)
    {
        (byte[] content, HeaderBlock block) = Parsed(header);

        Assert.Null(Rewriter().Rewrite(content, block, isReport: false));
    }

    [Fact]
    public void A_message_in_which_nothing_changes_costs_no_memory()
    {
        const int Rounds = 5;
        const int Messages = 1000;
        (byte[] content, HeaderBlock block) = Parsed("Received: x\nFrom: \"A B\" <a@x.example> (c)\nTo: b@y.example,\n c@z.example\nReply-To: d@[192.0.2.1]\nSubject: s");
        HeaderRewriter rewriter = Rewriter();
        int changes = rewriter.Rewrite(content, block, isReport: false) is null ? 0 : 1;

        // The runtime itself takes a few KB on any thread now and then, but not in every round.
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++)
            {
                changes += rewriter.Rewrite(content, block, isReport: false) is null ? 0 : 1;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(0, changes);
    }

    [Fact]
    public void Recipients_are_masqueraded_where_that_is_asked_for_and_keep_their_names()
    {
        _options.MasqueradeRecipients = true;
        _options.Masquerade = "relay@isp.example";
        _options.MasqueradeDomains = ["corp.example"];

        Assert.Equal(
            "To: root@isp.example, a@corp.example, x@y.example", Rewrite("To: root, a@web.corp.example, x@y.example"));
    }

    [Theory]
    [InlineData("From: www-data@localhost\nReply-To: www-data\nTo: www-data", "From: shop@shop.example\nReply-To: shop@shop.example\nTo: www-data@hamlet.example")]
    [InlineData("From: dusko\nTo: dusko", "From: box@isp.example\nTo: box@isp.example")]
    [InlineData("From: old@x.example\nCc: old@x.example", "From: new@x.example\nCc: new@x.example")]
    public void Maps_say_what_an_address_becomes(string before, string after)
    {
        _options.SenderMap = ["www-data shop@shop.example"];
        _options.GenericMap = ["dusko box@isp.example"];
        _options.CanonicalMap = ["old@x.example new@x.example"];

        Assert.Equal(after, Rewrite(before));
    }

    // The name stays, the old address goes where answers go; but not where somebody else has been named for them.
    [Theory]
    [InlineData("From: \"Shop\" <shop@web1>\nTo: a@b.example", "From: \"Shop\" <app@isp.example>\nTo: a@b.example\nReply-To: \"Shop\" <shop@hamlet.example>")]
    [InlineData("From: root (Cron)\nSender: root", "From: app@isp.example (Cron)\nSender: app@isp.example\nReply-To: root@hamlet.example (Cron)")]
    [InlineData("Reply-To: other@x.example\nFrom: shop@x.example", "Reply-To: other@x.example\nFrom: app@isp.example")]
    [InlineData("From: a@allowed.example\nSender: b@x.example", "From: a@allowed.example\nSender: app@isp.example")]
    [InlineData("From: app@isp.example", "From: app@isp.example")]
    [InlineData("From: A <a@x.example>,\n\tB <b@x.example>", "From: A <app@isp.example>,\n\tB <app@isp.example>\nReply-To: A <a@x.example>,\n\tB <b@x.example>")]
    [InlineData("From: a@x.example\nFrom: b@x.example", "From: app@isp.example\nFrom: app@isp.example\nReply-To: a@x.example")]
    [InlineData("To: a@x.example", "To: a@x.example")]
    public void One_sender_is_forced(string before, string after)
    {
        _options.ForceSender = "app@isp.example";
        _options.AllowedSenders = ["@allowed.example"];

        Assert.Equal(after, Rewrite(before));
    }

    [Theory]
    [InlineData("from:to:subject", "Keep", "From: root\nTo: joe\nReply-To: joe@isp.example", "From,To")]
    [InlineData("Subject : \n From", "Keep", "From: root\nTo: joe@hamlet.example\nReply-To: joe@isp.example", "From")]
    [InlineData("subject", "Keep", "From: root@isp.example\nTo: joe@hamlet.example\nReply-To: joe@isp.example", "")]
    [InlineData("from:to", "Rewrite", "From: root@isp.example\nTo: joe@hamlet.example\nReply-To: joe@isp.example", "")]
    public void What_a_signature_covers_stays_or_not(string covered, string signedMail, string after, string kept)
    {
        _options.Masquerade = "isp.example";
        _options.SignedMail = Enum.Parse<SignedMail>(signedMail);

        string signature = $"DKIM-Signature: v=1; a=rsa-sha256; bh=h=x; h={covered};\n d=x.example; b=abc";
        string header = signature + "\nFrom: root\nTo: joe\nReply-To: joe";
        (byte[] content, HeaderBlock block) = Parsed(header);

        Assert.Equal(signature + "\n" + after, Rewrite(header));
        Assert.Equal(kept, string.Join(',', Rewriter().Rewrite(content, block, isReport: false)!.Fields
            .Where(field => field.IsKept).Select(field => Encoding.ASCII.GetString(content, field.Field.Start, field.Field.NameLength))));
    }

    [Fact]
    public void A_signature_that_covers_a_missing_Reply_To_keeps_it_missing()
    {
        _options.ForceSender = "app@isp.example";
        const string Signature = "DKIM-Signature: h=reply-to:subject; b=";

        Assert.Equal($"{Signature}\nFrom: app@isp.example", Rewrite($"{Signature}\nFrom: a@x.example"));
    }

    [Fact]
    public void Of_a_report_only_From_is_touched()
    {
        _options.ForceSender = "app@isp.example";

        Assert.Equal(
            "From: Mail Delivery System <app@isp.example>\nTo: joe\nSender: x@y",
            Rewrite("From: Mail Delivery System <MAILER-DAEMON@hamlet.example>\nTo: joe\nSender: x@y", isReport: true));
    }

    [Fact]
    public void A_line_that_would_grow_too_long_is_folded()
    {
        string names = string.Join(", ", Enumerable.Range(0, 110).Select(i => $"joe{i:D4}"));
        string rewritten = Rewrite("To: " + names);

        Assert.All(rewritten.Split('\n'), line => Assert.InRange(line.Length, 1, 998));
        Assert.Equal(
            "To:" + string.Join(',', Enumerable.Range(0, 110).Select(i => $"joe{i:D4}@hamlet.example")),
            rewritten.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("To: a\n", 100_000)]
    [InlineData("From: a\n", 100_000)]
    [InlineData("DKIM-Signature: h=a\nTo: a\n", 50_000)]
    public void A_header_of_nothing_but_names_is_rewritten_in_linear_time(string piece, int times)
    {
        // Were it quadratic, this would take minutes.
        _options.ForceSender = "app@isp.example";
        (byte[] content, HeaderBlock block) = Parsed(string.Concat(Enumerable.Repeat(piece, times)).TrimEnd('\n'));

        HeaderRewrite rewrite = Rewriter().Rewrite(content, block, isReport: false)!;

        Assert.Equal(times, rewrite.Fields.Count);
        Assert.Equal(piece.StartsWith("From", StringComparison.Ordinal), rewrite.ReplyTo.Length > 0);
    }

    [Fact]
    public void The_steps_that_changed_a_field_are_told()
    {
        _options.Masquerade = "isp.example";
        (byte[] content, HeaderBlock block) = Parsed("From: root, a@x.example");

        FieldRewrite field = Assert.Single(Rewriter().Rewrite(content, block, isReport: false)!.Fields);
        Assert.Equal(RewriteSteps.Origin | RewriteSteps.Masquerade, field.Steps);
    }

    private HeaderRewriter Rewriter() => new(new SenderRewriter(_options, Origin.From(_options, "hamlet.example")));

    private static (byte[] Content, HeaderBlock Header) Parsed(string header)
    {
        byte[] content = Encoding.UTF8.GetBytes(header.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n");
        var block = new HeaderBlock();
        Assert.Equal(HeaderStatus.EmptyLine, block.Read(content, isAll: true));
        return (content, block);
    }

    private string Rewrite(string header, bool isReport = false)
    {
        (byte[] content, HeaderBlock block) = Parsed(header);
        HeaderRewrite? rewrite = Rewriter().Rewrite(content, block, isReport);
        IEnumerable<HeaderSplice> splices = rewrite?.Fields.Where(field => !field.IsKept).SelectMany(field => field.Splices) ?? [];
        byte[] result = [.. FieldSplicer.Apply(content.AsSpan(0, block.Octets), 0, splices), .. rewrite is null ? [] : rewrite.ReplyTo.Span];
        return Encoding.UTF8.GetString(result).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
    }
}
