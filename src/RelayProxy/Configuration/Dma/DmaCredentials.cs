namespace RelayProxy.Configuration.Dma;

/// <summary>
/// The file that AUTHPATH names: <c>user|host:password</c> on each line. The user ends at the first <c>|</c>, the host at the first <c>:</c>,
/// <c>|</c>, blank or tab, and all the rest is the password, blanks and <c>#</c> included. Of several lines for a host the last counts.
/// </summary>
internal static class DmaCredentials
{
    public static void Map(DmaDirective auth, DmaDirective? smarthost, DmaReport report)
    {
        string path = auth.Value;
        report.Files.Add(path);
        if (SecretFile.Check(path) is { } trouble)
        {
            report.Refuse(auth, trouble);
            return;
        }

        List<DmaCredential> credentials = Read(path, report);
        if (smarthost is null)
        {
            return;
        }

        if (credentials.FindLast(credential => credential.Host.Equals(smarthost.Value, StringComparison.OrdinalIgnoreCase)) is not { } found)
        {
            string hosts = string.Join(", ", credentials.Select(credential => credential.Host).Distinct(StringComparer.OrdinalIgnoreCase));
            report.Refuse(auth, $"names {path}, which has no line for {smarthost.Value}"
                + (hosts.Length == 0 ? "" : $", but for {hosts}")
                + $"; dma would send without a login; write user|{smarthost.Value}:password there, or leave AUTHPATH out");
            return;
        }

        string source = $"{path}:{found.Line}";
        if (found.Password.Length > 0 && (found.Password[0] is ' ' or '\t' || found.Password[^1] is ' ' or '\t'))
        {
            report.Warn(auth.Name, source, "has a password that begins or ends with a blank, which is a part of it");
        }

        report.Set(source, "Smarthost:Username", SettingValue.One(found.User));
        report.Set(source, "Smarthost:Password", SettingValue.One(found.Password));
    }

    private static List<DmaCredential> Read(string path, DmaReport report)
    {
        var credentials = new List<DmaCredential>();
        string[] lines = File.ReadAllText(path).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string source = $"{path}:{i + 1}";
            string line = lines[i].TrimEnd('\r');
            if (line.Length < lines[i].Length)
            {
                report.Warn("AUTHPATH", source, "ends with CR LF, which dma takes for a part of the password; it is read without the CR");
            }

            string text = line.TrimStart(' ', '\t');
            if (text.Length == 0 || text[0] == '#')
            {
                if (text.Length < line.Length)
                {
                    report.Warn("AUTHPATH", source, "is indented or blank, at which dma stops; it is passed over");
                }
            }
            else if (Parse(line, i + 1) is { } credential)
            {
                credentials.Add(credential);
            }
            else
            {
                // Of what it says nothing is repeated: it may be a password.
                report.Refuse("AUTHPATH", source, "is not of the form user|host:password");
            }
        }

        return credentials;
    }

    private static DmaCredential? Parse(string line, int number)
    {
        int bar = line.IndexOf('|', StringComparison.Ordinal);
        if (bar < 1)
        {
            return null;
        }

        int end = line.AsSpan(bar + 1).IndexOfAny(":| \t");
        return end < 1 ? null : new DmaCredential(line[..bar], line.Substring(bar + 1, end), line[(bar + end + 2)..], number);
    }

    private sealed record DmaCredential(string User, string Host, string Password, int Line)
    {
        /// <summary>Without the password.</summary>
        public override string ToString() => $"{User}|{Host}";
    }
}
