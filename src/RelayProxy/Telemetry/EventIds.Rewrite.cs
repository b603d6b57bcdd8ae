namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    // Aliases: 1400 to 1419.
    public const int AliasesRead = 1400;
    public const int AliasProblem = 1401;
    public const int MoreAliasProblems = 1402;
    public const int AliasesKept = 1403;
    public const int AliasesNotRead = 1404;
    public const int AliasPartFailed = 1405;
}
