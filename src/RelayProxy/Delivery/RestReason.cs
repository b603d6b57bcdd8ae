using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>Why a smarthost is left alone for a while.</summary>
internal enum RestReason
{
    /// <summary>It cannot be reached, or says that it is going away.</summary>
    Away,

    /// <summary>The account has passing trouble (454 at AUTH).</summary>
    AccountBusy,

    /// <summary>The login was refused, or is asked for and not configured.</summary>
    AuthRefused,

    /// <summary>It could not prove who it is, or offers nothing safe.</summary>
    Untrusted,

    /// <summary>Our settings make it impossible.</summary>
    Misconfigured,

    /// <summary>It asked us to slow down.</summary>
    Throttled,

    /// <summary>The allowance of the hour or the day is used up.</summary>
    QuotaReached,
}

/// <summary>A rest that begins: why, the how manieth in a row, and for how long.</summary>
internal readonly record struct Rest(RestReason Reason, int Times, TimeSpan Pause)
{
    /// <summary>How long to rest the n-th time in a row for the same reason. A refused login is tried seldom: providers lock accounts
    /// that knock too often. A day's quota opens again at an hour nobody tells.</summary>
    public static TimeSpan PauseOf(RestReason reason, int times) => reason switch
    {
        RestReason.Away => Doubling(times, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)),
        RestReason.AccountBusy => Doubling(times, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15)),
        RestReason.Throttled => Doubling(times, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10)),
        RestReason.QuotaReached => Doubling(times, TimeSpan.FromHours(1), TimeSpan.FromHours(4)),
        RestReason.AuthRefused or RestReason.Untrusted or RestReason.Misconfigured => times switch
        {
            <= 1 => TimeSpan.FromMinutes(1),
            2 => TimeSpan.FromMinutes(5),
            3 => TimeSpan.FromMinutes(15),
            _ => TimeSpan.FromMinutes(60),
        },
    };

    public static RestReason ReasonOf(SessionFault fault) => fault switch
    {
        SessionFault.Away => RestReason.Away,
        SessionFault.Untrusted => RestReason.Untrusted,
        SessionFault.AuthRefused => RestReason.AuthRefused,
        SessionFault.AuthDeferred => RestReason.AccountBusy,
        SessionFault.Misconfigured => RestReason.Misconfigured,
    };

    /// <summary>For the log.</summary>
    public static string Words(RestReason reason) => reason switch
    {
        RestReason.Away => "it cannot be reached, or is going away",
        RestReason.AccountBusy => "the account has passing trouble",
        RestReason.AuthRefused => "the login was refused",
        RestReason.Untrusted => "it could not prove who it is, or offers nothing safe",
        RestReason.Misconfigured => "the settings make it impossible",
        RestReason.Throttled => "it asks us to slow down",
        RestReason.QuotaReached => "the account's allowance is used up",
    };

    /// <summary>For metrics.</summary>
    public static string Label(RestReason reason) => reason switch
    {
        RestReason.Away => "away",
        RestReason.AccountBusy => "account_busy",
        RestReason.AuthRefused => "auth_refused",
        RestReason.Untrusted => "untrusted",
        RestReason.Misconfigured => "misconfigured",
        RestReason.Throttled => "throttled",
        RestReason.QuotaReached => "quota_reached",
    };

    /// <summary>Whether a person has to mend something: it will not pass by itself.</summary>
    public static bool NeedsAPerson(RestReason reason) =>
        reason is RestReason.AuthRefused or RestReason.Untrusted or RestReason.Misconfigured or RestReason.QuotaReached;

    private static TimeSpan Doubling(int times, TimeSpan first, TimeSpan longest) => RetrySchedule.Pause(times, first, longest);
}
