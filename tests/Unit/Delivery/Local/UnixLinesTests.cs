using System.Buffers;
using System.Text;
using RelayProxy.Delivery.Local;

namespace RelayProxy.Unit.Delivery.Local;

public class UnixLinesTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("a\r\nb\r\n", "a\nb\n", "a\nb\n")]
    [InlineData("a", "a\n", "a\n")]
    [InlineData("From me\r\n", ">From me\n", "From me\n")]
    [InlineData(">From me\r\n>>From you\r\n", ">>From me\n>>>From you\n", ">From me\n>>From you\n")]
    [InlineData("From\r\nFrom", "From\nFrom\n", "From\nFrom\n")]
    [InlineData("from me\r\n From me\r\nxFrom me\r\n", "from me\n From me\nxFrom me\n", "from me\n From me\nxFrom me\n")]
    [InlineData(">>\r\n>Fr\r\n>", ">>\n>Fr\n>\n", ">>\n>Fr\n>\n")]
    [InlineData("FFrom me\r\n\r\n\r\nFrom ", "FFrom me\n\n\n>From \n", "FFrom me\n\n\nFrom \n")]
    [InlineData("a\rb\r\r\n\rFrom me\r", "a\rb\r\n\rFrom me\r\n", "a\rb\r\n\rFrom me\r\n")]
    public void Lines_are_a_Unix_files_however_they_come(string content, string quoted, string plain)
    {
        byte[] octets = Encoding.ASCII.GetBytes(content);
        for (int first = 0; first <= octets.Length; first++)
        {
            for (int second = first; second <= octets.Length; second++)
            {
                byte[][] pieces = [octets[..first], octets[first..second], octets[second..]];
                Assert.Equal(quoted, Through(pieces, quoteFrom: true));
                Assert.Equal(plain, Through(pieces, quoteFrom: false));
            }
        }
    }

    private static string Through(byte[][] pieces, bool quoteFrom)
    {
        var lines = new UnixLines(quoteFrom);
        var output = new ArrayBufferWriter<byte>();
        foreach (byte[] piece in pieces)
        {
            lines.Write(piece, output);
        }

        lines.Finish(output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
