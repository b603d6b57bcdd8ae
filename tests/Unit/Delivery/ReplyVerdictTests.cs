using System.Globalization;
using RelayProxy.Delivery;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Delivery;

public class ReplyVerdictTests
{
    [Theory]

    // What the code and the stage decide.
    [InlineData("EndOfData", "250 2.0.0 Ok: queued as 4711", "Delivered", "None", "None")]
    [InlineData("EndOfData", "250 Ok", "Delivered", "None", "None")]
    [InlineData("RcptTo", "550 5.1.1 No such user", "Bounced", "Recipient", "None")]
    [InlineData("RcptTo", "550 No such user", "Bounced", "Recipient", "None")]
    [InlineData("RcptTo", "450 4.2.0 Greylisted", "Deferred", "Recipient", "None")]
    [InlineData("RcptTo", "452 4.2.2 Mailbox over quota", "Deferred", "Recipient", "None")]
    [InlineData("MailFrom", "451 4.3.0 Try again", "Deferred", "Message", "None")]
    [InlineData("MailFrom", "501 5.1.7 Bad sender", "Bounced", "Message", "None")]
    [InlineData("Data", "554 5.5.1 No valid recipients", "Bounced", "Message", "None")]
    [InlineData("EndOfData", "554 5.7.1 Looks like spam", "Bounced", "Message", "None")]
    [InlineData("EndOfData", "451 4.3.0 Disk trouble", "Deferred", "Message", "None")]
    [InlineData("MailFrom", "421 4.3.2 Shutting down", "Deferred", "Smarthost", "Rest")]
    [InlineData("RcptTo", "421 Shutting down", "Deferred", "Smarthost", "Rest")]
    [InlineData("EndOfData", "421 Not this content", "Deferred", "Message", "Rest")]
    [InlineData("Data", "299 What?", "Deferred", "Message", "None")]
    [InlineData("RcptTo", "250 2.1.5 Ok", "Deferred", "Recipient", "None")]             // accepted, but nothing was sent

    // Nothing before MAIL says anything about the mail.
    [InlineData("Greeting", "554 5.7.1 Go away", "Deferred", "Smarthost", "Rest")]
    [InlineData("Auth", "535 5.7.8 Bad credentials", "Deferred", "Smarthost", "Rest")]

    // The login, in whatever clothes.
    [InlineData("MailFrom", "530 5.7.0 Authentication required", "Deferred", "Smarthost", "Hold")]
    [InlineData("MailFrom", "530 5.7.57 Client not authenticated to send mail", "Deferred", "Smarthost", "Hold")]
    [InlineData("MailFrom", "550 5.7.30 Basic authentication is not supported for Client Submission", "Deferred", "Smarthost", "Hold")]
    [InlineData("MailFrom", "535 5.7.3 Authentication unsuccessful", "Deferred", "Smarthost", "Hold")]
    [InlineData("RcptTo", "550 5.7.1 Authentication required", "Deferred", "Smarthost", "Hold")]
    [InlineData("EndOfData", "550 5.7.26 Unauthenticated email is not accepted, authentication required", "Bounced", "Message", "None")]

