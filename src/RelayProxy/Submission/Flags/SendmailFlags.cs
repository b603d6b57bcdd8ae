using static RelayProxy.Submission.Flags.FlagArgument;
using static RelayProxy.Submission.Flags.FlagMeaning;

namespace RelayProxy.Submission.Flags;

/// <summary>
/// Every flag that a sendmail ever had and a program may still give: sendmail's own, and those of Postfix, Exim, OpenSMTPD, dma, msmtp and
/// nullmailer. The parser, <c>--help</c> and the manual are made from this table.
/// </summary>
internal static class SendmailFlags
{
    public static readonly SendmailFlag[] All =
    [
        new('A', Required, PassedOver, "c|m", "Which of sendmail's configurations to use; there is one here."),
        new('B', Required, BodyType, "type", "7BIT or 8BITMIME; whether the text has 8-bit characters is seen from the text."),
        new('b', Required, Mode, "mode", "What to do, see below; -bm, to take a message, if left out."),
        new('C', Required, PassedOver, "file", "sendmail's configuration file; ours is named by 'relayproxy sendmail --config FILE'."),
        new('c', None, PassedOver, "", "Hold mail for expensive mailers back."),
        new('D', Attached, PassedOver, "file", "Where to write what -d asks for."),
        new('d', Attached, PassedOver, "level", "Debugging output."),
        new('E', Attached, PassedOver, "", "OpenSMTPD's."),
        new('e', Required, PassedOver, "mode", "How to tell errors. They are told on standard error and by the exit code, whatever it says."),
        new('F', Required, FullName, "name", "The sender's full name, for a message without From (or $NAME)."),
        new('f', Required, Sender, "address", "The sender. <> or '' is the null sender, to whom nothing is ever returned."),
        new('G', None, PassedOver, "", "The message comes from another network."),
        new('h', Required, PassedOver, "hops", "How often it has been passed on. Its Received fields are counted."),
        new('I', None, NewAliases, "", "The same as -bi."),
        new('i', None, DotIsText, "", "A line with nothing but a dot is text, and does not end the message."),
        new('J', Attached, PassedOver, "", "OpenSMTPD's."),
        new('L', Required, PassedOver, "tag", "How to be called in the log."),
        new('M', Required, PassedOver, "macro", "Set a macro."),
        new('m', None, PassedOver, "", "Send to the sender too if an alias names him. That is always so."),
        new('N', Required, Notify, "when", "What to report to the sender: never, or success, failure, delay with commas between them (RFC 3461)."),
        new('n', None, PassedOver, "", "Do not follow aliases. They are followed."),
        new('O', Required, PassedOver, "option=value", "Set one of sendmail's options."),
        new('o', Required, Option, "option", "Set an option by its letter: -oi is -i; the others do nothing."),
        new('p', Required, PassedOver, "protocol", "The protocol by which the message came."),
        new('q', Attached, QueueRun, "what", "Try waiting mail now; -qIid, -qRpart, -qSpart choose by id, recipient, sender. An interval (-q30m) is not needed."),
        new('R', Required, Return, "full|hdrs", "How much of the message a bounce is to return."),
        new('r', Required, Sender, "address", "The same as -f."),
        new('s', None, PassedOver, "", "Keep a From line in front of the header. It is dropped."),
        new('T', Attached, PassedOver, "time", "How long mail may wait; Queue:GiveUpAfter says so."),
        new('t', None, HeaderRecipients, "", "Recipients stand in To, Cc and Bcc; those among the arguments are added."),
        new('U', None, PassedOver, "", "The message is newly submitted. So is all mail that comes this way."),
        new('V', Required, EnvelopeId, "id", "What reports are to call the message (ENVID of RFC 3461)."),
        new('v', None, Verbose, "", "Show the dialogue with the relay."),
        new('X', Required, PassedOver, "file", "Write the dialogue into a file. Nothing is written: use -v."),
        new('x', None, PassedOver, "", "AIX's."),
    ];

    /// <summary><c>null</c> for a letter that no sendmail has.</summary>
    public static SendmailFlag? Find(char letter)
    {
        foreach (SendmailFlag flag in All)
        {
            if (flag.Letter == letter)
            {
                return flag;
            }
        }

        return null;
    }
}
