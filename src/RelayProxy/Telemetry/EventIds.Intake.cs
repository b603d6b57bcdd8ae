namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    public const int Accepted = 1300;
    public const int MailLoop = 1301;
    public const int NotStored = 1302;
    public const int ThrownAway = 1303;
    public const int SignedFieldsKept = 1310;
}
