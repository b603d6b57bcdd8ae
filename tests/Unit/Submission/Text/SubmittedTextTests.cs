using System.Text;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class SubmittedTextTests
{
    [Theory]
    [InlineData("To: a\n\nText\n", "To: a\r\n\r\nText\r\n")]
    [InlineData("To: a\r\n\r\nText\r\n", "To: a\r\n\r\nText\r\n")]
    [InlineData("To: a\r\nSubject: b\n\nText\r\nText\n", "To: a\r\nSubject: b\r\n\r\nText\r\nText\r\n")] // PHP's header over its caller's text
    [InlineData("To: a\r\r\n\r\r\nText\r\r\n", "To: a\r\n\r\nText\r\n")]           // CRLF that was taken for LF
    [InlineData("To: a\n\nText", "To: a\r\n\r\nText\r\n")]                          // no final line end
    [InlineData("To: a\n\nText\r", "To: a\r\n\r\nText\r\n")]
    [InlineData("To: a\n\nOne\rtwo\r\r\rthree", "To: a\r\n\r\nOne\r\ntwo\r\n\r\n\r\nthree\r\n")]
    [InlineData("To: a\rb\n\nText\n", "To: a b\r\n\r\nText\r\n")]                   // begins no field
    [InlineData("To: a\r\r", "To: a\r\n\r\n")]
    [InlineData("To: a\n \t\nBcc: b\n", "To: a\r\n\r\nBcc: b\r\n")]                 // meant as the empty line
    [InlineData("To: a\n b\nText\n", "To: a\r\n b\r\n\r\nText\r\n")]                // no empty line
    [InlineData("To: a\n b", "To: a\r\n b\r\n\r\n")]                                // nothing but a header
    [InlineData("Text, no field: none\nTo: a\n", "\r\nText, no field: none\r\nTo: a\r\n")]
    [InlineData("One\rtwo\n", "\r\nOne\r\ntwo\r\n")]
    [InlineData(" One\n\n", "\r\n One\r\n\r\n")]
    [InlineData("\nTo: a\n", "\r\nTo: a\r\n")]
    [InlineData("", "\r\n")]
    [InlineData("From ann Mon Nov 22 12:00:00 2026\nTo: a\n\nText\n", "To: a\r\n\r\nText\r\n")]
    [InlineData(">From ann Mon Nov 22 12:00:00 2026\n continued\nTo: a\n\nText\n", "To: a\r\n\r\nText\r\n")]
    [InlineData("From now on\neverything is text\n", "\r\nFrom now on\r\neverything is text\r\n")]
    [InlineData("From now on\n\neverything is text\n", "\r\nFrom now on\r\n\r\neverything is text\r\n")]
    [InlineData("Bcc: b\nTo: a\nbcc : c,\n d\nResent-Bcc: e\nX: y\n\nBcc: f\n", "To: a\r\nX: y\r\n\r\nBcc: f\r\n")]
    public void Makes_a_message_of(string text, string message)
    {
        Assert.Equal(message, Submitted.Message(text));
        for (int atMost = 1; atMost < text.Length; atMost++)
        {
            using var submitted = SubmittedText.Read(new Submitted.Drip(Encoding.Latin1.GetBytes(text), atMost), new TextRequest());
            Assert.Equal(message, Submitted.Message(submitted));
        }
    }

    [Theory]
    [InlineData("To: a\n\nOne\n.\nTwo\n", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\r\n\r\nOne\r\n.\r\nTwo\r\n", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\n\nOne\n.", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\n\nOne\n.\r", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\n.\nBcc: b\n", "To: a\r\n\r\n")]
    [InlineData(".\nTwo\n", "\r\n")]
    [InlineData("To: a\n\n..\n.x\n. \n", "To: a\r\n\r\n..\r\n.x\r\n. \r\n")]
    [InlineData("To: a\n\nOne\r.\rTwo\n.\r.\n", "To: a\r\n\r\nOne\r\n.\r\nTwo\r\n.\r\n.\r\n")] // a lone CR begins no line that could end the text
    public void Ends_at_a_lone_dot_if_it_is_to(string text, string message)
    {
        for (int atMost = 1; atMost <= text.Length; atMost++)
        {
            using var submitted = SubmittedText.Read(
                new Submitted.Drip(Encoding.Latin1.GetBytes(text), atMost), new TextRequest { DotEndsText = true });
            Assert.Equal(message, Submitted.Message(submitted));
        }
    }

    [Theory]
    [InlineData("To: a\n\nText\0\n", "line 3 ")]
    [InlineData("To: a\0\n\nText\n", "line 1 ")]
    public void A_NUL_is_refused(string text, string where)
    {
        SubmissionException refusal = Assert.Throws<SubmissionException>(() => Submitted.Read(text));

        Assert.Equal(65, refusal.ExitCode);
        Assert.StartsWith(where, refusal.Message, StringComparison.Ordinal);
    }
}
