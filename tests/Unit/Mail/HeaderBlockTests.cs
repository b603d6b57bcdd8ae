using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

public class HeaderBlockTests
{
    [Theory]
    [InlineData("A: b\r\n\r\nbody\r\n", HeaderStatus.EmptyLine, "A: b\r\n")]
    [InlineData("A: b\r\n c\r\n\td\r\nE:f\r\n\r\n", HeaderStatus.EmptyLine, "A: b\r\n c\r\n\td\r\nE:f\r\n")]
    [InlineData("A: b\r\ntext\r\n", HeaderStatus.NoField, "A: b\r\n")]
    [InlineData("A: b\r\n", HeaderStatus.EndOfContent, "A: b\r\n")]
    [InlineData("", HeaderStatus.EndOfContent, "")]
    [InlineData("\r\nA: b\r\n", HeaderStatus.EmptyLine, "")]
    [InlineData(" A: b\r\n", HeaderStatus.NoField, "")]
    [InlineData("A b: c\r\n", HeaderStatus.NoField, "")]
    [InlineData("A\u0001: c\r\n", HeaderStatus.NoField, "")]
    [InlineData("\u00e4: c\r\n", HeaderStatus.NoField, "")]
    [InlineData(": c\r\n", HeaderStatus.NoField, "")]
    [InlineData("From x\r\nA: b\r\n\r\n", HeaderStatus.EmptyLine, "From x\r\nA: b\r\n")]
    [InlineData("From x\r\n\r\n", HeaderStatus.NoField, "")]
    [InlineData("From x\r\n y\r\n", HeaderStatus.NoField, "")]
    [InlineData("A: b\r\nFrom x\r\n", HeaderStatus.NoField, "A: b\r\n")]
    [InlineData("From : x\r\n\r\n", HeaderStatus.EmptyLine, "From : x\r\n")]
    internal void It_ends_where_a_line_cannot_be_a_field(string content, HeaderStatus status, string section)
    {
        byte[] octets = Sequences.Octets(content);
        var whole = new HeaderBlock();

        Assert.Equal(status, whole.Read(octets, isAll: true));
        Assert.Equal(section, content[..whole.Octets]);

        // The same, however the octets arrive.
        var dripped = new HeaderBlock();
        HeaderStatus last = HeaderStatus.NeedMore;
        for (int length = 0; length <= octets.Length && last == HeaderStatus.NeedMore; length++)
        {
            last = dripped.Read(octets.AsSpan(0, length), isAll: length == octets.Length);
        }

        Assert.Equal(status, last);
        Assert.Equal(whole.Octets, dripped.Octets);
        Assert.Equal(whole.Fields, dripped.Fields);
        Assert.Equal(whole.HasMailboxLine, dripped.HasMailboxLine);
    }

    [Fact]
    public void Fields_are_found_by_name_in_any_letter_case()
    {
        byte[] content = Sequences.Octets("Received: 1\r\nX-Received: no\r\nRECEIVED : 2\r\n more\r\nReceive: no\r\n\r\nReceived: no\r\n");
        HeaderBlock header = Read(content);

        Assert.Equal(2, header.Count(content, "received"u8));
        Assert.Equal("1", HeaderBlock.Value(content, header.Find(content, "rEcEiVeD"u8)!.Value));
        Assert.Null(header.Find(content, "Date"u8));
        Assert.Equal("2 more", HeaderBlock.Value(content, header.Fields[2]));
        Assert.Equal("RECEIVED : 2\r\n more\r\n", Sequences.Text(content.AsSpan(header.Fields[2].Start, header.Fields[2].Length)));
    }

    [Fact]
    public void The_fields_lie_side_by_side_and_cover_the_section()
    {
        byte[] content = Sequences.Octets("A: 1\r\nB: 2\r\n\t3\r\n \r\nC:\r\n\r\n");
        HeaderBlock header = Read(content);

        Assert.Equal(0, header.Fields[0].Start);
        Assert.Equal(header.Fields[0].End, header.Fields[1].Start);
        Assert.Equal(header.Fields[1].End, header.Fields[2].Start);
        Assert.Equal(header.Octets, header.Fields[2].End);
    }

    [Fact]
    public void A_name_without_end_is_judged_before_its_line_ends()
    {
        byte[] content = Sequences.Octets(new string('x', 2000));

        Assert.Equal(HeaderStatus.NeedMore, new HeaderBlock().Read(content.AsSpan(0, 900), isAll: false));
        Assert.Equal(HeaderStatus.NoField, new HeaderBlock().Read(content, isAll: false));
    }

    [Fact]
    public void Many_fields_and_one_endless_field_are_read_in_one_pass_however_small_the_steps()
    {
        byte[] many = Sequences.Octets(string.Concat(Enumerable.Repeat("a:\r\n", 250_000)) + "\r\n");
        byte[] endless = Sequences.Octets("a: x" + string.Concat(Enumerable.Repeat("\r\n x", 250_000)) + "\r\n\r\n");

        Assert.Equal(250_000, Drip(many).Fields.Length);
        Assert.Equal(endless.Length - 2, Assert.Single(Drip(endless).Fields.ToArray()).Length);
        Assert.Equal(1_000_003, Assert.Single(Drip(Sequences.Octets("a:" + new string('x', 999_999) + "\r\n\r\n")).Fields.ToArray()).Length);
    }

    private static HeaderBlock Drip(byte[] content)
    {
        var header = new HeaderBlock();
        int length = 0;
        while (header.Read(content.AsSpan(0, length), isAll: false) == HeaderStatus.NeedMore)
        {
            length = Math.Min(length + 3, content.Length);
        }

        return header;
    }

    private static HeaderBlock Read(byte[] content)
    {
        var header = new HeaderBlock();
        header.Read(content, isAll: true);
        return header;
    }
}
