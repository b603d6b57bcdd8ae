using System.Buffers;
using System.Text.RegularExpressions;
using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public partial class CrLfWriterTests
{
    [Theory]
    [InlineData("", "", false)]
    [InlineData("a\r\n.\r\n..\r\n", "a\r\n.\r\n..\r\n", false)]
    [InlineData("a", "a\r\n", false)]
    [InlineData("a\nb", "a\r\nb\r\n", true)]
    [InlineData("a\r", "a\r\n", true)]
    public void E21_Dots_are_left_alone_and_line_ends_become_CRLF(string content, string stored, bool bare) =>
        Expect(content, stored, bare);

    /// <summary>As <c>\r</c> at the end of one BDAT chunk and <c>\n.\r\n</c> at the start of the next.</summary>
    [Fact]
    public void E21_Writes_the_same_wherever_its_input_is_cut()
    {
        foreach (string content in Sequences.Words("\r\nx", 6))
        {
            string stored = NewLine().Replace(content, "\r\n");
            bool ended = stored.EndsWith('\n');
            Expect(content, ended ? stored : stored + "\r\n", BareNewLine().IsMatch(content));
        }
    }

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex NewLine();

    [GeneratedRegex("\r(?!\n)|(?<!\r)\n")]
    private static partial Regex BareNewLine();

    private static void Expect(string content, string stored, bool bare)
    {
        foreach (ReadOnlySequence<byte> input in Sequences.EveryWay(Sequences.Octets(content)))
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new CrLfWriter();
            foreach (ReadOnlyMemory<byte> piece in input)
            {
                writer.Write(piece.Span, output);
            }

            writer.Finish(output);
            Assert.Equal(stored, Sequences.Text(output.WrittenSpan));
            Assert.Equal(bare, writer.SawBareNewline);
        }
    }
}
