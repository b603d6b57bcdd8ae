using RelayProxy.Upstream;

namespace RelayProxy.Configuration.Import;

/// <summary>A line of <c>remotes</c>: <c>host protocol --option=value …</c>.</summary>
internal static class NullmailerRemote
{
    public static void Read(ImportLine line, ImportDraft draft)
    {
        if (!CommandLine.TrySplit(line.Text, out List<string> words))
        {
            draft.Impossible(line, "a quote is not closed");
            return;
        }

        string host = words[0];
        int port = 25;
        string tls = nameof(SmarthostTls.None);
        var told = new List<string>();
        string protocol = words.Count > 1 && !IsOption(words[1]) ? words[1] : "smtp";
        if (words.Skip(2).Any(word => !IsOption(word)))
        {
            draft.Impossible(line, "what is no option behind the host and its protocol is passed over; write --user=… and --pass=… in one piece");
        }

        foreach ((string name, string value) in words.Skip(1).Where(IsOption).Select(Option))
        {
            switch (name)
            {
                case "ssl":
                    (tls, port) = (nameof(SmarthostTls.Implicit), port == 25 ? 465 : port);
                    break;
                case "starttls":
                    tls = nameof(SmarthostTls.StartTls);
                    break;
                case "port":
                    port = ImportedSmarthost.Port(value);
                    break;
                case "user":
                    draft.Set("Smarthost:Username", value);
                    told.Add($"Smarthost:Username = {value}");
                    break;
                case "pass":
                    draft.SetPassword(value);
                    told.Add("Smarthost:PasswordFile");
                    break;
                case "auth-login":
                    draft.Set("Smarthost:Mechanisms", SettingValue.List(["LOGIN"]));
                    told.Add("Smarthost:Mechanisms = LOGIN");
                    break;
                case "x509cafile" or "x509certfile" or "x509keyfile":
                    string key = name switch { "x509cafile" => "CaFile", "x509certfile" => "ClientCertificateFile", _ => "ClientKeyFile" };
                    draft.Set($"Smarthost:{key}", value);
                    told.Add($"Smarthost:{key} = {value}");
                    break;
                case "insecure":
                    draft.Changed(line, "--insecure: the certificate is checked all the same; of one that nobody vouches for, pin the digest");
                    break;
                default:
                    draft.Impossible(line, $"--{name}: it has no equivalent");
                    break;
            }
        }

        ImportedSmarthost.Set(draft, host, port, tls);
        if (protocol != "smtp")
        {
            draft.Impossible(line, $"{host} {protocol}: mail leaves by SMTP");
        }

        draft.Kept(line, $"{host} → {string.Join(", ", [$"Smarthost:Host = {host}", $"Smarthost:Port = {port}", $"Smarthost:Tls = {tls}", .. told])}");
    }

    private static bool IsOption(string word) => word.StartsWith('-');

    private static (string Name, string Value) Option(string word)
    {
        string[] parts = word.TrimStart('-').Split('=', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : "");
    }
}
