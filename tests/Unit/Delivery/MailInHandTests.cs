using RelayProxy.Delivery;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Delivery;

public class MailInHandTests
{
    private readonly MailInHand _inHand = new();

    [Fact]
    public void A_message_is_in_hand_once()
    {
        Assert.True(_inHand.TryAdd(Lease(token: 1)));
        Assert.False(_inHand.TryAdd(Lease(token: 2)));
        Assert.Equal((1, 1), (_inHand.Count, _inHand.Begun));
    }

    [Fact]
    public void The_newer_lease_settles_what_the_older_began()
    {
        QueueLease older = Lease(token: 1);
        _inHand.TryAdd(older);
        _inHand.TryAdd(Lease(token: 7));

        Assert.Equal(7, _inHand.Newest(older).Token);
        Assert.Same(older.Content, _inHand.Newest(older).Content);
    }

    [Fact]
    public void Once_let_go_it_may_come_again()
    {
        QueueLease lease = Lease(token: 1);
        _inHand.TryAdd(lease);
        _inHand.Remove(lease);

        Assert.True(_inHand.TryAdd(Lease(token: 2)));
        Assert.Equal(3, _inHand.Newest(Lease(token: 3) with { Message = Lease(token: 3).Message with { Id = new QueueId(2) } }).Token);
    }

    private static QueueLease Lease(long token)
    {
        var message = new QueuedMessage
        {
            Id = new QueueId(1),
            Envelope = new Envelope(),
            Octets = 10,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            ExpiresAt = DateTimeOffset.UnixEpoch,
            Recipients = [],
        };
        return new QueueLease(message, [], token, new MemoryContent(new byte[10]));
    }
}
