using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class ContentScannerTests
{
    [Theory]
    [InlineData("", "None")]
    [InlineData("Subject: x\r\n\r\nbody\r\n", "None")]
    [InlineData("Subject: x\r\n\r\nb\u00e9\r\n", "EightBit")]
    [InlineData("Subject: \u00c3\u00a9\r\n\r\nbody\r\n", "EightBit, Utf8Header")]
    [InlineData("Subject: \u00c3\u00a9\r\n", "EightBit, Utf8Header")]
    [InlineData("\r\nSubject: \u00c3\u00a9\r\n", "EightBit")]
    [InlineData("S: x\r\n \r\n\u00c3\u00a9\r\n", "EightBit, Utf8Header")]
    [InlineData("Subject: \0\r\n\r\nbody\r\n", "Nul")]
    [InlineData("Subject: x\r\n\r\n\0\u00ff", "EightBit, Nul")]
    public void D06_Octets_above_127_and_NULs_are_seen_where_they_are(string content, string traits) => Expect(content, traits);

    [Theory]
    [InlineData(998, "None")]
    [InlineData(999, "LongLine")]
    [InlineData(1998, "LongLine")]
    [InlineData(3000, "LongLine")]
    public void D04_A_line_of_more_than_998_octets_is_seen(int octets, string traits)
    {
        string line = new('x', octets);
        Expect(line + "\r\n\r\n", traits);
        Expect("S: x\r\n\r\n" + line + "\r\n", traits);
        Expect("S: x\r\n\r\nshort\r\n" + line + "\r\nshort\r\n", traits);
    }

    [Fact]
    public void D04_A_long_line_that_never_ends_is_seen_too() => Expect("\r\n" + new string('x', 1001), "LongLine");

    [Fact]
    public void D04_Many_short_lines_make_no_long_one() =>
        Expect("\r\n" + string.Concat(Enumerable.Range(1, 60).Select(length => new string('x', length) + "\r\n")), "None");

    [Theory]
    [InlineData("S: x\r\n\r\nbody", 8)]
    [InlineData("\r\n", 2)]
    [InlineData("S: x\r\nT: y\r\n", null)]
    [InlineData("S: x\r\n\r", null)]
    [InlineData("", null)]
    public void The_end_of_the_header_section_is_found(string content, int? octets) =>
        EveryWay(content, scanner => Assert.Equal(octets, scanner.HeaderOctets));

    [Theory]
    [InlineData("", true)]
    [InlineData("\r\n", true)]
    [InlineData("S: x\r\n\r\nbody\r\n", true)]
    [InlineData("S: x\r\n\r\nbody", false)]
    [InlineData("S: x\r\n\r\nbody\r", false)]
    [InlineData("\n", false)]
    public void D14_A_missing_final_CRLF_is_seen(string content, bool ended) =>
        EveryWay(content, scanner => Assert.Equal(ended, scanner.EndsInCrLf));

    private static void Expect(string content, string traits) =>
        EveryWay(content, scanner => Assert.Equal(traits, scanner.Traits.ToString()));

    private static void EveryWay(string content, Action<ContentScanner> check)
    {
        foreach (ReadOnlySequence<byte> input in Sequences.EveryWay(Sequences.Octets(content)))
        {
            var scanner = new ContentScanner();
            foreach (ReadOnlyMemory<byte> piece in input)
            {
                scanner.Scan(piece.Span);
            }

            check(scanner);
        }
    }
}
