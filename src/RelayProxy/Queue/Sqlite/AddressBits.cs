using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// Whom a message may be from or to, in 64 bits: three for each address and three for each domain (a Bloom filter). A message that lacks
/// a bit of what is looked for has nothing to do with it; of those that have them all, with one recipient, one in two hundred has not either.
/// </summary>
internal static class AddressBits
{
    /// <summary>May be anybody's.</summary>
    public const long All = -1;

    /// <summary>May be nobody's in particular: every message has these.</summary>
    private const long None = 0;

    public static long Of(Mailbox? sender, ReadOnlySpan<QueuedRecipient> recipients)
    {
        long bits = sender is null ? Bits("<>") : Of(sender);
        foreach (QueuedRecipient recipient in recipients)
        {
            // Many recipients fill it up, and the rest need not be looked at.
            if (bits == All)
            {
                break;
            }

            bits |= Of(recipient.Recipient.Address);
        }

        return bits;
    }

    /// <summary>What every message has that <see cref="QueueSelection.Address"/> matches.</summary>
    public static long OfSearch(string address) => address == "@" ? None : Bits(address);

    private static long Of(Mailbox mailbox)
    {
        string text = mailbox.ToString();
        long bits = Bits(text);
        return mailbox.IsBare ? bits : bits | Bits(text.AsSpan(text.Length - mailbox.Domain.Length - 1));
    }

    private static long Bits(ReadOnlySpan<char> text)
    {
        // Knuth's multiplier: the key's upper bits then depend on all the others.
        ulong mixed = (ulong)AddressKey.Of(text) * 11400714819323198485;
        return 1L << (int)(mixed >> 58) | 1L << (int)(mixed >> 52 & 63) | 1L << (int)(mixed >> 46 & 63);
    }
}
