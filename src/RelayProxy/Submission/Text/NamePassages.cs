using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>Part of a field, to be read by people.</summary>
/// <param name="Start">Its first octet.</param>
/// <param name="End">Behind its last one.</param>
/// <param name="IsPhrase">There may be quoted strings in it, whose quotes say nothing (RFC 5322 §3.2.4).</param>
internal readonly record struct Passage(int Start, int End, bool IsPhrase)
{
    /// <summary>What it says, without folds and quotes.</summary>
    public byte[] Text(ReadOnlySpan<byte> field)
    {
        byte[] text = new byte[End - Start];
        int length = 0;
        for (int at = Start; at < End; at++)
        {
            byte octet = field[at];
            if (octet is (byte)'\r' or (byte)'\n' || (IsPhrase && octet == '"'))
            {
                continue;
            }

            if (IsPhrase && octet == '\\' && at + 1 < End)
            {
                octet = field[++at];
            }

            text[length++] = octet == '\t' ? (byte)' ' : octet;
        }

        return text[..length];
    }
}

/// <summary>Finds the names among addresses that hold letters beyond ASCII: in front of brackets (<c>Jürgen &lt;j@x&gt;</c>), and in comments
/// (<c>j@x (Jürgen)</c>).</summary>
internal static class NamePassages
{
    /// <param name="value">Where the list begins.</param>
    /// <returns>From left to right; none if anything about the list is doubtful, or an address itself has such letters.</returns>
    public static List<Passage> Find(ReadOnlySpan<byte> field, int value)
    {
        ReadOnlySpan<byte> list = field[value..];
        var passages = new List<Passage>();
        if (Addresses(list) is not { } addresses)
        {
            return passages;
        }

        var tokens = new HeaderTokens(list);
        int next = 0;
        int start = -1;
        int end = 0;
        do
        {
            tokens.Next();
            ReadOnlySpan<byte> gap = list[next..tokens.Start];
            bool isCommented = gap.Contains((byte)'(');
            bool isName = (tokens.IsWord || tokens.IsMark('.')) && !addresses.Exists(IsHere(tokens.Start));
            if (start >= 0 && (!isName || isCommented))
            {
                passages.Add(new Passage(value + start, value + end, IsPhrase: true));
                start = -1;
            }

            if (isCommented && !Ascii.IsValid(gap))
            {
                if (Comment(gap) is not { } comment)
                {
                    return [];
                }

                passages.Add(new Passage(value + next + comment.Start.Value, value + next + comment.End.Value, IsPhrase: false));
            }

            if (isName && !Ascii.IsValid(list[tokens.Start..tokens.End]))
            {
                start = start < 0 ? tokens.Start : start;
                end = tokens.End;
            }

            next = tokens.End;
        }
        while (tokens.Kind is not (HeaderTokenKind.End or HeaderTokenKind.Unended));

        return passages;
    }

    /// <summary><c>null</c> if what stands there is not addresses alone, or not all of them are ASCII.</summary>
    private static List<HeaderAddress>? Addresses(ReadOnlySpan<byte> list)
    {
        var addresses = new List<HeaderAddress>();
        var scanner = new AddressListScanner(list);
        while (scanner.TryNext(out HeaderAddress address))
        {
            if (!Ascii.IsValid(list[address.LocalStart..Math.Max(address.LocalEnd, address.DomainEnd)]))
            {
                return null;
            }

            addresses.Add(address);
        }

        return scanner.Unread is null ? addresses : null;
    }

    private static Predicate<HeaderAddress> IsHere(int place) =>
        address => address.LocalStart <= place && place < Math.Max(address.LocalEnd, address.DomainEnd);

    /// <summary>What one comment says, if there is only one, and nothing but text in it.</summary>
    private static Range? Comment(ReadOnlySpan<byte> gap)
    {
        int start = gap.IndexOf((byte)'(') + 1;
        int length = gap[start..].IndexOfAny((byte)'(', (byte)')', (byte)'\\');
        return length >= 0 && gap[start + length] == ')' && !gap[(start + length)..].Contains((byte)'(') ? start..(start + length) : null;
    }
}
