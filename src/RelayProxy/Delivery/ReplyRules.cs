using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// What smarthosts say when they mean something else than their code does, as an ordered list: the first line that fits
/// decides, and where none does the code does. <see cref="DeliveryOptions.ReplyRules"/> come before these.
/// </summary>
internal sealed class ReplyRules
{
    /// <summary>Those that come with the program. Gathered from providers' pages and from reports about other relays.</summary>
    private const string ShippedText = """
        # meaning   stage      code  status   every one of these begins a word of the text

        # Too large is too large tomorrow.
        bounce      *          5xx   5.3.4
        bounce      *          5xx   5.2.3

        # The account, or how we use it. 530 is what a server says that wants a login and got none.
        auth        *          530   *
        auth        *          534   *
        auth        *          535   *
        auth        *          538   *
        auth        *          504   5.7.4
        auth        *          550   5.7.30
        auth        MailFrom   5xx   *        authentication required
        auth        MailFrom   5xx   *        not authenticated
        auth        RcptTo     5xx   *        authentication required
        auth        RcptTo     5xx   *        not authenticated

        # Allowances of the hour and the day, in 4 or in 5. Gmail: 550 5.4.5 and 550 5.7.1; SES: 454; Microsoft: 554 5.2.0; Zoho: 550 5.4.6.
        # "Daily" or "sending" must be said: a recipient whose own mailbox is over quota is nobody's trouble but the recipient's.
        quota       *          550   5.4.5
        quota       *          xxx   *        daily limit
        quota       *          xxx   *        daily quota
        quota       *          xxx   *        hourly limit
        quota       *          xxx   *        hourly quota
        quota       *          452   4.5.3    daily
        quota       *          xxx   *        sending limit
        quota       *          xxx   *        sending quota
        quota       *          xxx   *        submissionquota
        quota       *          550   5.4.6    unusual sending

        # 552 for "too many recipients" is RFC 821's; RFC 5321 §4.5.3.1.10 has 452. Not so where the status says policy.
        bounce      RcptTo     552   5.7.*
        recipients  RcptTo     452   *.5.3
        recipients  RcptTo     452   *        too many recipients
        recipients  RcptTo     552   *

        # One recipient gets more mail than is good for it: it waits alone.
        defer       RcptTo     450   4.2.1    receiving mail

        # Too fast. Gmail: 421 4.7.0, 450 4.2.1 "Peak SMTP relay limit"; Microsoft: 432 4.3.2; SES: 454 "Throttling failure".
        throttle    *          421   4.7.*
        throttle    *          421   4.4.5
        throttle    *          432   *
        throttle    *          450   4.2.1    peak
        throttle    *          4xx   *        throttl
        throttle    *          4xx   *        rate
        throttle    *          4xx   *        too many
        throttle    *          4xx   *        too fast

        # An address this login may not use, or a relay that does not know us: our settings, not the sender's fault.
        sender      *          5xx   5.7.60
        sender      *          5xx   5.2.252
        sender      *          5xx   *        sendasdenied
        sender      *          5xx   *        not owned by user
        sender      *          5xx   *        relaying disallowed as
        sender      *          5xx   *        verified sender identity
        sender      *          554   *        address not verified
        sender      *          5xx   *        relay denied
        sender      *          5xx   *        unable to relay
        sender      *          5xx   *        relay not permitted
        """;

    private readonly ReplyRule[] _rules;

    private ReplyRules(IEnumerable<ReplyRule> rules) => _rules = [.. rules];

    /// <summary>Those that come with the program, alone.</summary>
    public static ReplyRules Shipped { get; } = new(Parse(ShippedText.Split('\n')));

    /// <summary>The operator's, then those that come with the program. A line that does not parse is left out: the configuration's own
    /// check has reported it.</summary>
    public static ReplyRules With(IEnumerable<string> own) => new([.. Parse(own), .. Shipped._rules]);

    /// <summary>What the first rule that fits says; <c>null</c> if none does.</summary>
    public ReplyMeaning? Find(DeliveryStage stage, SmtpReply reply)
    {
        foreach (ReplyRule rule in _rules)
        {
            if (rule.Matches(stage, reply))
            {
                return rule.Meaning;
            }
        }

        return null;
    }

    private static IEnumerable<ReplyRule> Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (ReplyRule.TryParse(line, out ReplyRule? rule))
            {
                yield return rule;
            }
        }
    }
}
