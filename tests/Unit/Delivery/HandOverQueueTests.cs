using RelayProxy.Delivery;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Delivery;

public class HandOverQueueTests
{
    private readonly HandOverQueue _queue = new(() => new DeliveryOptions { MaxHandOverOctets = 1000 });
    private int _arrived;

    [Fact]
    public void It_takes_nothing_before_delivery_is_at_work_and_nothing_while_it_rests()
    {
        Assert.False(_queue.TryReserve(1));
        _queue.Open(() => _arrived++);
        Assert.True(_queue.TryReserve(1));
        _queue.Close();
        Assert.False(_queue.TryReserve(1));
    }

    [Fact]
    public void It_holds_so_many_octets_and_no_more_until_they_are_given_back()
    {
        _queue.Open(() => _arrived++);
        Assert.True(_queue.TryReserve(600));
        Assert.False(_queue.TryReserve(600));
        Assert.True(_queue.TryReserve(400));
        _queue.GiveBack(600);
        Assert.True(_queue.TryReserve(600));
    }

    [Fact]
    public void Octets_count_until_the_message_was_sent_not_until_it_was_taken_out()
    {
        _queue.Open(() => _arrived++);
        Assert.True(_queue.TryReserve(1000));
        _queue.HandOver(Lease(), 1000);
        Assert.True(_queue.TryTake(out _, out long octets));
        Assert.False(_queue.TryReserve(1));
        _queue.GiveBack(octets);
        Assert.True(_queue.TryReserve(1));
    }

    [Fact]
    public void First_come_first_served_and_each_arrival_is_told()
    {
        _queue.Open(() => _arrived++);
        QueueLease[] leases = [Lease(), Lease(), Lease()];
        foreach (QueueLease lease in leases)
        {
            Assert.True(_queue.TryReserve(10));
            _queue.HandOver(lease, 10);
        }

        Assert.Equal(3, _arrived);
        Assert.Equal(leases, leases.Select(_ => _queue.TryTake(out QueueLease? lease, out long _) ? lease : null));
        Assert.False(_queue.TryTake(out _, out _));
    }

    [Fact]
    public void The_number_of_messages_is_bounded_too()
    {
        _queue.Open(() => _arrived++);
        int taken = 0;
        while (_queue.TryReserve(0) && taken < 100_000)
        {
            taken++;
        }

        Assert.InRange(taken, 100, 10_000);
    }

    private static QueueLease Lease()
    {
        var message = new QueuedMessage
        {
            Id = QueueId.Next(TimeProvider.System),
            Envelope = new Envelope(),
            Octets = 10,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            ExpiresAt = DateTimeOffset.UnixEpoch,
            Recipients = [],
        };
        return new QueueLease(message, [], 1, new MemoryContent(new byte[10]));
    }
}
