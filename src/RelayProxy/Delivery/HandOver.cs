using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <summary>The hand-over of each route: one that is closed or full keeps nobody from the other.</summary>
internal sealed class HandOver(Func<DeliveryOptions> options) : IHandOver
{
    public HandOverQueue ToSmarthost { get; } = new(options);

    public HandOverQueue ToLocal { get; } = new(options);

    public bool TryReserve(MailRoute route, long octets) => Of(route).TryReserve(octets);

    void IHandOver.HandOver(MailRoute route, QueueLease lease, long octets) => Of(route).HandOver(lease, octets);

    public void GiveBack(MailRoute route, long octets) => Of(route).GiveBack(octets);

    private HandOverQueue Of(MailRoute route) => route switch
    {
        MailRoute.Smarthost => ToSmarthost,
        MailRoute.Local => ToLocal,
    };
}
