namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    public const int SessionEnded = 1200;
    public const int CommandRefused = 1201;
    public const int BareNewlineSeen = 1202;
    public const int SessionFault = 1203;
}
