using System.Text;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class AuthorFieldTests
{
    [Theory]
    [InlineData("CronDaemon", "root", "From: CronDaemon <root>\r\n")]
    [InlineData("Cron Daemon", "root@example.net", "From: Cron Daemon <root@example.net>\r\n")]
    [InlineData("John Q. Public", "j@x", "From: \"John Q. Public\" <j@x>\r\n")]
    [InlineData("a \"b\\c\"", "j@x", "From: \"a \\\"b\\\\c\\\"\" <j@x>\r\n")]
    [InlineData("root <root@evil>", "j@x", "From: \"root <root@evil>\" <j@x>\r\n")]
    [InlineData("=?utf-8?q?x?=", "j@x", "From: \"=?utf-8?q?x?=\" <j@x>\r\n")]
    [InlineData("evil\r\nBcc: b@y", "j@x", "From: \"evil Bcc: b@y\" <j@x>\r\n")]
    [InlineData(" \t a\n\0\u007f\u0085 b \r", "j@x", "From: a b <j@x>\r\n")]
    [InlineData("J\u00fcrgen M. (=?)", "j@x", "From: =?utf-8?q?J=C3=BCrgen_M=2E_=28=3D=3F=29?= <j@x>\r\n")]
    [InlineData("Ann", "\"a b\"@x", "From: Ann <\"a b\"@x>\r\n")]
    [InlineData("", "j@x", "")]
    [InlineData(" \r\n ", "j@x", "")]
    [InlineData("Ann", "", "")]                                                   // the null sender
    [InlineData("Ann", "j@x>\r\nBcc: b", "")]
    public void Names_the_sender_where_the_header_does_not(string name, string sender, string field)
    {
        var request = new TextRequest { FullName = name, Sender = sender };

        Assert.Equal($"To: a\r\n{field}\r\nText\r\n", Submitted.Message("To: a\n\nText\n", request));
        Assert.Equal("FROM: b\r\n\r\nText\r\n", Submitted.Message("FROM: b\n\nText\n", request));
    }

    [Fact]
    public void No_letter_of_a_long_name_is_cut_in_two()
    {
        string name = string.Concat(Enumerable.Repeat("\u042f\u65e5\U0001f600 x", 30));

        string message = Submitted.Message("\n", new TextRequest { FullName = name, Sender = "j@x" });

        string[] words = message.Split("\r\n")[..^2].SelectMany(line => line.Split(' ', '\t')).Where(word => word.Length > 0).ToArray();
        Assert.Equal(["From:", "<j@x>"], [words[0], words[^1]]);
        Assert.All(words[1..^1], word => Assert.True(word.Length <= 75 && word.StartsWith("=?utf-8?q?", StringComparison.Ordinal) && word.EndsWith("?=", StringComparison.Ordinal)));
        Assert.Equal(name, string.Concat(words[1..^1].Select(word => Decoded(word[10..^2]))));
        Assert.All(message.Split("\r\n"), line => Assert.True(line.Length <= 78));
    }

    [Fact]
    public void An_endless_name_is_cut()
    {
        string message = Submitted.Message("\n", new TextRequest { FullName = new string('"', 5000), Sender = "j@x" });

        Assert.All(message.Split("\r\n"), line => Assert.True(line.Length <= 998));
    }

    /// <summary>Strict: an encoded word that holds half a letter is an error.</summary>
    private static string Decoded(string text)
    {
        var octets = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            octets.Add(text[i] switch
            {
                '_' => (byte)' ',
                '=' => Convert.ToByte(text.Substring((i += 2) - 1, 2), 16),
                var letter => (byte)letter,
            });
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. octets]);
    }
}
