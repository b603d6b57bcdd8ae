namespace RelayProxy.Session;

/// <summary>What a listener does about lone CR and LF in a message.</summary>
internal enum BareNewlines
{
    /// <summary>Each becomes CRLF before the message is stored; logged once a session.</summary>
    Normalize,

    /// <summary>The message is refused: 550 5.6.11; in a command: 500 5.5.2 and the connection ends.</summary>
    Reject,
}

/// <summary>Settings of the <c>Listener</c> section that bound one conversation.</summary>
internal sealed class SessionOptions
{
    /// <summary>How long to wait for a command. RFC 5321 §4.5.3.2.7 asks for at least five minutes.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for more of a message, and for the client to take a reply.</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>A message that comes in slower than this, after a minute of grace, ends the connection. 0: no minimum.</summary>
    public int MinDataOctetsPerSecond { get; set; } = 100;

    /// <summary>The longest command line, in octets without CRLF. RFC 5321 §4.5.3.1.4 asks for 510, the extensions for more.</summary>
    public int MaxCommandOctets { get; set; } = 2048;

    /// <summary>Recipients that one message may have. RFC 5321 §4.5.3.1.8 asks for at least 100.</summary>
    public int MaxRecipients { get; set; } = 1000;

    /// <summary>The largest message, in octets; announced with SIZE (RFC 1870).</summary>
    public long MaxMessageOctets { get; set; } = 50L * 1024 * 1024;

    /// <summary>Message octets that all sessions together may have under way: 452 4.3.1 beyond it.</summary>
    public long MaxOctetsInFlight { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Commands in one session, whatever they are; then 421.</summary>
    public int MaxCommands { get; set; } = 100_000;

    /// <summary>Commands in one session that were refused for their form or order; then 421.</summary>
    public int MaxErrors { get; set; } = 20;

    /// <summary>Messages that one user of this machine may begin within an hour: 450 4.7.1 beyond it. 0: any number.</summary>
    public int MaxMessagesPerUserPerHour { get; set; }

    public BareNewlines BareNewlines { get; set; } = BareNewlines.Normalize;
}
