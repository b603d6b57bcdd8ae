namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    public const int SmarthostSessionOpened = 1700;
    public const int SmarthostSessionRefused = 1701;
    public const int SmarthostSessionClosed = 1702;
    public const int IdleConnectionRetired = 1703;
    public const int OldSecretKept = 1704;
    public const int WeakerMechanismNextTime = 1705;
    public const int ChunkingGivenUp = 1706;
    public const int WireSent = 1710;
    public const int WireReceived = 1711;
    public const int WireContentSent = 1712;
}
