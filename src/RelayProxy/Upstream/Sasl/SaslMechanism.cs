namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// One exchange of one SASL mechanism, client side (RFC 4422). Knows octets, not base64 and not SMTP. Used once.
/// </summary>
internal abstract class SaslMechanism
{
    /// <summary>As it stands in the EHLO reply: <c>SCRAM-SHA-256</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the server said inside the exchange about why it will refuse, decoded and fit for a log; <c>null</c> where it
    /// said nothing. Belongs beside the 535 that follows: XOAUTH2 and OAUTHBEARER tell the reason here only.</summary>
    public virtual string? Complaint => null;

    /// <summary>The initial response to send with AUTH; <c>null</c> where the server speaks first (LOGIN, CRAM-MD5).</summary>
    public abstract byte[]? InitialResponse();

    /// <summary>Answers a challenge.</summary>
    /// <exception cref="SaslException">The challenge is malformed, or the server failed to prove itself: cancel with <c>*</c>.</exception>
    public abstract byte[] Respond(ReadOnlySpan<byte> challenge);

    /// <summary>Called when the server says 235. SCRAM insists on having seen the server's proof.</summary>
    /// <exception cref="SaslException">The server has not proved itself: do not go on.</exception>
    public virtual void Finish()
    {
    }
}

/// <summary>Why an exchange cannot go on: what to do next depends on it.</summary>
internal enum SaslFault
{
    /// <summary>The server broke the mechanism's rules, or failed to prove that it knows the password.</summary>
    ServerNotTrusted,

    /// <summary>The server refused the credentials inside the exchange.</summary>
    CredentialsRefused,

    /// <summary>The server offers the mechanism but cannot go through with it (a channel binding of another kind): a weaker one may
    /// do, on the next connection.</summary>
    MechanismUnusable,
}

/// <summary>The exchange cannot go on. The message carries nothing secret.</summary>
internal sealed class SaslException(string message, SaslFault fault = SaslFault.ServerNotTrusted) : Exception(message)
{
    public SaslFault Fault { get; } = fault;
}
