namespace RelayProxy.Session;

/// <summary>How far a conversation has come (RFC 5321 §4.1.4). A session is in one of them; a verb may be allowed in several.</summary>
[Flags]
internal enum Phases
{
    None = 0,

    /// <summary>Connected and greeted by us; the client has not said who it is.</summary>
    Strangers = 1,

    /// <summary>HELO or EHLO has been said; no message is under way.</summary>
    Ready = 2,

    /// <summary>MAIL was accepted; no recipient yet.</summary>
    Sender = 4,

    /// <summary>At least one RCPT was accepted.</summary>
    Recipients = 8,

    /// <summary>At least one BDAT was taken, and not the last one (RFC 3030).</summary>
    Chunks = 16,

    Any = Strangers | Ready | Sender | Recipients | Chunks,
}
