using RelayProxy.Queue;

namespace RelayProxy.Unit.Queue;

public class Crc32CTests
{
    [Fact]
    public void Is_the_checksum_of_RFC_3720()
    {
        // RFC 3720 appendix B.4, and the check value that every catalogue gives.
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Fact]
    public void Goes_on_wherever_it_was_cut()
    {
        byte[] octets = [.. Enumerable.Range(0, 100).Select(i => (byte)(i * 7))];
        for (int cut = 0; cut <= octets.Length; cut++)
        {
            Assert.Equal(Crc32C.Of(octets), Crc32C.Append(Crc32C.Of(octets.AsSpan(0, cut)), octets.AsSpan(cut)));
        }
    }
}
