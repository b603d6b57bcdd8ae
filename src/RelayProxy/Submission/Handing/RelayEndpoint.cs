namespace RelayProxy.Submission.Handing;

/// <summary>Where the relay listens.</summary>
/// <param name="Text">For people: <c>127.0.0.1:25</c>, <c>unix:/run/relayproxy/smtp.sock</c>.</param>
/// <param name="Address">For connect(2): a sockaddr of this machine's layout.</param>
internal sealed record RelayEndpoint(string Text, byte[] Address);
