namespace RelayProxy.Upstream.Sasl;

/// <summary>What XOAUTH2 and OAUTHBEARER share: one response with the token; and if the server does not like it, a challenge that says
/// why, an answer without meaning, and only then the 535.</summary>
internal abstract class OAuthMechanism(SaslCredentials credentials) : SaslMechanism
{
    private string? _complaint;

    public override string? Complaint => _complaint;

    protected SaslCredentials Credentials => credentials;

    /// <summary>What the protocol wants said to the explanation, so that the 535 can follow.</summary>
    protected abstract byte[] Acknowledgement { get; }

    public override byte[] Respond(ReadOnlySpan<byte> challenge)
    {
        if (_complaint is not null)
        {
            throw new SaslException(_complaint, SaslFault.CredentialsRefused);
        }

        _complaint = OAuthError.Describe(challenge, credentials.AccessToken);
        return Acknowledgement;
    }

    /// <exception cref="SaslException">The server refused the token and then said 235.</exception>
    public override void Finish()
    {
        if (_complaint is not null)
        {
            throw new SaslException(_complaint, SaslFault.CredentialsRefused);
        }
    }
}
