using RelayProxy.Harness;
using RelayProxy.Intake;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class LongLinesTests
{
    private const string Version = "MIME-Version: 1.0\r\n";
    private const string Encoding = "Content-Transfer-Encoding: quoted-printable\r\n";
    private const string Utf8 = "Content-Type: text/plain; charset=utf-8\r\n";
    private const string Unknown = "Content-Type: text/plain; charset=unknown-8bit\r\n";
    private const string Short = "From here = \u0001\r\n.\r\n..\r\n \r\nend \t\r\n\r\n";

    private static readonly string s_long = new string('a', 200) + ". From . " + new string(' ', 400) + new string('=', 400) + "\r\n";

    // The header, and what it becomes where the body has a line too long.
    [Theory]
    [InlineData("", Version + Encoding)]
    [InlineData("Content-Type: text/html; charset=x\r\n", "Content-Type: text/html; charset=x\r\n" + Version + Encoding)]
    [InlineData("Mime-Version: 1.0\r\nContent-type: TEXT/plain (c)\r\n", "Mime-Version: 1.0\r\nContent-type: TEXT/plain (c)\r\n" + Encoding)]
    [InlineData("content-transfer-encoding:\r\n (c) 7BIT\r\nX: y\r\nMIME-Version: 1.0\r\n", "X: y\r\nMIME-Version: 1.0\r\n" + Encoding)]
    [InlineData("Content-Transfer-Encoding: 8bit\r\n", Version + Encoding)]
    public void Text_of_one_part_is_encoded(string header, string becomes)
    {
        using SubmittedText text = Submitted.Read($"{header}\r\n{Short}{s_long}{Short}");
        string message = Submitted.Message(text);

        Assert.StartsWith(becomes + "\r\n", message, StringComparison.Ordinal);
        Assert.Equal(Short + s_long + Short, QuotedPrintableText.Decoded(message[(becomes.Length + 2)..]));
        Assert.False(text.IsEightBit);
    }

    [Theory]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n")]
    [InlineData("Content-Type: multipart/signed; boundary=b\r\n")]
    [InlineData("Content-Type: application/pkcs7-mime\r\n")]
    [InlineData("Content-Type: message/rfc822\r\n")]
    [InlineData("Content-Type: text\r\n")]
    [InlineData("Content-Type:\r\n")]
    [InlineData("Content-Type: text/plain\r\nContent-Type: text/html\r\n")]
    [InlineData("Content-Transfer-Encoding: base64\r\n")]
    [InlineData("Content-Transfer-Encoding: quoted-printable\r\n")]
    [InlineData("Content-Transfer-Encoding: 8bit, or not\r\n")]
    [InlineData("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 7bit\r\n")]
    [InlineData("DKIM-Signature: v=1\r\n")]
    [InlineData("ARC-Message-Signature: i=1\r\n")]
    public void Anything_else_stays_as_it_is(string header)
    {
        string message = $"{header}\r\n{Short}{s_long}";

        Assert.Equal(message, Submitted.Message(message));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("\r\n", false)]
    [InlineData("> ", true)]
    [InlineData("x\r\n ", true)]
    public void Text_with_a_signature_of_PGP_stays_as_it_is(string before, bool isEncoded)
    {
        string message = $"\r\n{before}-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n{s_long}";

        Assert.Equal(isEncoded, Submitted.Message(message) != message);
    }

    [Fact]
    public void A_signature_of_PGP_is_seen_across_the_pieces_of_a_long_text()
    {
        string line = "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n";
        for (int cut = 0; cut <= line.Length + 2; cut++)
        {
            string message = "\r\n" + s_long + new string('x', (1024 * 1024) - s_long.Length - cut) + line + "End\r\n";
            Assert.Equal(message.Length, Submitted.Message(message).Length);
        }
    }

    [Theory]
    [InlineData("", "\u00c3\u00bc", Version + Utf8 + Encoding)]
    [InlineData("", "\u00fc", Version + Unknown + Encoding)]
    [InlineData("MIME-Version: 1.0\r\n", "\u00fc", "MIME-Version: 1.0\r\n" + Unknown + Encoding)]
    [InlineData("Content-Type: text/plain; charset=latin1\r\n", "\u00fc", "Content-Type: text/plain; charset=latin1\r\n" + Version + Encoding)]
    public void An_encoded_text_says_what_it_was(string header, string letters, string becomes)
    {
        using SubmittedText text = Submitted.Read($"{header}\r\n{letters}{s_long}");
        string message = Submitted.Message(text);

        Assert.StartsWith(becomes + "\r\n", message, StringComparison.Ordinal);
        Assert.Equal(letters + s_long, QuotedPrintableText.Decoded(message[(becomes.Length + 2)..]));
        Assert.False(text.IsEightBit);
    }

    [Fact]
    public void A_line_has_998_octets()
    {
        string allowed = $"\r\n{new string('x', 998)}\r\n";

        Assert.Equal(allowed, Submitted.Message(allowed));
        Assert.Equal(allowed, Submitted.Message(allowed, new TextRequest { LongLines = LongLines.Refuse }));
        Assert.Contains(Encoding, Submitted.Message($"\r\nx{allowed[2..]}"), StringComparison.Ordinal);
    }

    [Fact]
    public void They_are_kept_on_request()
    {
        string message = $"Subject: x {new string('y', 990)}\r\n\r\n{s_long}";

        Assert.Equal(message, Submitted.Message(message, new TextRequest { LongLines = LongLines.Keep }));
    }

    [Theory]
    [InlineData("To: a\n\n\nText\n{0}\nmore", 5)]
    [InlineData("{0}", 1)]
    [InlineData("To: a\nSubject: b\n {0}\n\nText\n", 3)]
    [InlineData("To: a\n{0}", 2)]
    public void They_are_refused_on_request(string text, int line)
    {
        byte[] octets = Sequences.Octets(text.Replace("{0}", new string('x', 999), StringComparison.Ordinal));
        foreach (int atMost in (int[])[1, 7, 998, 999, 5000])
        {
            SubmissionException refusal = Assert.Throws<SubmissionException>(
                () => SubmittedText.Read(new Submitted.Drip(octets, atMost), new TextRequest { LongLines = LongLines.Refuse }));

            Assert.Equal(65, refusal.ExitCode);
            Assert.StartsWith($"line {line} has more than 998 octets", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_blind_copy_that_is_taken_out_anyway_may_be_long() =>
        Assert.Equal("\r\n", Submitted.Message($"Bcc: {new string('x', 999)}\n\n", new TextRequest { LongLines = LongLines.Refuse }));

    [Theory]
    [InlineData(997, " ")]
    [InlineData(990, "\t \t")]
    [InlineData(1, " ")]
    [InlineData(1500, " ")]                                                        // a word that has to be by itself
    public void A_long_line_of_a_field_is_folded_at_its_blanks(int word, string blanks)
    {
        string[] words = [.. Enumerable.Range(0, 3000 / word).Append(0).Append(0).Select(_ => new string('w', word))];
        string field = $"Subject: {string.Join(blanks, words)}{blanks}\r\n";

        string message = Submitted.Message(field + "\r\n");

        Assert.Equal(field + "\r\n", message.Replace("\r\n ", " ", StringComparison.Ordinal).Replace("\r\n\t", "\t", StringComparison.Ordinal));
        Assert.All(message.Split("\r\n"), line => Assert.True(line.Length <= Math.Max(998, word + (2 * blanks.Length))));
        Assert.All(message.Split("\r\n")[..^2], line => Assert.NotEqual("", line.Trim()));
        Assert.All(message.Split("\r\n")[..^3], line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void A_field_without_blanks_stays_and_so_does_one_that_is_signed()
    {
        string endless = $"X:{new string('y', 5000)}   \r\n\r\n";
        string signed = $"Subject: {new string('y', 900)} {new string('y', 900)}\r\nDKIM-Signature: v=1\r\n\r\n";

        Assert.Equal(endless, Submitted.Message(endless));
        Assert.Equal(signed, Submitted.Message(signed));
    }
}
