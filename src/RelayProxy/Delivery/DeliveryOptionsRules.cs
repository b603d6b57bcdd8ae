using RelayProxy.Mail;

namespace RelayProxy.Delivery;

/// <summary>What the settings of delivery must not say together.</summary>
internal static class DeliveryOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(DeliveryOptions options)
    {
        if (options.FirstRetry > options.MaxRetry)
        {
            yield return "Delivery:FirstRetry is longer than Delivery:MaxRetry, the longest pause between two attempts; "
                + "shorten the one or lengthen the other";
        }

        if (options.PostmasterAddress.Length > 0
            && (!MailboxParser.TryParse(options.PostmasterAddress, out Mailbox? mailbox) || mailbox!.IsBare))
        {
            yield return $"Delivery:PostmasterAddress is \"{options.PostmasterAddress}\", which is not a whole address; write one such as "
                + "admin@example.net";
        }

        foreach (string line in options.ReplyRules.Where(line => !ReplyRule.TryParse(line, out _)))
        {
            yield return $"Delivery:ReplyRules holds \"{line}\", which is no rule; write meaning, step or *, code, status or *, words: "
                + "quota * 550 5.7.1 daily limit";
        }
    }
}
