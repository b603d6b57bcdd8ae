using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// Whose fault is it, how far does it reach, and what is to be done: the one place where a reply becomes a decision. What only
/// the reply's text can tell is in <see cref="ReplyRules"/>; this is what holds for every smarthost.
/// </summary>
internal static class ReplyVerdict
{
    public static Outcome Of(RecipientVerdict verdict, ReplyRules rules)
    {
        DeliveryStage stage = verdict.Stage;
        SmtpReply reply = verdict.Reply;

        // In doubt: the final dot went out and nothing came back. It may arrive twice; the other choice is that it never does.
        if (verdict.MayHaveBeenDelivered)
        {
            return new(Disposition.Deferred, FailureScope.Message, stage, reply, Remedy.Suspect);
        }

        // What we say ourselves (no answer, cannot be sent there) means what its code says.
        return verdict.FromSmarthost ? Of(stage, reply, reply.IsSuccess ? null : rules.Find(stage, reply)) : OfOurs(stage, reply);
    }

    private static Outcome Of(DeliveryStage stage, SmtpReply reply, ReplyMeaning? meaning) => (stage, reply, meaning) switch
    {
        (DeliveryStage.EndOfData, { Severity: Severity.Success }, _) => new(Disposition.Delivered, FailureScope.None, stage, reply),

        // Whatever the code says, trouble before MAIL is the operator's to mend, not the sender's:
        // a password that expired on Friday must not bounce the weekend's mail.
        (< DeliveryStage.MailFrom, _, _) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.Rest),
        (_, _, ReplyMeaning.Auth) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.Hold),

        (_, _, ReplyMeaning.Quota) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.Pause),
        (_, _, ReplyMeaning.Recipients) => new(Disposition.Deferred, FailureScope.Recipient, stage, reply, Remedy.NextTransaction),

        // A 421 to the content is often a judgement on the content: that one message waits longer each time (RFC 5321 §3.8).
        (>= DeliveryStage.Body, { Code: 421 }, ReplyMeaning.Throttle) => new(Disposition.Deferred, FailureScope.Message, stage, reply, Remedy.SlowDown),
        (>= DeliveryStage.Body, { Code: 421 }, null) => new(Disposition.Deferred, FailureScope.Message, stage, reply, Remedy.Rest),

        (_, _, ReplyMeaning.Throttle) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.SlowDown),
        (_, _, ReplyMeaning.Sender) => new(Disposition.Parked, FailureScope.Message, stage, reply),
        (_, _, ReplyMeaning.Defer) => new(Disposition.Deferred, ScopeOf(stage), stage, reply),
        (_, _, ReplyMeaning.Bounce) => new(Disposition.Bounced, ScopeOf(stage), stage, reply),

        (_, { Code: 421 }, _) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.Rest),
        (_, { Severity: Severity.Permanent }, _) => new(Disposition.Bounced, ScopeOf(stage), stage, reply),

        // Replies are the world's, not ours: what we do not know, we try again. That includes a 2yz where only the final dot's counts.
        _ => new(Disposition.Deferred, ScopeOf(stage), stage, reply),
    };

    private static Outcome OfOurs(DeliveryStage stage, SmtpReply reply) => (stage, reply) switch
    {
        (< DeliveryStage.MailFrom, _) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.Rest),
        (_, { Severity: Severity.Permanent }) => new(Disposition.Bounced, ScopeOf(stage), stage, reply),

        // Lost before the content: nothing is known about the message. Lost within it: perhaps because of it.
        (< DeliveryStage.Body, { Code: 421 }) => new(Disposition.Deferred, FailureScope.Smarthost, stage, reply, Remedy.Suspect),
        (_, { Code: 421 }) => new(Disposition.Deferred, FailureScope.Message, stage, reply, Remedy.Suspect),
        _ => new(Disposition.Deferred, ScopeOf(stage), stage, reply),
    };

    private static FailureScope ScopeOf(DeliveryStage stage) =>
        stage == DeliveryStage.RcptTo ? FailureScope.Recipient : FailureScope.Message;
}
