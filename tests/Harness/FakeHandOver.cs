using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Harness;

/// <summary>Takes what intake hands over, as far as a test lets it, and keeps count of the places.</summary>
internal sealed class FakeHandOver : IHandOver
{
    /// <summary>Whether there is room.</summary>
    public bool HasRoom { get; set; }

    /// <summary>Octets reserved and neither used nor given back.</summary>
    public long Reserved { get; private set; }

    public List<QueueLease> Leases { get; } = [];

    public bool TryReserve(MailRoute route, long octets)
    {
        Reserved += HasRoom ? octets : 0;
        return HasRoom;
    }

    public void HandOver(MailRoute route, QueueLease lease, long octets)
    {
        Reserved -= octets;
        Leases.Add(lease);
    }

    public void GiveBack(MailRoute route, long octets) => Reserved -= octets;
}
