namespace RelayProxy.Telemetry;

/// <summary>Commands: 1060 to 1099.</summary>
internal static partial class EventIds
{
    public const int Ready = 1060;
    public const int Stopping = 1061;
    public const int Stopped = 1062;
    public const int StopAtOnce = 1063;
    public const int UnobservedFault = 1064;
    public const int Crash = 1065;
    public const int SecretOnCommandLine = 1066;
    public const int TriedAgain = 1067;
    public const int RereadingFailed = 1068;
    public const int NotExported = 1080;
    public const int ServiceManagerNotTold = 1069;
    public const int StoppedBlind = 1070;
    public const int Lost = 1071;
    public const int DigestNotWritten = 1072;
}
