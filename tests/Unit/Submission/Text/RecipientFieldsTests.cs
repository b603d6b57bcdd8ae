using System.Text;
using RelayProxy.Harness;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class RecipientFieldsTests
{
    private static readonly TextRequest s_fromHeader = new() { RecipientsFromHeader = true };

    // The header, and who gets it, separated by blanks.
    [Theory]
    [InlineData("To: root\n", "root")]
    [InlineData("to : a@x\nCC: b@y\nBcc:c@z\n", "a@x b@y c@z")]
    [InlineData("To: a@x, b@y\nTo: c@z\nCc: a@X\n", "a@x b@y c@z")]                    // nobody twice, more than one field
    [InlineData("To: a@x,\r\n\tb@y,\n c@z,\n", "a@x b@y c@z")]                        // folded, both line ends, trailing comma
    [InlineData("To: \"Doe, John\" <a@x>, Jane (the, other) <b@y>, (c) c@z (c)\n", "a@x b@y c@z")]
    [InlineData("To: =?utf-8?q?J=C3=BCrgen?= <a@x>, =?utf-8?q?Doe,_J?= <b@y>\n", "a@x b@y")]
    [InlineData("To: Team: a@x, Bo <b@y>;, c@z\n", "a@x b@y c@z")]
    [InlineData("To: undisclosed-recipients:;\nBcc: a@x\n", "a@x")]
    [InlineData("To: Nobody <>,,\nCc:\nBcc: a@x\n", "a@x")]
    [InlineData("To: <@one,@two.example:a@x>\n", "a@x")]
    [InlineData("To: \"a b\"@x, <a@[127.0.0.1]>\n", "\"a b\"@x a@[127.0.0.1]")]
    [InlineData("To: j\u00fcrgen@m\u00fcnchen.example, J\u00fcrgen <j@x>\n", "j\u00fcrgen@m\u00fcnchen.example j@x")]
    [InlineData("To: a@x\nResent-To: b@y\nResent-Cc: c@z\nBcc: d@w\n", "b@y c@z")]      // the first time they have had it
    [InlineData("To: a@x\nResent-Bcc: b@y\n", "b@y")]
    [InlineData("To: a@x\nResent-From: b@y\n", "a@x")]
    [InlineData("From: a@x\nReply-To: b@x\nX-To: c@x\nApparently-To: d@x\n", "")]
    [InlineData("To: a@x\n", "a@x")]
    [InlineData("", "")]
    public void Say_who_gets_it(string header, string recipients)
    {
        Assert.Equal(recipients, Recipients(header + "\nBcc: evil@example.net\n"));
        Assert.Equal(recipients, Recipients(header));
        Assert.Equal("", Recipients(header, new TextRequest()));
    }

    [Theory]
    [InlineData("To: a@x\r\nSubject: PHP\r\n\r\nBcc: evil@x\n\nTo: evil@x\n")]         // CRLF header, LF text
    [InlineData("To: a@x\nSubject: b\n\r\nBcc: evil@x\n")]
    [InlineData("To: a@x\r\n\r\r\nBcc: evil@x\n")]
    [InlineData("To: a@x\n  \nBcc: evil@x\n")]
    [InlineData("To: a@x\n\t\r\nBcc: evil@x\n")]
    [InlineData("To: a@x\nSubject: b\rBcc: evil@x\n\n")]
    [InlineData("To: a@x\nSubject: b\n\rBcc: evil@x\n\n")]
    [InlineData("To: a@x\nText\nBcc: evil@x\n")]
    [InlineData("To: a@x\n: no name\nBcc: evil@x\n")]
    [InlineData("From root Mon Nov 22\nTo: a@x\n\nBcc: evil@x\n")]
    public void Are_never_in_a_body(string text)
    {
        foreach (bool dotEndsText in (bool[])[false, true])
        {
            TextRequest request = s_fromHeader with { DotEndsText = dotEndsText };
            for (int atMost = 1; atMost <= text.Length; atMost++)
            {
                using var submitted = SubmittedText.Read(new Submitted.Drip(Sequences.Octets(text), atMost), request);
                Assert.Equal("a@x", string.Join(' ', submitted.HeaderRecipients));
            }
        }
    }

    [Theory]
    [InlineData("To: a@x\nCc: b@y,\n John Doe,\n c@z\n", "line 3: \"John Doe\" in Cc is no address;")]
    [InlineData("To: \"without end, a@x\n", "line 1: \"\"without end, a@x\" in To is no address;")]
    [InlineData("To: a@x (without end\n", "line 1: \"a@x (without end\" in To")]
    [InlineData("Subject: b\nto: (without end\n", "line 2: \"(without end\" in to")]
    [InlineData("To: a@x b@y\n", "line 1: \"a@x b@y\" in To")]
    [InlineData("To: <a@x> b@y\n", "line 1: \"<a@x> b@y\" in To")]
    [InlineData("To: <a@x\n", "line 1: \"<a@x\" in To")]
    [InlineData("To: <> tail\n", "line 1: \"<> tail\" in To")]
    [InlineData("To: =?utf-8?q?J=C3=BCrgen?=\n", "line 1: \"=?utf-8?q?J=C3=BCrgen?=\" in To")]
    [InlineData("To: Team: \"Bo\";\n", "line 1: \"\"Bo\"\" in To")]
    [InlineData("To: a@-x-\n", "line 1: \"a@-x-\" in To")]
    [InlineData("To: a@x,\n \u001b[2J@y\n", "line 2: \"\\x1b[2J@y\" in To")]
    [InlineData("From x\nResent-To: a@\nTo: b@y\n", "line 2: \"a@\" in Resent-To")]
    public void What_is_no_address_is_told_with_its_line(string text, string sentence)
    {
        SubmissionException refusal = Assert.Throws<SubmissionException>(() => Submitted.Read(text, s_fromHeader));

        Assert.Equal(65, refusal.ExitCode);
        Assert.StartsWith(sentence, refusal.Message, StringComparison.Ordinal);
        using SubmittedText unasked = Submitted.Read(text);
        Assert.Empty(unasked.HeaderRecipients);
    }

    [Fact]
    public void Octets_that_are_not_UTF_8_are_no_address() =>
        Assert.Equal(65, Assert.Throws<SubmissionException>(() => SubmittedText.Read(new MemoryStream([.. "To: "u8, 0xfc, .. "@x\n"u8]), s_fromHeader)).ExitCode);

    // Were anything in it quadratic, each of these would take hours.
    [Theory]
    [InlineData("a@x,")]
    [InlineData("(")]
    [InlineData("()")]
    [InlineData("<")]
    [InlineData("\"\\")]
    [InlineData("g:a;")]
    [InlineData("\n ")]
    [InlineData("\r")]
    [InlineData(" ")]
    [InlineData("\r\n\t")]
    [InlineData("=?q?x,")]
    [InlineData("\nTo: a@x, ")]
    [InlineData("\nX: ")]
    public void Half_a_million_octets_of_anything_are_read_at_once(string piece)
    {
        string text = "To: " + string.Concat(Enumerable.Repeat(piece, 512 * 1024 / piece.Length)) + "\n\n";
        int recipients = 0;
        try
        {
            recipients = Recipients(text).Length;
        }
        catch (SubmissionException refusal)
        {
            Assert.Contains("is no address", refusal.Message, StringComparison.Ordinal);
            recipients = -1;
        }

        Assert.Equal(piece switch { "a@x," or "\nTo: a@x, " => 3, "g:a;" => 1, "(" or "<" or "\"\\" => -1, _ => 0 }, recipients);
    }

    private static string Recipients(string text, TextRequest? request = null)
    {
        using var submitted = SubmittedText.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), request ?? s_fromHeader);
        return string.Join(' ', submitted.HeaderRecipients);
    }
}
