using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using RelayProxy.Harness;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

/// <summary>What holds for every text, whatever it is made of.</summary>
public partial class SubmittedTextPropertyTests
{
    /// <summary>What texts are made of, and what breaks them. One octet a letter.</summary>
    private static readonly string[] s_scraps =
    [
        "\n", "\n", "\r\n", "\r", "\r\r\n", ".", "\n.\n", "\r\n.\r\n", " ", "\t", "\n ", "To: a@x", "\nBcc: b@y", "\nCc: c@z,", "\nSubject: s", "\nFrom: f",
        "From x", ">From x", ":", "=", "x", "\u00c3\u00bc", "\u00fc", "\nMIME-Version: 1.0", "\nContent-Type: text/plain", "\nContent-Type: multipart/x",
        "\nContent-Transfer-Encoding: 8bit", "\nDKIM-Signature: x", "\nResent-To: d@w", "\n-----BEGIN PGP SIGNED MESSAGE-----\n", "<", "\"", new string('y', 600),
        new string('y', 399) + " ", new string('y', 399) + " :",
    ];

    private static readonly Gen<string> s_text = Gen.Elements(s_scraps).ListOf().Select(string.Concat);

    [Fact]
    public void A_body_keeps_every_octet_but_its_line_ends() => Check(s_text, body =>
    {
        string message = Submitted.Message("MIME-Version: 1.0\n\n" + body, new TextRequest { LongLines = LongLines.Keep });

        Assert.Equal("MIME-Version: 1.0\r\n\r\n" + Normal(body), message);
    });

    [Fact]
    public void What_is_encoded_says_what_it_said() => Check(s_text, body =>
    {
        string text = new string('z', 999) + Normal(body);
        string message = Submitted.Message("MIME-Version: 1.0\nContent-Type: text/plain\n\n" + text);

        int end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        bool isSigned = text.Contains("\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n", StringComparison.Ordinal);
        Assert.Equal(Normal(text), isSigned ? message[end..] : QuotedPrintableText.Decoded(message[end..]));
    });

    [Fact]
    public void A_message_has_CRLF_line_ends_only_and_no_blind_copies_and_is_the_same_in_any_pieces() => Check(s_text, text =>
    {
        foreach (TextRequest request in (TextRequest[])[new(), new() { DotEndsText = true, FullName = "N", Sender = "s", Warnings = ["w"] }])
        {
            string message = Submitted.Message(text, request);
            for (int atMost = 1; atMost < 9; atMost++)
            {
                using var inPieces = SubmittedText.Read(new Submitted.Drip(Sequences.Octets(text), atMost), request);
                Assert.Equal(message, Submitted.Message(inPieces));
            }

            Assert.Equal(-1, message.Replace("\r\n", "", StringComparison.Ordinal).IndexOfAny(['\r', '\n']));
            Assert.EndsWith("\r\n", message, StringComparison.Ordinal);

            byte[] octets = Sequences.Octets(message);
            var header = new HeaderBlock();
            Assert.Equal(HeaderStatus.EmptyLine, header.Read(octets, isAll: true));
            Assert.Equal(0, header.Count(octets, "Bcc"u8) + header.Count(octets, "Resent-Bcc"u8));
        }
    });

    [Fact]
    public void A_message_handed_over_once_more_stays_as_it_is() => Check(s_text, text =>
    {
        string message = Submitted.Message(text);

        Assert.Equal(message, Submitted.Message(message));
    });

    [Fact]
    public void The_recipients_are_the_same_in_any_pieces_or_there_are_none() => Check(s_text, text =>
    {
        string recipients = Recipients(new MemoryStream(Sequences.Octets(text)));
        Assert.Equal(recipients, Recipients(new Submitted.Drip(Sequences.Octets(text), 1)));
    });

    private static string Recipients(Stream text)
    {
        try
        {
            using var submitted = SubmittedText.Read(text, new TextRequest { RecipientsFromHeader = true });
            return string.Join(' ', submitted.HeaderRecipients);
        }
        catch (SubmissionException refusal)
        {
            return refusal.Message;
        }
    }

    private static string Normal(string text)
    {
        string normal = LineEnd().Replace(text, "\r\n");
        return normal.Length == 0 || normal.EndsWith("\r\n", StringComparison.Ordinal) ? normal : normal + "\r\n";
    }

    private static void Check(Gen<string> text, Action<string> holds) =>
        Prop.ForAll(text.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true));

    [GeneratedRegex(@"\r*\n|\r+\z|\r")]
    private static partial Regex LineEnd();
}
