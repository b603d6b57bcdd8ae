namespace RelayProxy.Upstream;

/// <summary>
/// Tells whether settings have changed: an open connection may then be the wrong one, with another server, other credentials, another idea
/// of whom to trust. Asked for each message, so it compares and builds nothing.
/// </summary>
internal static class SmarthostChange
{
    public static bool Between(SmarthostOptions before, SmarthostOptions after) =>
        before.Port != after.Port
        || before.Tls != after.Tls
        || before.AllowPlaintextAuth != after.AllowPlaintextAuth
        || before.UseChunking != after.UseChunking
        || before.MaxConnections != after.MaxConnections
        || before.MaxMessagesPerConnection != after.MaxMessagesPerConnection
        || before.MaxRecipientsPerTransaction != after.MaxRecipientsPerTransaction
        || before.IdleClose != after.IdleClose
        || before.ConnectTimeout != after.ConnectTimeout
        || before.TlsTimeout != after.TlsTimeout
        || before.ReplyTimeout != after.ReplyTimeout
        || before.DataTimeout != after.DataTimeout
        || before.BlockTimeout != after.BlockTimeout
        || before.EndOfDataTimeout != after.EndOfDataTimeout
        || before.Host != after.Host
        || before.Url != after.Url
        || before.Username != after.Username
        || before.Password != after.Password
        || before.PasswordFile != after.PasswordFile
        || before.PasswordCommand != after.PasswordCommand
        || before.AccessToken != after.AccessToken
        || before.AccessTokenFile != after.AccessTokenFile
        || before.CaFile != after.CaFile
        || before.ClientCertificateFile != after.ClientCertificateFile
        || before.ClientKeyFile != after.ClientKeyFile
        || before.HeloName != after.HeloName
        || before.Provider != after.Provider
        || Between(before.Mechanisms, after.Mechanisms)
        || Between(before.PinnedSpkiSha256, after.PinnedSpkiSha256)
        || Between(before.PinnedCertificateSha256, after.PinnedCertificateSha256)
        || Between(before.Disable, after.Disable);

    private static bool Between(IList<string> before, IList<string> after)
    {
        if (before.Count != after.Count)
        {
            return true;
        }

        for (int i = 0; i < before.Count; i++)
        {
            if (before[i] != after[i])
            {
                return true;
            }
        }

        return false;
    }
}
