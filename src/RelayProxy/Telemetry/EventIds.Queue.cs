namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    public const int QueueOpened = 1500;
    public const int StoreFailed = 1502;
    public const int StoreFull = 1503;
    public const int StoreWell = 1504;
    public const int MessageSetAside = 1505;
    public const int DiskShort = 1506;
    public const int DiskEnough = 1507;
    public const int OrphansSwept = 1508;
    public const int BodyNotDeleted = 1509;
    public const int CheckpointFailed = 1510;
    public const int StoreDamaged = 1511;
    public const int StoreMended = 1512;
    public const int MessageUnreadable = 1513;
    public const int StoreTransferred = 1514;
    public const int StoreNotMended = 1515;
    public const int StoreUpgrading = 1516;
    public const int StoreUpgraded = 1517;
    public const int StrangersInQueue = 1518;
    public const int MessagesGone = 1519;
}
