using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class DotWriterTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("x\r\n", "x\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData(".x\r\n..y\r\n", "..x\r\n...y\r\n.\r\n")]
    [InlineData("x.\r\n", "x.\r\n.\r\n")]
    [InlineData("\r\n.\r\n", "\r\n..\r\n.\r\n")]
    public void C36_Leading_dots_are_doubled_and_a_dot_ends_the_content(string content, string wire) => Expect(content, wire);

    [Theory]
    [InlineData("x", "x\r\n.\r\n")]
    [InlineData("x\r", "x\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    public void D14_Content_without_a_final_CRLF_gets_one(string content, string wire) => Expect(content, wire);

    [Theory]
    [InlineData("a\nb\n", "a\r\nb\r\n.\r\n")]
    [InlineData("a\rb\r", "a\r\nb\r\n.\r\n")]
    [InlineData("a\r\r\nb", "a\r\n\r\nb\r\n.\r\n")]
    [InlineData("a\n\rb", "a\r\n\r\nb\r\n.\r\n")]
    [InlineData("x\n.\nMAIL", "x\r\n..\r\nMAIL\r\n.\r\n")]
    [InlineData("x\r.\rMAIL", "x\r\n..\r\nMAIL\r\n.\r\n")]
    [InlineData("x\r\n.\rMAIL", "x\r\n..\r\nMAIL\r\n.\r\n")]
    [InlineData("x\n.\r\nMAIL", "x\r\n..\r\nMAIL\r\n.\r\n")]
    public void C36_No_lone_newline_leaves_whatever_is_in_the_store(string content, string wire) => Expect(content, wire);

    [Fact]
    public void A_finished_writer_is_new()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new DotWriter();
        writer.Write("a"u8, output);
        writer.Finish(output);
        writer.Write(".b\r\n"u8, output);
        writer.Finish(output);
        Assert.Equal("a\r\n.\r\n..b\r\n.\r\n", Sequences.Text(output.WrittenSpan));
    }

    /// <summary>Every string of up to six of the octets that matter, cut at every place: one message, without lone newlines, that
    /// <see cref="DotReader"/> gives back as <see cref="CrLfWriter"/> would have stored it.</summary>
    [Fact]
    public void E21_What_is_written_is_read_back_as_one_message()
    {
        foreach (string text in Sequences.Words("\r\n.x", 6))
        {
            byte[] content = Sequences.Octets(text);
            string stored = Stored(content);
            for (int at = 0; at <= content.Length; at++)
            {
                var wire = new ArrayBufferWriter<byte>();
                var writer = new DotWriter();
                writer.Write(content.AsSpan(0, at), wire);
                writer.Write(content.AsSpan(at), wire);
                writer.Finish(wire);

                var output = new ArrayBufferWriter<byte>();
                var reader = new DotReader();
                var input = new ReadOnlySequence<byte>(wire.WrittenMemory);
                Assert.Equal(DotStatus.End, reader.Read(input, output, out SequencePosition consumed));
                Assert.True(input.Slice(consumed).IsEmpty);
                Assert.False(reader.SawBareNewline);
                Assert.Equal(stored, Sequences.Text(output.WrittenSpan));
            }
        }
    }

    private static string Stored(byte[] content)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CrLfWriter();
        writer.Write(content, output);
        writer.Finish(output);
        return Sequences.Text(output.WrittenSpan);
    }

    private static void Expect(string content, string wire)
    {
        foreach (ReadOnlySequence<byte> input in Sequences.EveryWay(Sequences.Octets(content)))
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new DotWriter();
            foreach (ReadOnlyMemory<byte> piece in input)
            {
                writer.Write(piece.Span, output);
            }

            writer.Finish(output);
            Assert.Equal(wire, Sequences.Text(output.WrittenSpan));
        }
    }
}
