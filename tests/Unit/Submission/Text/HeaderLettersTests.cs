using System.Text;
using System.Text.RegularExpressions;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public partial class HeaderLettersTests
{
    [Theory]

    // Text for people: from the first word with such letters to the last.
    [InlineData("Subject: Grüße", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=")]
    [InlineData("SUBJECT:Grüße", "SUBJECT:=?utf-8?q?Gr=C3=BC=C3=9Fe?=")]
    [InlineData("Subject: Cron <root@web1> echo \"Hällo\"; date", "Subject: Cron <root@web1> echo =?utf-8?q?=22H=C3=A4llo=22=3B?= date")]
    [InlineData("Subject: viele schöne  Grüße, Ann", "Subject: viele =?utf-8?q?sch=C3=B6ne__Gr=C3=BC=C3=9Fe=2C?= Ann")]
    [InlineData("Subject: schöne\r\n Grüße\r\n an alle", "Subject: =?utf-8?q?sch=C3=B6ne_Gr=C3=BC=C3=9Fe?=\r\n an alle")]
    [InlineData("Comments: ü", "Comments: =?utf-8?q?=C3=BC?=")]
    [InlineData("X-Cron-Env: <MOTTO=für alle>", "X-Cron-Env: =?utf-8?q?=3CMOTTO=3Df=C3=BCr?= alle>")]

    // Names among addresses, and no address.
    [InlineData("From: Jürgen <j@x.org>", "From: =?utf-8?q?J=C3=BCrgen?= <j@x.org>")]
    [InlineData("From: Jürgen<j@x.org>", "From: =?utf-8?q?J=C3=BCrgen?=<j@x.org>")]
    [InlineData("From: \"Müller, Jürgen \\\"J\\\"\" <j@x.org>", "From: =?utf-8?q?M=C3=BCller=2C_J=C3=BCrgen_=22J=22?= <j@x.org>")]
    [InlineData("From: Ann Ä. von Öhm Esq <j@x.org>", "From: Ann =?utf-8?q?=C3=84=2E_von_=C3=96hm?= Esq <j@x.org>")]
    [InlineData("To: a@x, Bö <b@x>, Cé\r\n Dé <\"c d\"@x>,\r\n e@x (Frau É)", "To: a@x, =?utf-8?q?B=C3=B6?= <b@x>, =?utf-8?q?C=C3=A9_D=C3=A9?= <\"c d\"@x>,\r\n e@x (=?utf-8?q?Frau_=C3=89?=)")]
    [InlineData("Resent-To: Bö (x) Cé <b@x>", "Resent-To: =?utf-8?q?B=C3=B6?= (x) =?utf-8?q?C=C3=A9?= <b@x>")]
    [InlineData("To: Empfänger: a@x, b@x;", "To: =?utf-8?q?Empf=C3=A4nger?=: a@x, b@x;")]

    // What has to stay as it is, whatever becomes of it.
    [InlineData("From: jürgen@x.org", null)]
    [InlineData("From: Jürgen <jürgen@x.org>", null)]
    [InlineData("To: Jürgen <j@bücher.example>", null)]
    [InlineData("From: Jürgen <j@x.org", null)]
    [InlineData("From: j@x (Jürgen (JM))", null)]
    [InlineData("From: j@x (a) (Jürgen)", null)]
    [InlineData("Subject: =?utf-8?q?a?= ü", null)]
    [InlineData("Content-Disposition: attachment; filename=\"ü.pdf\"", null)]
    [InlineData("Message-ID: <ü@x>", null)]
    public void Letters_beyond_ASCII_become_encoded_words(string field, string? encoded)
    {
        using SubmittedText text = Submitted.Read(Octets($"{field}\r\nTo: z@x\r\n\r\nText\r\n"));

        Assert.Equal(Octets($"{encoded ?? field}\r\nTo: z@x\r\n\r\nText\r\n"), Submitted.Message(text));
        Assert.Equal(encoded is null, text.NeedsSmtpUtf8);
    }

    // In whose letters? Octets are letters here.
    [Theory]
    [InlineData("", "unknown-8bit")]
    [InlineData("Content-Type: text/plain; charset=iso-8859-1\r\n", "iso-8859-1")]
    [InlineData("Content-Type: text/plain; format=flowed; CHARSET=\"Windows-1252\"\r\n", "Windows-1252")]
    [InlineData("Content-Type: text/plain; charset=utf-8\r\n", "unknown-8bit")]
    [InlineData("Content-Type: text/plain; charset=\"a?= b\"\r\n", "unknown-8bit")]
    [InlineData("Content-Type: text/plain; charset=\r\n", "unknown-8bit")]
    public void Octets_that_are_not_UTF_8_are_in_what_the_body_is_said_to_be_in(string type, string charset) =>
        Assert.Equal($"{type}Subject: =?{charset}?q?Gr=FC=DFe?=\r\n\r\nText\r\n", Submitted.Message($"{type}Subject: Gr\u00fc\u00dfe\r\n\r\nText\r\n"));

    [Theory]
    [InlineData("DKIM-Signature: v=1\r\n")]
    [InlineData("ARC-Message-Signature: i=1\r\n")]
    public void Who_has_signed_a_header_meant_it(string signature)
    {
        string message = Octets($"{signature}Subject: Grüße\r\n\r\nText\r\n");

        Assert.Equal(message, Submitted.Message(message));
    }

    [Theory]
    [InlineData("Subject: ", "")]
    [InlineData("Subject: a rather long beginning that leaves no room for anything in this ", " end")]
    [InlineData("X-A-Very-Long-Name-That-Leaves-No-Room-On-The-Line-For-What-It-Has-To-Say: ", "")]
    public void Long_ones_are_folded_between_letters(string front, string back)
    {
        string letters = string.Concat(Enumerable.Repeat("Ж漢😀", 40));

        string header = Submitted.Message(Octets($"{front}{letters}{back}\r\n\r\nText\r\n")).Split("\r\n\r\n")[0];

        Assert.All(header.Split("\r\n").Skip(1), line => Assert.True(line.Length <= 76 && line[0] == ' ', line));
        string[] words = [.. Word().Matches(header).Select(word => word.Groups[1].Value)];
        Assert.True(words.Length > 5);
        Assert.All(words, word => Decoded(word));
        Assert.Equal($"{front}{letters}{back}", $"{front}{string.Concat(words.Select(Decoded))}{Word().Split(header)[^1]}");
    }

    private static string Octets(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Strict: half a letter is an error.</summary>
    private static string Decoded(string word) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromHexString(word.Replace("=", "", StringComparison.Ordinal)));

    [GeneratedRegex(@"=\?utf-8\?q\?([^?]*)\?=")]
    private static partial Regex Word();
}
