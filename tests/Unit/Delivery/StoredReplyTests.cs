using RelayProxy.Delivery;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Delivery;

public class StoredReplyTests
{
    [Theory]
    [InlineData("550 5.1.1 No such user")]
    [InlineData("550 No such user")]
    [InlineData("550 5.1 No such user")]
    [InlineData("550 4.1.1 classes that disagree")]
    [InlineData("450 4.2.0")]
    [InlineData("421")]
    public void What_was_stored_reads_back_as_it_was(string line) => Assert.Equal(line, StoredReply.TryParse(line)!.Value.ToString());

    [Fact]
    public void The_status_is_found() => Assert.Equal(new StatusDetail(7, 27), StoredReply.TryParse("550 5.7.27 No")!.Value.Status);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("55")]
    [InlineData("no reply")]
    [InlineData("150 x")]
    [InlineData("-50 x")]
    public void What_is_no_reply_is_none(string? line) => Assert.Null(StoredReply.TryParse(line));
}
