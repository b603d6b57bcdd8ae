using RelayProxy.Harness;
using RelayProxy.Intake;

namespace RelayProxy.Unit.Intake;

public class LineEndsTests
{
    /// <summary>Every string of the octets that matter, at every distance from the edges of a machine's vector.</summary>
    [Fact]
    public void A_lone_CR_or_LF_is_seen_wherever_it_stands()
    {
        foreach (string word in Sequences.Words("\r\nx", 5))
        {
            for (int before = 28; before < 36; before++)
            {
                string text = new string('x', before) + word + new string('x', 40);

                Assert.Equal(HasLone(text), LineEnds.AnyLone(Sequences.Octets(text), afterCarriageReturn: false));
            }
        }
    }

    [Fact]
    public void It_makes_no_difference_where_content_is_cut()
    {
        foreach (string word in Sequences.Words("\r\nx", 6))
        {
            string whole = Mend([word]);
            for (int at = 1; at < word.Length; at++)
            {
                Assert.Equal(whole, Mend([word[..at], word[at..]]));
                Assert.Equal(HasLone(word + "x"), AnyLone([word[..at], word[at..] + "x"]));
            }
        }
    }

    [Theory]
    [InlineData("\n", "\r\n")]
    [InlineData("\r", "\r")] // waits for what comes next
    [InlineData("\r\n", "\r\n")]
    [InlineData("\n\r", "\r\n\r")]
    [InlineData("\r\r\n\n", "\r\n\r\n\r\n")]
    [InlineData("a\rb\nc", "a\r\nb\r\nc")]
    public void Each_lone_one_becomes_CRLF(string content, string mended) => Assert.Equal(mended, Mend([content]));

    private static bool HasLone(string text) =>
        text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');

    private static string Mend(string[] pieces)
    {
        string mended = "";
        bool afterCarriageReturn = false;
        foreach (string piece in pieces)
        {
            byte[] output = new byte[(2 * piece.Length) + 1];
            int length = LineEnds.Mend(Sequences.Octets(piece), afterCarriageReturn, output);
            mended += Sequences.Text(output.AsSpan(0, length));
            afterCarriageReturn = piece[^1] == '\r';
        }

        return mended;
    }

    private static bool AnyLone(string[] pieces)
    {
        bool any = false;
        bool afterCarriageReturn = false;
        foreach (string piece in pieces)
        {
            any |= LineEnds.AnyLone(Sequences.Octets(piece), afterCarriageReturn);
            afterCarriageReturn = piece[^1] == '\r';
        }

        return any;
    }
}