    // Quotas, in 4 and in 5.
    [InlineData("EndOfData", "454 Throttling failure: Daily message quota exceeded", "Deferred", "Smarthost", "Pause")]
    [InlineData("MailFrom", "550 5.4.5 Daily user sending limit exceeded", "Deferred", "Smarthost", "Pause")]
    [InlineData("MailFrom", "550 5.7.1 Daily SMTP relay limit exceeded for customer", "Deferred", "Smarthost", "Pause")]
    [InlineData("EndOfData", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", "Deferred", "Smarthost", "Pause")]
    [InlineData("RcptTo", "452 4.5.3 Daily limit of recipients reached", "Deferred", "Smarthost", "Pause")]
    [InlineData("MailFrom", "550 5.4.6 Unusual sending activity detected", "Deferred", "Smarthost", "Pause")]
    [InlineData("EndOfData", "554 5.4.6 Too many hops", "Bounced", "Message", "None")]

    // Too fast.
    [InlineData("MailFrom", "421 4.7.0 Try again later, closing connection", "Deferred", "Smarthost", "SlowDown")]
    [InlineData("MailFrom", "421 4.4.5 Too many connections from your host", "Deferred", "Smarthost", "SlowDown")]
    [InlineData("MailFrom", "432 4.3.2 Concurrent connections limit exceeded", "Deferred", "Smarthost", "SlowDown")]
    [InlineData("RcptTo", "450 4.2.1 Peak SMTP relay limit exceeded", "Deferred", "Smarthost", "SlowDown")]
    [InlineData("EndOfData", "454 Throttling failure: Maximum sending rate exceeded", "Deferred", "Smarthost", "SlowDown")]
    [InlineData("MailFrom", "451 4.7.1 Too many messages, slow down", "Deferred", "Smarthost", "SlowDown")]
    [InlineData("EndOfData", "421 4.7.28 Unusual rate of unsolicited mail", "Deferred", "Message", "SlowDown")]
    [InlineData("RcptTo", "450 4.2.1 The user is receiving mail at a rate that prevents more", "Deferred", "Recipient", "None")]
    [InlineData("RcptTo", "450 4.1.8 Corporate domain moderated", "Deferred", "Recipient", "None")]    // "rate" within a word

    // Full transactions: C27.
    [InlineData("RcptTo", "452 4.5.3 Too many recipients", "Deferred", "Recipient", "NextTransaction")]
    [InlineData("RcptTo", "452 5.5.3 Too many recipients", "Deferred", "Recipient", "NextTransaction")]
    [InlineData("RcptTo", "552 Too many recipients", "Deferred", "Recipient", "NextTransaction")]
    [InlineData("RcptTo", "552 5.7.1 Policy", "Bounced", "Recipient", "None")]

    // Size: C23.
    [InlineData("MailFrom", "552 5.3.4 Message too big", "Bounced", "Message", "None")]
    [InlineData("MailFrom", "452 4.3.1 No room", "Deferred", "Message", "None")]
    [InlineData("EndOfData", "552 5.2.3 Message exceeds the sending limit", "Bounced", "Message", "None")]
    [InlineData("EndOfData", "452 4.3.1 No room", "Deferred", "Message", "None")]
    [InlineData("RcptTo", "552 5.3.4 Message too big", "Bounced", "Recipient", "None")]

    // Senders that the account may not use: kept for a person to look at.
    [InlineData("RcptTo", "553 5.7.1 <a@example.net>: Sender address rejected: not owned by user b", "Parked", "Message", "None")]
    [InlineData("EndOfData", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "Parked", "Message", "None")]
    [InlineData("EndOfData", "554 5.2.252 SendAsDenied; a@example.net not allowed", "Parked", "Message", "None")]
    [InlineData("EndOfData", "554 Message rejected: Email address is not verified.", "Parked", "Message", "None")]
    [InlineData("MailFrom", "553 Relaying disallowed as a@example.net", "Parked", "Message", "None")]
    [InlineData("RcptTo", "554 5.7.1 <x@example.org>: Relay access denied", "Parked", "Message", "None")]
    [InlineData("EndOfData", "550 The from address does not match a verified Sender Identity", "Parked", "Message", "None")]
    public void C23_C27_C29_C30_What_a_smarthosts_reply_decides(string stage, string reply, string disposition, string scope, string remedy)
    {
        Outcome outcome = ReplyVerdict.Of(new RecipientVerdict(Enum.Parse<DeliveryStage>(stage), Reply(reply), FromSmarthost: true), ReplyRules.Shipped);

        Assert.Equal((disposition, scope, remedy), (outcome.Disposition.ToString(), outcome.Scope.ToString(), outcome.Remedy.ToString()));
    }

    [Theory]
    [InlineData("Connect", "421 4.4.1 connect to smtp.example.net: refused", "Deferred", "Smarthost", "Rest")]
    [InlineData("MailFrom", "421 4.4.2 lost connection", "Deferred", "Smarthost", "Suspect")]
    [InlineData("Data", "421 4.4.2 lost connection", "Deferred", "Smarthost", "Suspect")]
    [InlineData("Body", "421 4.4.2 lost connection", "Deferred", "Message", "Suspect")]
    [InlineData("MailFrom", "552 5.3.4 larger than smtp.example.net takes", "Bounced", "Message", "None")]
    [InlineData("RcptTo", "553 5.6.7 smtp.example.net has no SMTPUTF8", "Bounced", "Recipient", "None")]

    // Our own words are not read by the rules made for others' words.
    [InlineData("MailFrom", "451 4.3.0 too many recipients, rate, daily limit", "Deferred", "Message", "None")]
    public void What_we_say_ourselves_means_what_its_code_says(string stage, string reply, string disposition, string scope, string remedy)
    {
        Outcome outcome = ReplyVerdict.Of(new RecipientVerdict(Enum.Parse<DeliveryStage>(stage), Reply(reply), FromSmarthost: false), ReplyRules.Shipped);

        Assert.Equal((disposition, scope, remedy), (outcome.Disposition.ToString(), outcome.Scope.ToString(), outcome.Remedy.ToString()));
    }

    [Fact]
    public void C45_In_doubt_is_retried_and_counted()
    {
        var verdict = new RecipientVerdict(DeliveryStage.EndOfData, Reply("421 4.4.2 lost connection"), FromSmarthost: false, MayHaveBeenDelivered: true);

        Outcome outcome = ReplyVerdict.Of(verdict, ReplyRules.Shipped);

        Assert.Equal((Disposition.Deferred, FailureScope.Message, true), (outcome.Disposition, outcome.Scope, outcome.CountsAsAttempt));
    }

    [Fact]
    public void C14_No_reply_before_MAIL_ever_bounces_or_parks()
    {
        foreach (DeliveryStage stage in Enum.GetValues<DeliveryStage>().Where(stage => stage < DeliveryStage.MailFrom))
        {
            for (int code = 200; code < 600; code++)
            {
                foreach (bool fromSmarthost in new[] { true, false })
                {
                    var verdict = new RecipientVerdict(stage, new SmtpReply(code, 7, 1, "relay denied"), fromSmarthost);
                    Outcome outcome = ReplyVerdict.Of(verdict, ReplyRules.Shipped);
                    Assert.Equal((Disposition.Deferred, FailureScope.Smarthost), (outcome.Disposition, outcome.Scope));
                }
            }
        }
    }

    [Fact]
    public void Only_a_2yz_to_the_final_dot_is_a_delivery()
    {
        foreach (DeliveryStage stage in Enum.GetValues<DeliveryStage>())
        {
            for (int code = 100; code < 700; code++)
            {
                Outcome outcome = ReplyVerdict.Of(new RecipientVerdict(stage, new SmtpReply(code, null, ""), true), ReplyRules.Shipped);
                Assert.Equal(stage == DeliveryStage.EndOfData && code / 100 == 2, outcome.Disposition == Disposition.Delivered);
            }
        }
    }

    [Theory]
    [InlineData("bounce EndOfData 421 *", "EndOfData", "421 No", "Bounced")]
    [InlineData("defer RcptTo 550 5.1.1 maintenance", "RcptTo", "550 5.1.1 Directory under maintenance", "Deferred")]
    [InlineData("defer RcptTo 550 5.1.1 maintenance", "RcptTo", "550 5.1.1 No such user", "Bounced")]
    [InlineData("sender * 5xx * spf", "EndOfData", "550 5.7.23 SPF fails", "Parked")]
    public void The_operators_rules_come_first(string rule, string stage, string reply, string disposition)
    {
        Outcome outcome = ReplyVerdict.Of(
            new RecipientVerdict(Enum.Parse<DeliveryStage>(stage), Reply(reply), FromSmarthost: true), ReplyRules.With([rule]));

        Assert.Equal(disposition, outcome.Disposition.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("quota * 550")]
    [InlineData("1 * 550 *")]
    [InlineData("quota 3 550 *")]
    [InlineData("quota Nowhere 550 *")]
    [InlineData("quota * 250 *")]
    [InlineData("quota * 5y0 *")]
    [InlineData("quota * 5500 *")]
    [InlineData("quota * 550 5.4")]
    [InlineData("quota * 550 5.4.x")]
    [InlineData("# quota * 550 *")]
    public void A_line_that_is_no_rule_is_refused(string line) => Assert.False(ReplyRule.TryParse(line, out _));

    internal static SmtpReply Reply(string line)
    {
        string[] parts = line.Split(' ', 3);
        string[] status = parts.Length > 1 ? parts[1].Split('.') : [];
        return status.Length == 3 && status.All(part => part.All(char.IsAsciiDigit))
            ? new SmtpReply(Number(parts[0]), Number(status[1]), Number(status[2]), parts.Length > 2 ? parts[2] : "")
            : new SmtpReply(Number(parts[0]), null, line[4..]);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
