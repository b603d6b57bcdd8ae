using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class DotReaderTests
{
    [Theory]
    [InlineData("..x\r\n.\r\n", ".x\r\n")]
    [InlineData(".x\r\n.\r\n", "x\r\n")]
    [InlineData("...\r\n.\r\n", "..\r\n")]
    [InlineData("a\r\n..\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n")]
    public void D01_A_leading_dot_is_taken_away(string wire, string content) => ExpectEnd(wire, content, bare: false);

    [Fact]
    public void D03_A_lone_dot_is_an_empty_message() => ExpectEnd(".\r\n", "", bare: false);

    [Theory]
    [InlineData("x\n.\nEVIL\r\n.\r\n", "x\r\n.\r\nEVIL\r\n")]
    [InlineData("x\n.\r\nEVIL\r\n.\r\n", "x\r\n.\r\nEVIL\r\n")]
    [InlineData("x\r\n.\nEVIL\r\n.\r\n", "x\r\n\r\nEVIL\r\n")]
    [InlineData("x\r.\rEVIL\r\n.\r\n", "x\r\n.\r\nEVIL\r\n")]
    [InlineData("x\r.\nEVIL\r\n.\r\n", "x\r\n.\r\nEVIL\r\n")]
    [InlineData("x\n.\rEVIL\r\n.\r\n", "x\r\n.\r\nEVIL\r\n")]
    [InlineData("x\r.\r\nEVIL\r\n.\r\n", "x\r\n.\r\nEVIL\r\n")]
    [InlineData("x\r\n.\rEVIL\r\n.\r\n", "x\r\n\r\nEVIL\r\n")]
    [InlineData("x\r\n.\r\r\nEVIL\r\n.\r\n", "x\r\n\r\n\r\nEVIL\r\n")]
    [InlineData("x\r\r\n.\r\r\nEVIL\r\n.\r\n", "x\r\n\r\n\r\n\r\nEVIL\r\n")]
    [InlineData("\n.\r\nEVIL\r\n.\r\n", "\r\n.\r\nEVIL\r\n")]
    public void D02_Lone_newlines_become_CRLF_and_never_end_a_message(string wire, string content) =>
        ExpectEnd(wire, content, bare: true);

    [Theory]
    [InlineData("x\r\n\0.\r\nEVIL\r\n.\r\n", "x\r\n\0.\r\nEVIL\r\n")]
    [InlineData("x\r\n.\0\r\nEVIL\r\n.\r\n", "x\r\n\0\r\nEVIL\r\n")]
    [InlineData("x\r\n. \r\nEVIL\r\n.\r\n", "x\r\n \r\nEVIL\r\n")]
    [InlineData("x\r\n.\t\r\nEVIL\r\n.\r\n", "x\r\n\t\r\nEVIL\r\n")]
    [InlineData("x\r\n .\r\nEVIL\r\n.\r\n", "x\r\n .\r\nEVIL\r\n")]
    [InlineData("x\u0085.\u0085\v.\v\f.\f\u001a.\u001a\u00e2\u0080\u00a8.\r\n.\r\n", "x\u0085.\u0085\v.\v\f.\f\u001a.\u001a\u00e2\u0080\u00a8.\r\n")]
    public void D02_What_merely_looks_like_an_end_is_none(string wire, string content) => ExpectEnd(wire, content, bare: false);

    [Fact]
    public void D04_A_long_line_is_kept_whole_with_the_dots_inside_it()
    {
        string line = string.Concat(Enumerable.Repeat(new string('x', 997) + ".", 80));
        var output = new ArrayBufferWriter<byte>();
        var reader = new DotReader();
        var pieces = new List<ReadOnlyMemory<byte>>();
        byte[] wire = Sequences.Octets(line + "\r\n.\r\n");
        for (int at = 0; at < wire.Length; at += 997)
        {
            pieces.Add(wire.AsMemory(at, Math.Min(997, wire.Length - at)));
        }

        Assert.Equal(DotStatus.End, reader.Read(Sequences.Of([.. pieces]), output, out _));
        Assert.Equal(line + "\r\n", Sequences.Text(output.WrittenSpan));
    }

    [Fact]
    public void D06_Every_octet_but_CR_and_LF_survives()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(code => (byte)code).Where(octet => octet is not (13 or 10)), 13, 10];
        ExpectEnd(Sequences.Text(all) + ".\r\n", Sequences.Text(all), bare: false);
    }

    [Fact]
    public void A_reader_made_new_reads_the_next_message()
    {
        var reader = new DotReader();
        reader.Read(Sequences.Of("a\nb\r\n.\r\n"), new ArrayBufferWriter<byte>(), out _);
        reader.Reset();
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(DotStatus.End, reader.Read(Sequences.Of("..c\r\n.\r\n"), output, out _));
        Assert.Equal(".c\r\n", Sequences.Text(output.WrittenSpan));
        Assert.False(reader.SawBareNewline);
    }

    /// <summary>Every string of up to six of the octets that matter, behind a CRLF and behind text, cut at every place, against
    /// a reader that is too simple to be wrong.</summary>
    [Theory]
    [InlineData("x\r\n")]
    [InlineData("x")]
    [InlineData("")]
    public void E05_Reads_the_same_wherever_its_input_is_cut(string prefix)
    {
        foreach (string tail in Sequences.Words("\r\n.x", 6))
        {
            // What follows would be an end for a reader that has seen one too early or has lost its place.
            byte[] wire = Sequences.Octets(prefix + tail + "!\r\n.\r\nRSET\r\n");
            (string content, int end, bool bare) = Reference(wire);
            for (int at = 0; at <= wire.Length; at++)
            {
                var output = new ArrayBufferWriter<byte>();
                var reader = new DotReader();
                DotStatus status = reader.Read(new ReadOnlySequence<byte>(wire, 0, at), output, out SequencePosition consumed);
                int read = consumed.GetInteger();
                if (status == DotStatus.NeedMore)
                {
                    Assert.Equal(at, read);
                    var rest = new ReadOnlySequence<byte>(wire, at, wire.Length - at);
                    status = reader.Read(rest, output, out consumed);
                    read = at + (int)rest.Slice(0, consumed).Length;
                }

                Assert.Equal((DotStatus.End, end, bare), (status, read, reader.SawBareNewline));
                Assert.Equal(content, Sequences.Text(output.WrittenSpan));
            }
        }
    }

    /// <summary>The rules said again, over the whole message at once.</summary>
    private static (string Content, int End, bool Bare) Reference(byte[] wire)
    {
        string text = "\r\n" + Sequences.Text(wire);
        int end = text.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        string content = text[..(end + 2)].Replace("\r\n.", "\r\n", StringComparison.Ordinal)[2..];
        bool bare = false;
        var lines = new System.Text.StringBuilder();
        for (int i = 0; i < content.Length; i++)
        {
            bool isPair = content[i] == '\r' && i + 1 < content.Length && content[i + 1] == '\n';
            bool isBare = !isPair && content[i] is '\r' or '\n';
            lines.Append(isPair || isBare ? "\r\n" : content[i].ToString());
            bare |= isBare;
            i += isPair ? 1 : 0;
        }

        return (lines.ToString(), end + 5 - 2, bare);
    }

    private static void ExpectEnd(string wire, string content, bool bare)
    {
        foreach (ReadOnlySequence<byte> input in Sequences.EveryWay(Sequences.Octets(wire + "NOOP\r\n")))
        {
            var output = new ArrayBufferWriter<byte>();
            var reader = new DotReader();
            Assert.Equal(DotStatus.End, reader.Read(input, output, out SequencePosition consumed));
            Assert.Equal(content, Sequences.Text(output.WrittenSpan));
            Assert.Equal("NOOP\r\n", Sequences.Text(input.Slice(consumed)));
            Assert.Equal(bare, reader.SawBareNewline);
        }
    }
}
