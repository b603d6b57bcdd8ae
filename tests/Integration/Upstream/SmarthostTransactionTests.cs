using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>What is said to the smarthost about one message, and what its answers come to for each recipient.</summary>
public class SmarthostTransactionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_arrives_as_it_was_sent(bool pipelining)
    {
        await using FakeSmarthost smarthost = Smarthost(pipelining);
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("bob@example.org", "carol@example.org"));

        Assert.Equal(2, result.Verdicts.Count);
        Assert.All(result.Verdicts, verdict =>
        {
            Assert.Equal(DeliveryStage.EndOfData, verdict.Stage);
            Assert.Equal("250 2.0.0 Taken", verdict.Reply.ToString());
            Assert.True(verdict.FromSmarthost);
            Assert.False(verdict.MayHaveBeenDelivered);
        });
        Assert.False(result.ConnectionLost);
        CapturedMail mail = Assert.Single(smarthost.Mails);
        Assert.Equal(Outgoing.Text, mail.Text);
        Assert.Equal("Subject: hello\r\n\r\nOne line.\r\n..A dot in front.\r\n.\r\n", Encoding.Latin1.GetString(mail.Wire));
        Assert.Equal(["bob@example.org", "carol@example.org"], mail.Recipients);
        Assert.Equal("alice@example.net", mail.Sender);
        Assert.Equal("relay", mail.User);
        Assert.Empty(smarthost.Violations);
    }

    [Fact]
    public async Task C22_A_message_larger_than_announced_is_refused_here_and_not_a_word_is_said()
    {
        await using var smarthost = new FakeSmarthost { Offers = ["PIPELINING", "SIZE 1000", "AUTH PLAIN"] };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(new string('x', 1998) + "\r\n", []));

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal((DeliveryStage.MailFrom, false), (verdict.Stage, verdict.FromSmarthost));
        Assert.Equal("552 5.3.4 message of 2000 octets is larger than the 1000 that the smarthost takes", verdict.Reply.ToString());
        Assert.False(result.ConnectionLost);
        Assert.DoesNotContain(smarthost.Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SIZE")]
    [InlineData("SIZE 0")]
    [InlineData("SIZE 1000")] // not larger
    public async Task C22_No_announced_bound_is_no_bound(string size)
    {
        await using var smarthost = new FakeSmarthost { Offers = ["PIPELINING", size, "AUTH PLAIN"] };
        await Outgoing.SendAsync(smarthost, Outgoing.Message(new string('x', 998) + "\r\n", []));

        Assert.Equal("MAIL FROM:<alice@example.net> SIZE=1000", Assert.Single(smarthost.Mails).MailCommand);
    }

    [Theory]
    [InlineData(true, "552 5.3.4 Too large")]
    [InlineData(true, "452 4.3.1 Disk full")]
    [InlineData(false, "552 5.3.4 Too large")]
    [InlineData(false, "452 4.3.1 Disk full")]
    public async Task C23_C29_A_refused_MAIL_is_everybodys_verdict_and_the_next_message_has_its_chance(bool pipelining, string reply)
    {
        await using FakeSmarthost smarthost = Smarthost(pipelining);
        smarthost.OnMail = step => step.Transaction == 1 ? reply : "250 2.1.0 Ok";
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);
        TransactionResult refused = await connection.SendAsync(Outgoing.Message("bob@example.org", "carol@example.org"), CancellationToken.None);
        TransactionResult taken = await connection.SendAsync(Outgoing.Message(), CancellationToken.None);

        Assert.All(refused.Verdicts, verdict => Assert.Equal((DeliveryStage.MailFrom, reply), (verdict.Stage, verdict.Reply.ToString())));
        Assert.False(refused.ConnectionLost);
        Assert.True(Assert.Single(taken.Verdicts).Reply.IsSuccess);
        Assert.Single(smarthost.Mails);
    }

    [Theory]
    [InlineData("552 5.3.4 Too large")]
    [InlineData("452 4.3.1 Disk full")]
    [InlineData("554 5.7.1 Spam")]
    public async Task C23_C29_A_refusal_at_the_final_dot_is_everybodys_verdict(string reply)
    {
        await using var smarthost = new FakeSmarthost { OnEndOfData = _ => reply };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("bob@example.org", "carol@example.org"));

        Assert.All(result.Verdicts, verdict => Assert.Equal((DeliveryStage.EndOfData, reply), (verdict.Stage, verdict.Reply.ToString())));
        Assert.False(result.ConnectionLost);
        Assert.Empty(smarthost.Mails);
    }

    public static TheoryData<bool, string, string, string> Outcomes => new()
    {
        // pipelining; what RCPT says to bob and to carol; what DATA says
        { true, "250", "250", "354" },
        { true, "250", "550", "354" },
        { true, "450", "250", "354" },
        { true, "550", "450", "354" },
        { true, "250", "250", "554" },
        { true, "250", "550", "554" },
        { true, "450", "250", "554" },
        { true, "550", "450", "554" },
        { false, "250", "250", "354" },
        { false, "250", "550", "354" },
        { false, "450", "250", "354" },
        { false, "550", "450", "354" },
        { false, "250", "250", "554" },
        { false, "250", "550", "554" },
        { false, "450", "250", "554" },
        { false, "550", "450", "554" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task C24_In_all_eight_outcomes_of_RCPT_and_DATA_nobody_is_lost_and_no_empty_message_arrives(
        bool pipelining, string bob, string carol, string data)
    {
        await using FakeSmarthost smarthost = Smarthost(pipelining);
        smarthost.OnRcpt = step => (step.Transaction == 1 ? (step.Recipient == 1 ? bob : carol) : "250") + " said";
        smarthost.OnData = step => (step.Transaction == 1 ? data : "354") + " said";
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);
        TransactionResult result = await connection.SendAsync(Outgoing.Message("bob@example.org", "carol@example.org"), CancellationToken.None);
        TransactionResult next = await connection.SendAsync(Outgoing.Message("dave@example.org"), CancellationToken.None);

        string[] rcpt = [bob, carol];
        for (int i = 0; i < 2; i++)
        {
            (DeliveryStage stage, string code) = (rcpt[i], data) switch
            {
                ("250", "354") => (DeliveryStage.EndOfData, "250"),
                ("250", _) => (DeliveryStage.Data, data),
                _ => (DeliveryStage.RcptTo, rcpt[i]),
            };
            Assert.Equal((stage, code), (result.Verdicts[i].Stage, $"{result.Verdicts[i].Reply.Code}"));
        }

        string[] accepted = [.. new[] { ("250", bob, "bob@example.org"), ("250", carol, "carol@example.org") }
            .Where(one => one.Item1 == one.Item2 && data == "354").Select(one => one.Item3)];
        CapturedMail[] mails = [.. smarthost.Mails];
        Assert.Equal(accepted.Length > 0 ? 2 : 1, mails.Length);
        Assert.All(mails, mail => Assert.Equal(Outgoing.Text, mail.Text));
        Assert.Equal(["dave@example.org"], mails[^1].Recipients);
        if (accepted.Length > 0)
        {
            Assert.Equal(accepted, mails[0].Recipients);
        }

        Assert.False(result.ConnectionLost);
        Assert.True(Assert.Single(next.Verdicts).Reply.IsSuccess);
        Assert.Equal(1, smarthost.Connections);
    }

    [Fact]
    public async Task C24_All_recipients_refused_and_354_all_the_same_is_answered_with_a_lone_dot_whose_reply_counts_for_nobody()
    {
        byte[]? wire = null;
        await using var smarthost = new FakeSmarthost { OnRcpt = _ => "550 5.1.1 Who?", OnData = _ => "354 Go on" };
        smarthost.OnEndOfData = step =>
        {
            wire = new byte[step.Octets];
            return "250 2.0.0 Taken, though for nobody";
        };
        TransactionResult result = await Outgoing.SendAsync(smarthost);

        Assert.Equal("550 5.1.1 Who?", Assert.Single(result.Verdicts).Reply.ToString());
        Assert.Equal(".\r\n".Length, wire!.Length);
        Assert.Empty(Assert.Single(smarthost.Mails).Recipients);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(5000)]
    public async Task C25_Thousands_of_pipelined_recipients_do_not_lock_both_sides_up(int recipients)
    {
        // 4 KiB fit between the two: neither side gets anywhere unless the other reads.
        await using var smarthost = new FakeSmarthost { WindowOctets = 4096, OnRcpt = step => step.Recipient % 3 == 0 ? "550 5.1.1 Who?" : "250 2.1.5 Ok" };
        string[] addresses = [.. Enumerable.Range(1, recipients).Select(number => $"user{number}@example.org")];
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(addresses));

        Assert.Equal(recipients / 3, result.Verdicts.Count(verdict => verdict.Stage == DeliveryStage.RcptTo));
        Assert.Equal(recipients - (recipients / 3), Assert.Single(smarthost.Mails).Recipients.Count);
    }

    [Theory]
    [InlineData(true, "250 2.0.0 Yes?")]
    [InlineData(true, "220 2.0.0 Yes?")]
    [InlineData(true, "503 5.5.1 Now?")]
    [InlineData(true, "334 Yes?")]
    [InlineData(false, "250 2.0.0 Yes?")]
    [InlineData(false, "503 5.5.1 Now?")]
    public async Task C26_Content_is_never_sent_unless_DATA_is_answered_with_354(bool pipelining, string reply)
    {
        await using FakeSmarthost smarthost = Smarthost(pipelining);
        smarthost.OnData = _ => reply;
        TransactionResult result = await Outgoing.SendAsync(smarthost);

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal((DeliveryStage.Data, false, false), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
        Assert.StartsWith("421 4.5.0 ", verdict.Reply.ToString(), StringComparison.Ordinal);
        Assert.Contains(reply, verdict.Reply.Text, StringComparison.Ordinal);
        Assert.True(result.ConnectionLost);
        Assert.Equal("DATA", smarthost.Commands[^1]);
        Assert.Empty(smarthost.Violations);
    }

    [Fact]
    public async Task C27_Of_four_recipients_the_two_accepted_get_the_message_and_each_other_its_own_reply()
    {
        string[] replies = ["250 2.1.5 Ok", "250 2.1.5 Ok", "452 4.5.3 Too many", "552 5.5.3 Too many"];
        await using var smarthost = new FakeSmarthost { OnRcpt = step => replies[step.Recipient - 1] };
        TransactionResult result = await Outgoing.SendAsync(
            smarthost, Outgoing.Message("a@example.org", "b@example.org", "c@example.org", "d@example.org"));

        Assert.Equal(["a@example.org", "b@example.org"], Assert.Single(smarthost.Mails).Recipients);
        Assert.Equal(["250 2.0.0 Taken", "250 2.0.0 Taken", replies[2], replies[3]], result.Verdicts.Select(verdict => verdict.Reply.ToString()));
    }

    [Fact]
    public async Task C28_Each_recipient_has_a_verdict_of_its_own()
    {
        string[] replies = ["250 2.1.5 Ok", "450 4.2.1 Busy", "550 5.1.1 Who?"];
        await using var smarthost = new FakeSmarthost { OnRcpt = step => replies[step.Recipient - 1] };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("a@example.org", "b@example.org", "c@example.org"));

        Assert.Equal([DeliveryStage.EndOfData, DeliveryStage.RcptTo, DeliveryStage.RcptTo], result.Verdicts.Select(verdict => verdict.Stage));
        Assert.Equal([250, 450, 550], result.Verdicts.Select(verdict => verdict.Reply.Code));
    }

    [Theory]
    [InlineData(true, "MAIL", DeliveryStage.MailFrom)]
    [InlineData(true, "RCPT", DeliveryStage.RcptTo)]
    [InlineData(true, "DATA", DeliveryStage.Data)]
    [InlineData(true, ".", DeliveryStage.EndOfData)]
    [InlineData(false, "MAIL", DeliveryStage.MailFrom)]
    [InlineData(false, "RCPT", DeliveryStage.RcptTo)]
    [InlineData(false, "DATA", DeliveryStage.Data)]
    [InlineData(false, ".", DeliveryStage.EndOfData)]
    public async Task C30_421_at_any_step_ends_the_connection_and_is_everybodys_verdict(bool pipelining, string at, object stage)
    {
        FakeAnswer closing = FakeAnswer.Reply("421 4.3.2 Going down").ThenHangUp();
        await using FakeSmarthost smarthost = Smarthost(pipelining);
        switch (at)
        {
            case "MAIL": smarthost.OnMail = _ => closing; break;
            case "RCPT": smarthost.OnRcpt = step => step.Recipient == 2 ? closing : "250 2.1.5 Ok"; break;
            case "DATA": smarthost.OnData = _ => closing; break;
            default: smarthost.OnEndOfData = _ => closing; break;
        }

        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message("bob@example.org", "carol@example.org"));

        Assert.True(result.ConnectionLost);
        Assert.All(result.Verdicts, verdict =>
        {
            Assert.Equal(((DeliveryStage)stage, true, false), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
            Assert.Equal("421 4.3.2 Going down", verdict.Reply.ToString());
        });
        Assert.Empty(smarthost.Mails);
    }

    [Theory]
    [InlineData("MAIL", "354 Yes?")]
    [InlineData("RCPT", "354 Yes?")]
    [InlineData(".", "354 More?")]
    [InlineData("MAIL", "150 Wait")]
    [InlineData("RCPT", "650 What")]
    [InlineData(".", "abc")]
    public async Task C10_A_reply_that_fits_no_step_is_a_passing_fault_of_the_session(string at, string reply)
    {
        await using FakeSmarthost smarthost = Answering(at, reply);

        TransactionResult result = await Outgoing.SendAsync(smarthost);

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.StartsWith("421 4.5.0 ", verdict.Reply.ToString(), StringComparison.Ordinal);
        Assert.False(verdict.FromSmarthost);
        Assert.True(result.ConnectionLost);
        Assert.Equal(at == ".", verdict.MayHaveBeenDelivered);
    }

    [Theory]
    [InlineData("MAIL", "299 Fine", true)]
    [InlineData("RCPT", "259 Fine", true)]
    [InlineData("RCPT", "499 Hm", false)]
    [InlineData("RCPT", "599 No", false)]
    [InlineData(".", "298 Fine", true)]
    public async Task C10_A_reply_that_nobody_knows_is_judged_by_its_first_digit(string at, string reply, bool delivered)
    {
        await using FakeSmarthost smarthost = Answering(at, reply);

        TransactionResult result = await Outgoing.SendAsync(smarthost);

        Assert.Equal(delivered, Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.False(result.ConnectionLost);
    }

    [Fact]
    public async Task C35_Many_recipients_are_one_transaction()
    {
        await using var smarthost = new FakeSmarthost();
        await Outgoing.SendAsync(smarthost, Outgoing.Message([.. Enumerable.Range(1, 50).Select(number => $"user{number}@example.org")]));

        Assert.Equal(50, Assert.Single(smarthost.Mails).Recipients.Count);
        Assert.Single(smarthost.Commands, command => command == "DATA");
    }

    [Theory]
    [InlineData("a\nb\n", "a\r\nb\r\n")]
    [InlineData("a\rb\r", "a\r\nb\r\n")]
    [InlineData("no end", "no end\r\n")]
    [InlineData("x\n.\ny\r\n.\r\nRCPT TO:<z>\r\n", "x\r\n.\r\ny\r\n.\r\nRCPT TO:<z>\r\n")]
    [InlineData("x\r.\r\ny", "x\r\n.\r\ny\r\n")]
    [InlineData(".\r\n", ".\r\n")]
    [InlineData("", "")]
    [InlineData("\r\n", "\r\n")]
    public async Task C36_Whatever_is_stored_only_CRLF_ends_lines_on_the_wire_and_only_our_dot_ends_the_message(string stored, string arrives)
    {
        await using var smarthost = new FakeSmarthost();
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(stored, []));

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.Equal(arrives, Assert.Single(smarthost.Mails).Text);
        Assert.Empty(smarthost.Violations);
    }

    [Fact]
    public async Task C37_What_was_not_offered_is_not_said()
    {
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH PLAIN"] };
        TransactionResult result = await Outgoing.SendAsync(smarthost, WithDsn());

        CapturedMail mail = Assert.Single(smarthost.Mails);
        Assert.Equal("MAIL FROM:<alice@example.net>", mail.MailCommand);
        Assert.Equal(["RCPT TO:<bob@example.org>"], mail.RcptCommands);
        Assert.False(result.DsnPassedOn);
    }

    [Fact]
    public async Task C37_What_was_offered_and_disabled_is_not_said_either()
    {
        await using var smarthost = new FakeSmarthost();
        await Outgoing.SendAsync(smarthost, WithDsn(), options => options.Disable = ["dsn", "SIZE", "PIPELINING"]);

        CapturedMail mail = Assert.Single(smarthost.Mails);
        Assert.Equal("MAIL FROM:<alice@example.net>", mail.MailCommand);
        Assert.Equal(["RCPT TO:<bob@example.org>"], mail.RcptCommands);
    }

    [Fact]
    public async Task C38_E32_The_DSN_parameters_go_on_as_they_came()
    {
        await using var smarthost = new FakeSmarthost();
        TransactionResult result = await Outgoing.SendAsync(smarthost, WithDsn());

        CapturedMail mail = Assert.Single(smarthost.Mails);
        Assert.Equal($"MAIL FROM:<alice@example.net> SIZE={Outgoing.Text.Length} RET=HDRS ENVID=QQ+2B314+3Dx", mail.MailCommand);
        Assert.Equal(["RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2Btag@Web1"], mail.RcptCommands);
        Assert.True(result.DsnPassedOn);
    }

    [Fact]
    public async Task C41_QUIT_is_said_and_not_waited_for()
    {
        await using var smarthost = new FakeSmarthost { OnQuit = _ => FakeAnswer.Reset };
        TransactionResult result = await Outgoing.SendAsync(smarthost);

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.Equal("QUIT", smarthost.Commands[^1]);
    }

    [Fact]
    public async Task C41_A_QUIT_that_is_never_answered_holds_nobody_up()
    {
        await using var smarthost = new FakeSmarthost { OnQuit = _ => FakeAnswer.Silence };
        TransactionResult result = await Outgoing.SendAsync(smarthost, clock: new TestClock());

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
    }

    [Fact]
    public async Task C42_An_extra_reply_after_a_message_does_not_become_the_reply_to_the_next()
    {
        await using var smarthost = new FakeSmarthost { OnEndOfData = _ => "250 2.0.0 Taken\n250 2.0.0 And one more" };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);
        TransactionResult first = await connection.SendAsync(Outgoing.Message(), CancellationToken.None);
        TransactionResult second = await connection.SendAsync(Outgoing.Message(), CancellationToken.None);

        Assert.True(Assert.Single(first.Verdicts).Reply.IsSuccess);
        RecipientVerdict verdict = Assert.Single(second.Verdicts);
        Assert.Equal((DeliveryStage.MailFrom, false), (verdict.Stage, verdict.FromSmarthost));
        Assert.Contains("without having been asked", verdict.Reply.Text, StringComparison.Ordinal);
        Assert.True(second.ConnectionLost);
        Assert.Single(smarthost.Mails);
    }

    [Fact]
    public async Task E12_Eight_bit_content_goes_with_BODY_where_that_is_offered_and_is_refused_here_where_it_is_not()
    {
        OutgoingMessage message = Outgoing.Message("Subject: x\r\n\r\nGr\u00fc\u00df\r\n", []) with { Traits = ContentTraits.EightBit };
        await using var able = new FakeSmarthost { Offers = ["8BITMIME", "AUTH PLAIN"] };
        await using var unable = new FakeSmarthost { Offers = ["AUTH PLAIN"] };
        await Outgoing.SendAsync(able, message);
        TransactionResult refused = await Outgoing.SendAsync(unable, message);

        CapturedMail mail = Assert.Single(able.Mails);
        Assert.Equal("MAIL FROM:<alice@example.net> BODY=8BITMIME", mail.MailCommand);
        Assert.Equal("Subject: x\r\n\r\nGr\u00fc\u00df\r\n", mail.Text);
        RecipientVerdict verdict = Assert.Single(refused.Verdicts);
        Assert.Equal(("5.6.3", false), (verdict.Reply.EnhancedCode, verdict.FromSmarthost));
        Assert.Empty(unable.Mails);
    }

    private static FakeSmarthost Smarthost(bool pipelining) => new() { Offers = pipelining ? ["PIPELINING", "AUTH PLAIN"] : ["AUTH PLAIN"] };

    private static OutgoingMessage WithDsn() => Outgoing.Message() with
    {
        Envelope = new Envelope { Sender = new Mailbox("alice", "example.net"), EnvelopeId = "QQ+2B314+3Dx", Return = DsnReturn.Headers },
        Recipients = [new Recipient(new Mailbox("bob", "example.org"), DsnNotify.Success | DsnNotify.Delay, "rfc822;Bob+2Btag@Web1")],
    };

    /// <summary>A smarthost that says <paramref name="reply"/> to MAIL, to RCPT or to the final dot.</summary>
    private static FakeSmarthost Answering(string at, string reply)
    {
        var smarthost = new FakeSmarthost();
        switch (at)
        {
            case "MAIL": smarthost.OnMail = _ => reply; break;
            case "RCPT": smarthost.OnRcpt = _ => reply; break;
            default: smarthost.OnEndOfData = _ => reply; break;
        }

        return smarthost;
    }
}
