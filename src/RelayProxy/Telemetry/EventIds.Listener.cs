namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    public const int Listening = 1100;
    public const int EndpointSkipped = 1101;
    public const int ConnectionRefused = 1102;
    public const int AcceptFailed = 1103;
    public const int ConnectionFailed = 1104;
    public const int CutOff = 1105;
    public const int ProbesAnswered = 1106;
    public const int ProbeFault = 1107;
}
