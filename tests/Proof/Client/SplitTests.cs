using System.Text;
using System.Text.RegularExpressions;
using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Proof.Client;

/// <summary>However the octets of a session are cut into pieces, the answers and the messages are the same.</summary>
public partial class SplitTests
{
    private const int Octets = 2000;

    /// <summary>Every state a session can be in, and every octet that means something there. But no DATA that is refused: what stands behind that
    /// already can only be content (E06), so there it matters how the octets come.</summary>
    private const string Beginning =
        "EHLO web1\r\nNOOP\nFOO\r\n"
        + "MAIL FROM:<a@example.net> SIZE=100 BODY=8BITMIME ENVID=a+2Bb\r\nRCPT TO:<b@example.com> NOTIFY=NEVER\r\nRCPT TO:<>\r\nRCPT TO:<\"q \\\" r\"@example.com>\r\nDATA\r\n"
        + "Subject: one\r\nTo: a@example.net,\r\n b@example.com\r\n\r\n..dot\r\n.x\r\n\r\n.\rx\n.\n\r.\r\r\nx\r\n.\r\n"
        + "MAIL FROM:<>\r\nRSET\r\nMAIL FROM:<c@example.net> SMTPUTF8\r\nRCPT TO:<\u00c3\u00bc@example.com>\r\n"
        + "BDAT 13\r\nSubject: two\rBDAT 7\r\n\n\r\n.\r\n\rBDAT 0\r\nBDAT 5 LAST\r\n\n.\r\n.VRFY x\r\n"
        + "MAIL FROM:<a@example.net>\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com> FOO=BAR\r\nRCPT TO:<b@example.com>\r\nDATA\r\nno header\r\n";

    private const string End = ".\r\nHELP\r\nQUIT\r\n";

    private static readonly string s_session = Beginning + Filling(Octets - Beginning.Length - End.Length) + End;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task E05_Every_cut_gives_the_same_answers_and_the_same_messages(bool rejects)
    {
        // Where they are refused, the first message is the last.
        string octets = rejects ? s_session.Replace("NOOP\n", "NOOP\r\n", StringComparison.Ordinal) : s_session;
        (string, string) whole = await PlayAsync(rejects, octets);
        for (int cut = 1; cut < octets.Length; cut++)
        {
            Assert.Equal(whole, await PlayAsync(rejects, octets[..cut], octets[cut..]));
        }

        Assert.Equal(whole, await PlayAsync(rejects, [.. octets.Select(octet => octet.ToString())]));
        Figures.Note("splits in two", ("lone CR and LF", rejects ? "refused" : "mended"), ("octets", octets.Length), ("cuts", octets.Length - 1), ("disagreements", 0));
    }

    [Fact]
    public async Task E05_So_does_every_pair_of_cuts()
    {
        // In full every pair; else one in so many, and others in the next run.
        int step = Extent.Of(997, 1), cuts = 0;
        int skipped = Random.Shared.Next(step);
        (string Replies, string Stored) whole = await PlayAsync(rejects: false, s_session);
        Assert.Equal((Octets, 3), (s_session.Length, whole.Stored.Count(octet => octet == '\0')));
        for (int first = 1; first < Octets; first++)
        {
            for (int second = first + 1; second < Octets; second++)
            {
                if (skipped++ % step == 0)
                {
                    cuts++;
                    (string, string) parted = await PlayAsync(rejects: false, s_session[..first], s_session[first..second], s_session[second..]);
                    Assert.True(whole == parted, $"cut at {first} and {second}");
                }
            }
        }

        Figures.Note("splits in three", ("octets", Octets), ("pairs of cuts", cuts), ("disagreements", 0));
    }

    /// <summary>Lines that are a message's, of all lengths, so many octets of them.</summary>
    private static string Filling(int octets)
    {
        var text = new StringBuilder();
        for (int line = 0; text.Length < octets; line++)
        {
            text.Append('.', line % 3).Append('y', line % 40).Append("\r\n");
        }

        return text.ToString(text.Length - octets, octets - 2) + "\r\n";
    }

    private static async Task<(string Replies, string Stored)> PlayAsync(bool rejects, params string[] pieces)
    {
        await using var session = new SessionUnderTest(new SessionOptions { BareNewlines = rejects ? BareNewlines.Reject : BareNewlines.Normalize });
        var replies = new StringBuilder(session.Hear());
        foreach (string piece in pieces)
        {
            replies.Append(session.Say(piece));
        }

        string stored = string.Concat(session.Store.Messages.Select(message => Sequences.Text(session.Store.Octets(message.Id)) + "\0"));
        return (QueueIds().Replace(replies.ToString(), "ID"), QueueIds().Replace(stored, "ID"));
    }

    [GeneratedRegex(@"[0-9A-HJKMNP-TV-Z]{13}(\.[0-9a-f]{16})?")]
    private static partial Regex QueueIds();
}
