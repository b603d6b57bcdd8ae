namespace RelayProxy.Telemetry;

/// <summary>Configuration: 1040 to 1059.</summary>
internal static partial class EventIds
{
    public const int ConfigurationChanged = 1040;
    public const int ConfigurationUnchanged = 1041;
    public const int ConfigurationRefused = 1042;
    public const int SettingWaitsForRestart = 1043;
    public const int ConfigurationKept = 1044;
    public const int ConfigurationWarning = 1045;
}
