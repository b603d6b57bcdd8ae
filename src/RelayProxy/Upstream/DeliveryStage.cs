namespace RelayProxy.Upstream;

/// <summary>How far a dialogue with a smarthost came. The order matters: trouble before <see cref="MailFrom"/> is the
/// smarthost's or the operator's, never the message's.</summary>
internal enum DeliveryStage
{
    Resolve,
    Connect,
    Tls,
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    MailFrom,
    RcptTo,
    Data,

    /// <summary>While the content was being sent.</summary>
    Body,

    /// <summary>The reply to the final dot (or to BDAT … LAST).</summary>
    EndOfData,
}

/// <summary>Why no session with the smarthost came about: what to do next depends on it.</summary>
internal enum SessionFault
{
    /// <summary>DNS, TCP, a timeout, a torn connection, a 4xx or 5xx greeting: the smarthost is away. Try again, pausing longer
    /// each time.</summary>
    Away,

    /// <summary>A certificate that does not verify, no common TLS version, no STARTTLS, no usable mechanism: somebody must mend
    /// it. Keep everything, try seldom, say so loudly.</summary>
    Untrusted,

    /// <summary>The credentials were refused (535, 534, 530 …): probe with one connection and growing pauses.</summary>
    AuthRefused,

    /// <summary>454, 421 or 4xx at AUTH: passing trouble of the account.</summary>
    AuthDeferred,

    /// <summary>A setting makes it impossible (unreadable password file, host is ourselves).</summary>
    Misconfigured,
}
