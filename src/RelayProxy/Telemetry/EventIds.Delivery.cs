namespace RelayProxy.Telemetry;

internal static partial class EventIds
{
    // What became of a recipient: one of these ends every attempt.
    public const int Delivered = 1600;
    public const int Deferred = 1601;
    public const int Bounced = 1602;
    public const int Parked = 1603;
    public const int PossibleDuplicate = 1604;

    // Reports.
    public const int ReportQueued = 1610;
    public const int NobodyToTell = 1611;
    public const int TooManyReports = 1612;
    public const int ReportNotPossible = 1613;

    // The smarthost as a whole.
    public const int SmarthostRests = 1620;
    public const int SmarthostNeedsAPerson = 1621;
    public const int SmarthostAnswers = 1622;

    // Delivery itself.
    public const int NotRecorded = 1630;
    public const int NeverRecorded = 1631;
    public const int LeaseLost = 1632;
    public const int DeliveryFault = 1633;
    public const int AttemptFault = 1634;
    public const int ClockStepped = 1635;
    public const int DeliveryStopped = 1636;

    // Mail that stays on this machine.
    public const int LocalFault = 1640;
    public const int LocalAttemptFault = 1641;
    public const int LocalStuck = 1642;
}
