using System.Text;
using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Proof.Client;

/// <summary>
/// Two messages in one, in every way there is: all strings over CR, LF, dot and a letter between a message and the commands of another. The relay
/// and <see cref="ReferenceServer"/> must agree on what was sent, answer for answer and octet for octet.
/// </summary>
public class SmugglingTests
{
    private const string Envelope = "EHLO web1\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
    private const string Smuggled = "MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nsmuggled\r\n.\r\n";
    private const string Header = "Subject: x\r\n\r\n";

    [Theory]
    [InlineData(Header + "x", false)]
    [InlineData(Header + "x\r\n", false)]
    [InlineData(Header + "x", true)]
    [InlineData(Header + "x\r\n", true)]
    [InlineData("", false)]                     // where header fields are added in front
    [InlineData("x", true)]
    public async Task D02_Only_CRLF_dot_CRLF_ends_a_message(string before, bool rejects)
    {
        var options = new SessionOptions { BareNewlines = rejects ? BareNewlines.Reject : BareNewlines.Normalize };
        int length = Extent.Of(6, 8), variants = 0, disagreements = 0;
        string first = "";
        foreach (string between in Sequences.Words("\r\n.x", length).Prepend(""))
        {
            string wire = before + between + Smuggled;
            var reference = new ReferenceServer(rejects);
            reference.Take(wire);

            await using var session = new SessionUnderTest(options);
            session.Say(Envelope);
            string replies = string.Concat(session.Say(wire).Split("\r\n")[..^1].Select(line => line[..3] + " "));

            variants++;
            if (replies != reference.Replies || session.Ended.IsCompleted != reference.HangsUp || !Agree(session, reference.Messages, before))
            {
                disagreements++;
                first = first.Length == 0 ? $"{Escaped(between)}: answered {replies}, and not {reference.Replies}" : first;
            }
        }

        Figures.Note(
            "smuggling", ("behind", $"\"{Escaped(before)}\""), ("policy", options.BareNewlines), ("variants", variants), ("disagreements", disagreements));
        Assert.True(disagreements == 0, first);
    }

    [Fact]
    public void The_strings_are_all_there() => Assert.Equal(4 + 16 + 64, Sequences.Words("\r\n.x", 3).Distinct().Count());

    /// <summary>What is stored are the messages of the reference: to the octet, where the string stands in the body.</summary>
    private static bool Agree(SessionUnderTest session, List<string> messages, string before)
    {
        string[] stored = [.. session.Store.Messages.Select(message => Sequences.Text(session.Store.Octets(message.Id)))];
        return stored.Length == messages.Count
            && !stored.Any(ReferenceServer.HasLone)
            && (stored.Length == 0 || !before.StartsWith(Header, StringComparison.Ordinal) || Body(stored[0]) == Body(messages[0]))
            && (stored.Length < 2 || stored[1].EndsWith("\r\n\r\nsmuggled\r\n", StringComparison.Ordinal));
    }

    private static string Body(string message) => message[message.IndexOf("\r\n\r\n", StringComparison.Ordinal)..];

    private static string Escaped(string text) => new StringBuilder(text).Replace("\r", "\\r").Replace("\n", "\\n").ToString();
}
