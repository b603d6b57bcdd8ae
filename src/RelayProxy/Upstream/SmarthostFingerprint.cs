using System.Globalization;
using System.Text;

namespace RelayProxy.Upstream;

/// <summary>
/// Tells whether settings have changed in a way that makes an open connection the wrong one: another server, other credentials, another
/// idea of whom to trust. Held in memory and compared, never shown: it contains the password.
/// </summary>
internal static class SmarthostFingerprint
{
    public static string Of(SmarthostOptions options)
    {
        var all = new StringBuilder(256);
        void Add(string text) => all.Append(text.Length).Append(':').Append(text);
        void AddAll(IEnumerable<string> texts) => Add(string.Join('\n', texts));

        Add(SmarthostHost.Normalize(options.Host));
        Add(options.Username);
        Add(options.Password);
        Add(options.PasswordFile);
        Add(options.PasswordCommand);
        Add(options.AccessToken);
        Add(options.AccessTokenFile);
        Add(options.CaFile);
        Add(options.ClientCertificateFile);
        Add(options.ClientKeyFile);
        Add(options.HeloName);
        Add(options.Provider);
        AddAll(options.Mechanisms);
        AddAll(options.PinnedSpkiSha256);
        AddAll(options.Disable);
        all.Append(CultureInfo.InvariantCulture, $"{options.Port} {options.Tls} {options.AllowPlaintextAuth} {options.UseChunking} ");
        all.Append(CultureInfo.InvariantCulture, $"{options.MaxConnections} {options.MaxMessagesPerConnection} {options.MaxRecipientsPerTransaction} ");
        all.Append(CultureInfo.InvariantCulture, $"{options.IdleClose.Ticks} {options.ConnectTimeout.Ticks} {options.TlsTimeout.Ticks} ");
        all.Append(CultureInfo.InvariantCulture, $"{options.ReplyTimeout.Ticks} {options.DataTimeout.Ticks} {options.BlockTimeout.Ticks} ");
        all.Append(CultureInfo.InvariantCulture, $"{options.EndOfDataTimeout.Ticks}");
        return all.ToString();
    }
}
