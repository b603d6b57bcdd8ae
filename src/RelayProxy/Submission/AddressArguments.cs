using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Submission;

/// <summary>Reads addresses as they stand among a sendmail's arguments: one, or a list with commas or blanks between them; bare names, and
/// names in front of brackets.</summary>
internal static class AddressArguments
{
    /// <exception cref="SubmissionException">One cannot be read, so that whoever was meant would never know.</exception>
    public static List<Mailbox> Read(IReadOnlyList<string> words)
    {
        var mailboxes = new List<Mailbox>();
        foreach (string word in words)
        {
            for (ReadOnlySpan<char> rest = word; !rest.IsEmpty;)
            {
                int end = EndOfItem(rest);
                ReadItem(rest[..end].Trim(), mailboxes);
                rest = rest[Math.Min(end + 1, rest.Length)..];
            }
        }

        return mailboxes;
    }

    /// <summary>One address: a sender.</summary>
    /// <exception cref="SubmissionException">It is none.</exception>
    public static Mailbox ReadOne(string word) => TryRead(word.AsSpan().Trim()) ?? throw NoAddress(word);

    private static void ReadItem(ReadOnlySpan<char> item, List<Mailbox> mailboxes)
    {
        if (item.IsEmpty)
        {
            return;
        }

        if (TryRead(item) is { } mailbox)
        {
            mailboxes.Add(mailbox);
            return;
        }

        foreach (Range range in item.SplitAny(' ', '\t', '\n', '\r'))
        {
            ReadOnlySpan<char> part = item[range];
            if (!part.IsEmpty)
            {
                mailboxes.Add(TryRead(part) ?? throw NoAddress(part));
            }
        }
    }

    private static Mailbox? TryRead(ReadOnlySpan<char> text)
    {
        // The runtime has this stand for octets that are not UTF-8: who was meant is not to be known any more.
        if (text.Contains('\uFFFD'))
        {
            return null;
        }

        if (MailboxParser.TryParse(text, out Mailbox? plain))
        {
            return plain;
        }

        byte[] octets = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        ReadOnlySpan<byte> list = octets.AsSpan(0, Encoding.UTF8.GetBytes(text, octets));
        var scanner = new AddressListScanner(list);
        return scanner.TryNext(out HeaderAddress first) && !scanner.TryNext(out _) ? AddressText.Read(list, first) : null;
    }

    /// <summary>Up to a comma that stands neither in quotes nor in brackets.</summary>
    private static int EndOfItem(ReadOnlySpan<char> list)
    {
        bool isQuoted = false;
        bool isBracketed = false;
        for (int at = 0; at < list.Length; at++)
        {
            switch (list[at])
            {
                case '\\':
                    at++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '<' when !isQuoted:
                    isBracketed = true;
                    break;
                case '>' when !isQuoted:
                    isBracketed = false;
                    break;
                case ',' when !isQuoted && !isBracketed:
                    return at;
            }
        }

        return list.Length;
    }

    private static SubmissionException NoAddress(ReadOnlySpan<char> text) => new(ExitCode.DataError, $"\"{text}\" is no address; nothing was sent");
}
