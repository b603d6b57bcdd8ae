using RelayProxy.Delivery;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Delivery;

public class UpstreamIdTests
{
    [Theory]
    [InlineData("Ok: queued as 4F3A21C0", "4F3A21C0")]
    [InlineData("Queued as 0AKZMDAGKFJCX", "0AKZMDAGKFJCX")]
    [InlineData("OK id=1sXyz9-0004Ab-2C", "1sXyz9-0004Ab-2C")]
    [InlineData("<x@y> [InternalId=3384, Hostname=VI1.example] 7 bytes in 0.1, 0.1 KB/sec Queued mail for delivery", "3384")]
    [InlineData("52MA7x024811 Message accepted for delivery", "52MA7x024811")]
    [InlineData("OK  1763806000 ffacd0b85a97d-42cb7 - gsmtp", "ffacd0b85a97d-42cb7")]
    [InlineData("Ok 010001-4a5b6c7d-000000", "010001-4a5b6c7d-000000")]
    [InlineData("Ok", null)]
    [InlineData("", null)]
    [InlineData("Ok taken", null)]
    [InlineData("Message accepted for delivery", null)]
    [InlineData("Great success", null)]
    public void Everyone_says_it_in_their_own_way(string text, string? id) => Assert.Equal(id, UpstreamId.Of(new SmtpReply(250, 0, 0, text)));
}
