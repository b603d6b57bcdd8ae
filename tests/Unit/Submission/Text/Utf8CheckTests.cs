using System.Text.Unicode;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class Utf8CheckTests
{
    [Fact]
    public void Agrees_with_the_runtime_on_every_sequence_of_telling_octets()
    {
        byte[] telling = [0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff];
        byte[] octets = new byte[4];
        for (int number = 0; number < Math.Pow(telling.Length, octets.Length); number++)
        {
            for (int i = 0, rest = number; i < octets.Length; i++, rest /= telling.Length)
            {
                octets[i] = telling[rest % telling.Length];
            }

            bool expected = Utf8.IsValid(octets);
            Utf8Check whole = default;
            whole.Add(octets);
            Utf8Check cut = default;
            for (int i = 0; i < octets.Length; i++)
            {
                cut.Add(octets.AsSpan(i, 1));
            }

            if (whole.IsValid != expected || cut.IsValid != expected)
            {
                Assert.Fail($"{Convert.ToHexString(octets)}: {whole.IsValid}, {cut.IsValid}; expected {expected}");
            }
        }
    }
}
