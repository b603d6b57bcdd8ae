namespace RelayProxy.Session;

/// <summary>How a conversation came to its end.</summary>
internal enum SessionEnd
{
    /// <summary>QUIT.</summary>
    Quit,

    /// <summary>The client closed, or the connection was torn away.</summary>
    ClientLeft,

    /// <summary>No command, or no more content, within its time.</summary>
    WaitedTooLong,

    /// <summary>Content came in more slowly than the minimum rate.</summary>
    TooSlow,

    /// <summary>The client did not take our replies.</summary>
    NotReading,

    TooManyCommands,

    TooManyErrors,

    /// <summary>A command line, or what was to be swallowed of a message, went on and on.</summary>
    Endless,

    /// <summary>HTTP, TLS, SOCKS: whoever this is, it does not want to speak SMTP.</summary>
    ForeignProtocol,

    /// <summary>NUL, a control character or a lone CR in a command.</summary>
    ControlCharacters,

    /// <summary>A lone CR or LF, where the settings refuse them.</summary>
    BareNewline,

    /// <summary>A BDAT that does not say how many octets follow.</summary>
    UnknowableChunk,

    /// <summary>Message content behind a DATA that was refused.</summary>
    ContentAsCommands,

    /// <summary>The relay stops.</summary>
    Stopping,

    /// <summary>A fault of ours.</summary>
    Fault,
}
