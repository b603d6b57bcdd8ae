using System.Text;
using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>One message in, one message queued, whatever stands where an end might be read.</summary>
public class SmugglingTests
{
    private const string Envelope = "EHLO web1\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
    private const string Smuggled = "MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nsmuggled\r\n.\r\n";

    /// <summary>All strings over CR, LF, dot and a letter, up to a length.</summary>
    public static IEnumerable<string> Strings(int length) =>
        length == 0 ? [""] : Strings(length - 1).SelectMany(text => text.Length == length - 1 ? new[] { text, text + '\r', text + '\n', text + '.', text + 'x' } : [text]);

    [Theory]
    [InlineData("x", false)]
    [InlineData("x\r\n", false)]
    [InlineData("x", true)]
    [InlineData("x\r\n", true)]
    public async Task D02_Only_CRLF_dot_CRLF_ends_a_message(string before, bool rejects)
    {
        BareNewlines policy = rejects ? BareNewlines.Reject : BareNewlines.Normalize;
        foreach (string between in Strings(5).Distinct())
        {
            string content = before + between + Smuggled;
            await using var session = new SessionUnderTest(new SessionOptions { BareNewlines = policy });
            session.Say(Envelope);
            string replies = session.Say(content);

            // The reference: what stands before the first CRLF.CRLF, the one behind DATA's own CRLF included, is the message.
            string wire = "\r\n" + content;
            int end = wire.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
            string message = wire[2..(end + 2)];
            string behind = wire[(end + 5)..];
            if (rejects && HasBareNewline(message))
            {
                Assert.Empty(session.Store.Messages);
                Assert.StartsWith("550 5.6.11 ", replies, StringComparison.Ordinal);
                Assert.Equal(SessionEnd.BareNewline, await session.Ended);
                continue;
            }

            // Where the string itself held the end, and what is left of it is a line of its own, the second message was not smuggled: it was
            // sent. (The line is an unknown command.)
            string left = behind.EndsWith(Smuggled, StringComparison.Ordinal) ? behind[..^Smuggled.Length] : "x";
            bool isSent = left.Length == 0 || left.EndsWith(rejects ? "\r\n" : "\n", StringComparison.Ordinal);
            Assert.Equal((Escape(between), isSent ? 2 : 1), (Escape(between), session.Store.Messages.Count));
            foreach (var stored in session.Store.Messages)
            {
                Assert.False(HasBareNewline(Sequences.Text(session.Store.Octets(stored.Id))), Escape(between));
            }
        }
    }

    [Fact]
    public void The_strings_are_all_there() => Assert.Equal(1 + 4 + 16 + 64, Strings(3).Distinct().Count());

    private static bool HasBareNewline(string text)
    {
        string rest = text.Replace("\r\n", "", StringComparison.Ordinal);
        return rest.Contains('\r', StringComparison.Ordinal) || rest.Contains('\n', StringComparison.Ordinal);
    }

    private static string Escape(string text) => new StringBuilder(text).Replace("\r", "\\r").Replace("\n", "\\n").ToString();
}
