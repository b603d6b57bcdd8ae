using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

/// <summary>What holds for every path and every address, whatever it is made of.</summary>
public class MailboxPropertyTests
{
    /// <summary>What paths are made of, and what breaks them.</summary>
    private static readonly string[] s_scraps =
    [
        "<", ">", "@", ".", "..", "a", "root", "\"", "\\", "\"a b\"", "\"\\\"\"", " ", "\t", "example.net", "-", "_", "[127.0.0.1]",
        "[IPv6:::1]", "[", "]", "@route.example:", ":", ",", "SIZE=1", "\u00fc", "\0", "\r", "\n", "+tag", "=", new string('x', 70),
    ];

    private static readonly Gen<string> s_text = Gen.Elements(s_scraps).ListOf().Select(string.Concat);

    [Fact]
    public void A_path_that_is_read_is_read_the_same_from_what_is_written_of_it() => Check(s_text, text =>
    {
        if (MailboxParser.TryParsePath(Encoding.UTF8.GetBytes(text), allowUtf8: true, out Mailbox? mailbox, out ReadOnlySpan<byte> rest) != PathStatus.Ok)
        {
            Assert.Null(mailbox);
            return;
        }

        Assert.True(rest.IsEmpty || rest[0] is (byte)' ' or (byte)'\t', $"the parameters of {text} begin with no blank");
        PathStatus again = MailboxParser.TryParsePath(Encoding.UTF8.GetBytes($"<{mailbox}>"), allowUtf8: true, out Mailbox? second, out rest);
        Assert.Equal((PathStatus.Ok, mailbox, 0), (again, second, rest.Length));
    });

    [Fact]
    public void Neither_a_line_end_nor_a_NUL_gets_into_a_mailbox() => Check(s_text, text =>
    {
        MailboxParser.TryParsePath(Encoding.UTF8.GetBytes(text), allowUtf8: true, out Mailbox? mailbox, out _);

        Assert.False(mailbox?.ToString().AsSpan().ContainsAny('\r', '\n', '\0') ?? false);
    });

    [Fact]
    public void An_address_of_the_settings_agrees_with_itself_in_brackets() => Check(s_text, text =>
    {
        if (MailboxParser.TryParse(text, out Mailbox? mailbox))
        {
            Assert.True(MailboxParser.TryParse(mailbox!.ToString(), out Mailbox? second));
            Assert.Equal(mailbox, second);
        }
    });

    private static void Check(Gen<string> text, Action<string> holds) =>
        Prop.ForAll(text.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithQuietOnSuccess(true));
}
