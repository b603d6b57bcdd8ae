using System.Net;

namespace RelayProxy.Commands.Demo;

/// <summary>What the stand-in smarthost is to be like.</summary>
internal sealed record DemoSmarthostOptions
{
    /// <summary>Where to listen; port 0 lets the system choose.</summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Names its certificate is for, beside <c>localhost</c>, 127.0.0.1 and ::1.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>Who may log in; <c>null</c> for anyone with any password.</summary>
    public DemoLogin? Login { get; init; }

    /// <summary>How long every group of replies is held back: what a smarthost on another continent feels like.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Connections at the same time; more wait to be accepted.</summary>
    public int MaxConnections { get; init; } = 100;

    public long MaxMessageOctets { get; init; } = 50L * 1024 * 1024;

    public int MaxRecipients { get; init; } = 1000;

    /// <summary>How much of a message <see cref="DemoArrival.Content"/> holds.</summary>
    public int MaxKeptOctets { get; init; }

    /// <summary>Writes down the dialogue for <see cref="DemoArrival.Dialogue"/>.</summary>
    public bool KeepDialogue { get; init; }
}

internal sealed record DemoLogin(string Username, string Password)
{
    public override string ToString() => Username;
}
