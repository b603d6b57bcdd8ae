namespace RelayProxy.Session.Extensions;

/// <summary>PIPELINING (RFC 2920): a client may send MAIL, RCPT and DATA in one go. Replies are kept until the input holds no
/// whole command, or a verb comes that ends a group (<see cref="SmtpVerb.LastInGroup"/>).</summary>
internal sealed class PipeliningExtension : Extension
{
    protected override string Announce(SessionOptions options) => "PIPELINING";
}
