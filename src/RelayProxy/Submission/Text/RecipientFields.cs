using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>Whom a header names as recipients (<c>-t</c>): in To, Cc and Bcc; where there is a Resent-To, Resent-Cc or Resent-Bcc, in those and
/// only those, as with sendmail and Postfix: who got the message the first time does not get it again.</summary>
internal static class RecipientFields
{
    /// <returns>In order, nobody twice.</returns>
    /// <exception cref="SubmissionException">Something stands among them that is no address: nobody may miss a message unnoticed.</exception>
    public static List<Mailbox> Read(HeaderSection header)
    {
        bool isResent = false;
        foreach (HeaderField field in header.Fields)
        {
            isResent |= IsResentRecipient(header, field);
        }

        var recipients = new List<Mailbox>();
        var known = new HashSet<Mailbox>();
        foreach (HeaderField field in header.Fields)
        {
            if (isResent ? IsResentRecipient(header, field) : IsRecipient(header, field))
            {
                Add(header, field, recipients, known);
            }
        }

        return recipients;
    }

    private static bool IsRecipient(HeaderSection header, HeaderField field) =>
        header.IsNamed(field, "To"u8) || header.IsNamed(field, "Cc"u8) || header.IsNamed(field, "Bcc"u8);

    private static bool IsResentRecipient(HeaderSection header, HeaderField field) =>
        header.IsNamed(field, "Resent-To"u8) || header.IsNamed(field, "Resent-Cc"u8) || header.IsNamed(field, "Resent-Bcc"u8);

    private static void Add(HeaderSection header, HeaderField field, List<Mailbox> recipients, HashSet<Mailbox> known)
    {
        ReadOnlySpan<byte> value = header.Octets[field.ValueStart..field.End];
        var scanner = new AddressListScanner(value);
        while (scanner.TryNext(out HeaderAddress address))
        {
            Mailbox recipient = AddressText.Read(value, address)
                ?? throw Unreadable(header, field, value[address.LocalStart..address.DomainEnd], address.LocalStart);
            if (known.Add(recipient))
            {
                recipients.Add(recipient);
            }
        }

        if (scanner.Unread is { } unread)
        {
            throw Unreadable(header, field, value[unread], unread.Start.Value);
        }
    }

    private static SubmissionException Unreadable(HeaderSection header, HeaderField field, ReadOnlySpan<byte> text, int offset)
    {
        ReadOnlySpan<byte> blanks = " \t\r\n"u8;
        int line = header.LineOf(field.ValueStart + offset + text.Length - text.TrimStart(blanks).Length);
        return TextRefusals.NoAddress(line, text.Trim(blanks), header.Octets.Slice(field.Start, field.NameLength));
    }
}
