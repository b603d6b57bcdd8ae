namespace RelayProxy.Submission.Handing;

/// <summary>Where the relay listens.</summary>
/// <param name="Text">For people: <c>127.0.0.1:25</c>, <c>unix:/run/relayproxy/smtp.sock</c>.</param>
/// <param name="Address">For connect(2): a sockaddr of this machine's layout.</param>
internal sealed record RelayEndpoint(string Text, byte[] Address)
{
    private const byte Inet = 2;
    private const byte Inet6 = 10;
    private const byte SmtpPort = 25;

    /// <summary>Where it listens if nothing else is set: 127.0.0.1:25 and [::1]:25.</summary>
    public static RelayEndpoint[] Defaults { get; } =
    [
        new("127.0.0.1:25", [.. Family(Inet), 0, SmtpPort, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        new("[::1]:25", [.. Family(Inet6), 0, SmtpPort, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
    ];

    private static byte[] Family(byte family) => BitConverter.IsLittleEndian ? [family, 0] : [0, family];
}
