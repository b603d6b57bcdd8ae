using System.Text;
using RelayProxy.Commands.Sendmail;

namespace RelayProxy.Unit.Commands.Sendmail;

public class SpokenLinesTests
{
    [Theory]
    [InlineData("EHLO x\nDATA\na\r\n\n.\n", "EHLO x\r\nDATA\r\na\r\n\r\n.\r\n")]
    [InlineData("EHLO x\r\nDATA\r\na\n.\nb\r\n.\r\n", "EHLO x\r\nDATA\r\na\n.\nb\r\n.\r\n")]     // no message ends there
    [InlineData("\n", "\r\n")]
    [InlineData("", "")]
    public void Who_begins_with_LF_means_CRLF_throughout_and_nobody_else(string said, string heard)
    {
        for (int atMost = 1; atMost <= said.Length + 1; atMost++)
        {
            using var lines = new SpokenLines(new Drip(Encoding.Latin1.GetBytes(said), atMost));
            using var read = new MemoryStream();
            lines.CopyTo(read);

            Assert.Equal(heard, Encoding.Latin1.GetString(read.ToArray()));
        }
    }

    private sealed class Drip(byte[] octets, int atMost) : MemoryStream(octets)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, atMost)]);
    }
}
