using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class MimeFieldsTests
{
    private const string Version = "MIME-Version: 1.0\r\n";
    private const string Utf8 = "Content-Type: text/plain; charset=utf-8\r\n";
    private const string Unknown = "Content-Type: text/plain; charset=unknown-8bit\r\n";
    private const string EightBit = "Content-Transfer-Encoding: 8bit\r\n";

    // The header, the body, what is added. Letters are octets.
    [Theory]
    [InlineData("", "Text", "")]
    [InlineData("", "Gr\u00c3\u00bc\u00c3\u009fe", Version + Utf8 + EightBit)]
    [InlineData("", "Gr\u00fc\u00dfe", Version + Unknown + EightBit)]
    [InlineData("", "Gr\u00c3", Version + Unknown + EightBit)]                      // cut off in a letter
    [InlineData("", "Gr\u00c3\n\u00bc", Version + Unknown + EightBit)]
    [InlineData("MIME-Version: 1.0\r\n", "\u00fc", "")]                              // who says that much may say what it means
    [InlineData("Content-Type: text/html; charset=iso-8859-1\r\n", "\u00fc", Version + EightBit)]
    [InlineData("Content-Transfer-Encoding: binary\r\n", "\u00fc", Version + Unknown)]
    [InlineData("Keywords: \u00fc\r\n", "Text", "")]
    public void Are_added_to_a_text_beyond_ASCII_that_has_none(string header, string body, string added)
    {
        using SubmittedText text = Submitted.Read($"{header}\n{body}\n");

        Assert.Equal($"{header}{added}\r\n{body.Replace("\n", "\r\n", StringComparison.Ordinal)}\r\n", Submitted.Message(text));
        Assert.Equal(header.Contains('\u00fc'), text.NeedsSmtpUtf8);
        Assert.Equal((header + body).Any(letter => letter > 127), text.IsEightBit);
    }

    [Fact]
    public void A_blind_copy_to_a_name_beyond_ASCII_needs_nothing_of_the_header()
    {
        using SubmittedText text = Submitted.Read("To: a\nBcc: \u00c3\u00bc@x\n\nText\n");

        Assert.False(text.NeedsSmtpUtf8 || text.IsEightBit);
    }
}
