using System.Globalization;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>
/// What will be said about one message, worked out before a word of it is said: MAIL and RCPT with the parameters that the message needs
/// and the smarthost offers, and nothing that it did not offer. What cannot be asked of this smarthost is refused here, never
/// left out in silence.
/// </summary>
internal sealed class TransactionPlan
{
    private TransactionPlan(SmtpReply refusal) => Refusal = refusal;

    private TransactionPlan(string mailCommand, IReadOnlyList<RecipientPlan> recipients, bool usesSmtpUtf8)
    {
        MailCommand = mailCommand;
        Recipients = recipients;
        UsesSmtpUtf8 = usesSmtpUtf8;
    }

    /// <summary>Why this message cannot go to this smarthost at all.</summary>
    public SmtpReply? Refusal { get; }

    public string MailCommand { get; } = "";

    /// <summary>In the order of <see cref="OutgoingMessage.Recipients"/>.</summary>
    public IReadOnlyList<RecipientPlan> Recipients { get; } = [];

    public bool UsesSmtpUtf8 { get; }

    public static TransactionPlan For(OutgoingMessage message, SmarthostCapabilities offered)
    {
        // RFC 1870 §6.1: do not even try what was said to be too large.
        if (offered.MaxMessageOctets is { } most && message.Content.Octets > most)
        {
            return new(new SmtpReply(552, 3, 4, string.Create(CultureInfo.InvariantCulture,
                $"message of {message.Content.Octets} octets is larger than the {most} that the smarthost takes")));
        }

        // A lawful way would be to rewrite the body as base64 or quoted-printable (RFC 6152 §3). That changes what was signed, and a
        // smarthost without 8BITMIME is rare: the sender is told instead.
        if (message.Traits.HasFlag(ContentTraits.EightBit) && !offered.EightBitMime)
        {
            return new(new SmtpReply(554, 6, 3, "message has 8-bit content and the smarthost does not offer 8BITMIME"));
        }

        if (message.Traits.HasFlag(ContentTraits.Utf8Header) && !offered.SmtpUtf8)
        {
            return new(new SmtpReply(554, 6, 9, "message has UTF-8 in its header and the smarthost does not offer SMTPUTF8"));
        }

        string sender = "";
        if (message.Envelope.Sender is { } mailbox && !PathText.TryWrite(mailbox, offered.SmtpUtf8, out sender, out string why))
        {
            return new(new SmtpReply(553, mailbox.IsAscii ? new StatusDetail(1, 7) : new StatusDetail(6, 7), $"sender cannot be sent: {why}"));
        }

        var recipients = new RecipientPlan[message.Recipients.Count];
        bool utf8 = message.Traits.HasFlag(ContentTraits.Utf8Header) || !Ascii.IsValid(sender);
        for (int i = 0; i < recipients.Length; i++)
        {
            recipients[i] = Plan(message.Recipients[i], offered);
            utf8 |= recipients[i].Command is { } command && !Ascii.IsValid(command);
        }

        return new(MailFor(message, sender, offered, utf8), recipients, utf8);
    }

    private static string MailFor(OutgoingMessage message, string sender, SmarthostCapabilities offered, bool utf8)
    {
        var command = new StringBuilder(128);
        command.Append("MAIL FROM:<").Append(sender).Append('>');
        if (offered.Size)
        {
            command.Append(CultureInfo.InvariantCulture, $" SIZE={message.Content.Octets}");
        }

        if (message.Traits.HasFlag(ContentTraits.EightBit))
        {
            command.Append(" BODY=8BITMIME");
        }

        // Only if something in it needs it: a pure ASCII message that was merely marked goes to smarthosts of any age.
        if (utf8)
        {
            command.Append(" SMTPUTF8");
        }

        if (offered.Dsn)
        {
            command.Append(message.Envelope.Return switch
            {
                DsnReturn.Unspecified => "",
                DsnReturn.Full => " RET=FULL",
                DsnReturn.Headers => " RET=HDRS",
            });
            if (message.Envelope.EnvelopeId is { } id && CommandBuffer.IsPrintable(id))
            {
                command.Append(" ENVID=").Append(id);
            }
        }

        return command.ToString();
    }

    private static RecipientPlan Plan(Recipient recipient, SmarthostCapabilities offered)
    {
        if (!PathText.TryWrite(recipient.Address, offered.SmtpUtf8, out string path, out string why))
        {
            StatusDetail status = recipient.Address.IsAscii ? new StatusDetail(1, 3) : new StatusDetail(6, 7);
            return new(null, new SmtpReply(553, status, $"recipient cannot be sent: {why}"));
        }

        if (!offered.Dsn)
        {
            return new($"RCPT TO:<{path}>", null);
        }

        var command = new StringBuilder(128);
        command.Append("RCPT TO:<").Append(path).Append('>');
        if (recipient.Notify != DsnNotify.Unspecified)
        {
            command.Append(" NOTIFY=").Append(NotifyText(recipient.Notify));
        }

        if (recipient.OriginalRecipient is { } original && CommandBuffer.IsPrintable(original))
        {
            command.Append(" ORCPT=").Append(Ascii.IsValid(original) || offered.SmtpUtf8 ? original : PathText.Utf8AddrXtext(original));
        }

        return new(command.ToString(), null);
    }

    private static string NotifyText(DsnNotify notify)
    {
        if (notify.HasFlag(DsnNotify.Never))
        {
            return "NEVER";
        }

        var words = new List<string>(3);
        if (notify.HasFlag(DsnNotify.Success))
        {
            words.Add("SUCCESS");
        }

        if (notify.HasFlag(DsnNotify.Failure))
        {
            words.Add("FAILURE");
        }

        if (notify.HasFlag(DsnNotify.Delay))
        {
            words.Add("DELAY");
        }

        return string.Join(',', words);
    }
}

/// <summary>What to say about one recipient, or why it is not even said.</summary>
internal readonly record struct RecipientPlan(string? Command, SmtpReply? Refusal);
