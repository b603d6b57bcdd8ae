using System.Globalization;

namespace RelayProxy.Configuration.Import;

/// <summary>Hosts and ports as other programs write them.</summary>
internal static class ImportedSmarthost
{
    /// <summary>A port's number or the name that /etc/services has for it; 0 if it is neither.</summary>
    public static int Port(string text) => text.ToUpperInvariant() switch
    {
        "SMTP" => 25,
        "SMTPS" or "SUBMISSIONS" or "SSMTP" => 465,
        "SUBMISSION" => 587,
        _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65536 ? port : 0,
    };

    public static void Set(ImportDraft draft, string host, int port, string tls)
    {
        draft.Set("Smarthost:Host", host);
        draft.Set("Smarthost:Port", port.ToString(CultureInfo.InvariantCulture));
        draft.Set("Smarthost:Tls", tls);
    }

    /// <summary>A program with no mailboxes and no aliases: all that is addressed to this machine goes to the smarthost.</summary>
    public static void SetNullClient(ImportDraft draft)
    {
        draft.Set("Rewrite:AliasFile", "");
        draft.Set("Rewrite:UnknownLocal", "Qualify");
        draft.Set("Local:Delivery", "None");
    }
}
