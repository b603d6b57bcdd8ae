using System.Text;

namespace RelayProxy.Integration.Foreign;

/// <summary>Messages that relays have been known to damage: each is sent by each client and has to arrive as it was, octet for octet.</summary>
internal static class Letter
{
    /// <summary>By name; LF line ends, which every client makes CRLF of.</summary>
    private static readonly Dictionary<string, string> s_letters = new()
    {
        ["plain"] = Header("plain") + "\nHello.\n",
        ["empty-body"] = Header("empty body") + "\n",
        ["dots"] = Header("dots") + "\n.\n..\n...\n.hidden\n .\n. \n.\nend.\n",
        ["blank-lines"] = Header("blank lines") + "\n\n\n\ntext\n\n\n",
        ["blanks-at-line-ends"] = Header("blanks") + "X-Trailing: blank \t\n\ntext \ntab\t\n \n",
        ["mbox-lines"] = Header("mbox") + "\nFrom here on\n>From there\nFrom \n",
        ["folded-and-odd-header"] = Header("odd") + "X-Folded: one\n\ttwo\n three\nx-lower:no blank\nX-EMPTY:\nBcc: secret@example.net\nReturn-Path: <elsewhere@example.net>\n"
            + "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.org;\n  h=from:to;\n  bh=AAAA=; b=BBBB\n\ntext\n",
        ["eight-bit"] = Header("eight bit") + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nJürgen, 漢字, €\n",
        ["lines-of-998"] = Header("long lines") + "\n" + new string('a', 998) + "\n" + new string('.', 998) + "\nend\n",
        ["larger-than-a-row"] = Header("large") + "\n" + string.Concat(Enumerable.Range(0, 12_000).Select(number => $"{number,8} of a message that goes to a file\n")),
    };

    public static IEnumerable<string> Names => s_letters.Keys;

    /// <summary>With LF line ends.</summary>
    public static byte[] Octets(string name) => Encoding.UTF8.GetBytes(s_letters[name]);

    /// <summary>Which of them this is, by its Message-ID; empty: none.</summary>
    public static string NameOf(byte[] arrived)
    {
        string text = Encoding.UTF8.GetString(arrived);
        return s_letters.FirstOrDefault(letter => text.Contains(MessageId(letter.Value), StringComparison.Ordinal)).Key ?? "";
    }

    /// <summary>Above what was sent stand fields that begin so, in this order, and nothing else.</summary>
    /// <returns>What stands above.</returns>
    public static string AssertSame(byte[] sent, byte[] arrived, string what, params string[] fields)
    {
        Assert.True(
            arrived.AsSpan().EndsWith(sent),
            $"{what}: what arrived does not end in what was sent:\n{Encoding.UTF8.GetString(arrived.AsSpan()[..Math.Min(3000, arrived.Length)])}");
        string added = Encoding.ASCII.GetString(arrived, 0, arrived.Length - sent.Length);
        Assert.Collection(
            added.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] is not (' ' or '\t')),
            [.. fields.Select(field => (Action<string>)(line => Assert.StartsWith(field, line, StringComparison.Ordinal)))]);
        return added;
    }

    private static string MessageId(string letter) => letter.Split('\n').First(line => line.StartsWith("Message-ID:", StringComparison.Ordinal));

    /// <summary>Everything that intake would add is there, so that nothing needs adding.</summary>
    private static string Header(string subject) =>
        $"From: Sender <sender@example.org>\nTo: somebody@example.net\nSubject: {subject}\n"
        + $"Date: Sun, 22 Nov 2026 05:00:00 +0000\nMessage-ID: <{subject.Replace(' ', '-')}@example.org>\n";
}
