using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

public class QuotedPrintableTests
{
    [Theory]
    [InlineData("a = b\r\n", "a =3D b\r\n")]
    [InlineData("end \r\nend\t\r\n \r\n ", "end=20\r\nend=09\r\n=20\r\n=20")]
    [InlineData("\u00fc\0\u007f\u000c~!\"", "=FC=00=7F=0C~!\"")]
    [InlineData("From a\r\n From b\r\nFrom\r\n>From c\r\nFro", "=46rom a\r\n From b\r\nFrom\r\n>From c\r\nFro")]
    [InlineData(".\r\n..\r\n.a\r\na.\r\n", "=2E\r\n=2E.\r\n=2Ea\r\na.\r\n")]
    [InlineData("\r\n\r\n", "\r\n\r\n")]
    [InlineData("", "")]
    public void Is_written_so(string text, string encoded) => Assert.Equal(encoded, Encoded(text));

    [Fact]
    public void No_line_has_more_than_76_octets_nor_is_less_safe_for_being_broken()
    {
        Assert.Equal($"{new string('x', 75)}=\r\nx\r\n", Encoded(new string('x', 76) + "\r\n"));
        Assert.Equal($"{new string('x', 73)}=\r\n=3Dx\r\n", Encoded(new string('x', 73) + "=x\r\n"));
        Assert.Equal($"{new string('x', 75)}=\r\n=2E\r\n", Encoded(new string('x', 75) + ".\r\n"));
        Assert.Equal($"{new string('x', 75)}=\r\n=46rom y\r\n", Encoded(new string('x', 75) + "From y\r\n"));
    }

    [Fact]
    public void Is_the_same_in_pieces_of_any_size_into_buffers_of_any_size()
    {
        string text = "From a =\u00fc .\r\n" + string.Concat(Enumerable.Repeat("From \r\n.", 12)) + new string('F', 160) + " \r\n.\r\n";
        string whole = Encoded(text);
        for (int piece = 5; piece < 40; piece++)
        {
            for (int room = QuotedPrintable.MostForOne; room < 20; room++)
            {
                Assert.Equal(whole, Encoded(text, piece, room));
            }
        }
    }

    private static string Encoded(string text, int piece = int.MaxValue, int room = 4096)
    {
        byte[] octets = Sequences.Octets(text);
        byte[] output = new byte[room];
        var encoded = new System.Text.StringBuilder();
        QuotedPrintable encoder = default;
        for (int at = 0; at < octets.Length;)
        {
            int length = Math.Min(piece, octets.Length - at);
            at += encoder.Encode(octets.AsSpan(at, length), isRest: at + length == octets.Length, output, out int written);
            encoded.Append(Sequences.Text(output.AsSpan(0, written)));
        }

        return encoded.ToString();
    }
}
