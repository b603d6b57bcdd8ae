namespace RelayProxy.Listener;

/// <summary>Settings of the <c>Listener</c> section that concern connections. What bounds a conversation is in
/// <see cref="Session.SessionOptions"/>, of the same section.</summary>
internal sealed class ListenerOptions
{
    /// <summary>Where to listen: <c>127.0.0.1:25</c>, <c>[::1]:25</c>, <c>unix:/run/relayproxy/smtp.sock</c>, <c>systemd</c> (the
    /// descriptors of LISTEN_FDS). Empty: those descriptors where there are any, else 127.0.0.1:25 and [::1]:25, of which one that the host
    /// lacks is skipped.</summary>
    public IList<string> Endpoints { get; set; } = [];

    /// <summary>Permits endpoints that are not loopback; needs <see cref="AllowedNetworks"/> too.</summary>
    public bool AllowNonLoopback { get; set; }

    /// <summary>Who may connect to such endpoints: <c>10.1.0.0/16</c>, <c>fd00::/8</c>.</summary>
    public IList<string> AllowedNetworks { get; set; } = [];

    /// <summary>Which users of this machine may send mail: <c>www-data</c>, <c>1000</c>, <c>@mailers</c> (a group). Empty: all of them. The user
    /// whom the relay runs as needs no entry.</summary>
    public IList<string> AllowedUsers { get; set; } = [];

    /// <summary>Which users may not, whoever is allowed.</summary>
    public IList<string> DeniedUsers { get; set; } = [];

    /// <summary>Octal permissions of Unix sockets.</summary>
    public string UnixSocketMode { get; set; } = "0666";

    /// <summary>The group of Unix sockets; empty to leave it.</summary>
    public string UnixSocketGroup { get; set; } = "";

    /// <summary>Connections at the same time; 421 4.7.0 beyond it.</summary>
    public int MaxConnections { get; set; } = 200;

    /// <summary>Connections at the same time from one address. All local programs share 127.0.0.1, so this is as many.</summary>
    public int MaxConnectionsPerPeer { get; set; } = 200;

    /// <summary>Ends the relay (exit code 69) when every network interface but loopback is gone: a sidecar whose application's container was started
    /// anew is left behind in the old network, and its supervisor starts it in the new one. The image sets it.</summary>
    public bool ExitWhenCutOff { get; set; }
}
