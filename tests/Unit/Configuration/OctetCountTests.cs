using RelayProxy.Configuration;

namespace RelayProxy.Unit.Configuration;

public class OctetCountTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1234", 1234)]
    [InlineData("50MiB", 52_428_800)]
    [InlineData("25MB", 25_000_000)]
    [InlineData("25 mb", 25_000_000)]
    [InlineData("64kB", 64_000)]
    [InlineData("64KiB", 65_536)]
    [InlineData("1GiB", 1_073_741_824)]
    [InlineData("17B", 17)]
    public void Reads_octets_thousands_and_1024s(string text, long expected)
    {
        Assert.True(OctetCount.TryParse(text, out long octets));
        Assert.Equal(expected, octets);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("64k")]             // thousands or 1,024s?
    [InlineData("50M")]
    [InlineData("1.5GiB")]
    [InlineData("-1")]
    [InlineData("9223372036854775807KiB")]
    [InlineData("9223372036854775808")]
    public void Refuses_what_is_no_size(string text) => Assert.False(OctetCount.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1023, "1023")]
    [InlineData(52_428_800, "50MiB")]
    [InlineData(25_000_000, "25MB")]
    [InlineData(2048, "2KiB")]
    public void Writes_the_largest_unit_that_divides_it(long octets, string text) => Assert.Equal(text, OctetCount.Format(octets));
}
