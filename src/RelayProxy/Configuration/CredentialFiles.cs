namespace RelayProxy.Configuration;

/// <summary>
/// Secrets that the platform puts into a folder: systemd's <c>$CREDENTIALS_DIRECTORY</c> (LoadCredential=) and the
/// <c>/run/secrets</c> of container engines. The file's name says what it is; no setting need point at it.
/// </summary>
internal static class CredentialFiles
{
    /// <summary>What a file's name stands for. Passwords and tokens are settings that name the file, so that a rotated secret is read
    /// at the next login; the rest is read here.</summary>
    public static IReadOnlyList<(string Name, string Key)> Names { get; } =
    [
        ("smtp_url", "Smarthost:UrlFile"),
        ("smarthost_url", "Smarthost:UrlFile"),
        ("smtp_username", "Smarthost:UsernameFile"),
        ("smarthost_username", "Smarthost:UsernameFile"),
        ("smtp_password", "Smarthost:PasswordFile"),
        ("smarthost_password", "Smarthost:PasswordFile"),
        ("smtp_access_token", "Smarthost:AccessTokenFile"),
        ("smarthost_access_token", "Smarthost:AccessTokenFile"),
    ];

    public static List<SourcedSetting> Read(string? folder, int rank, string source)
    {
        var settings = new Dictionary<string, SourcedSetting>();
        if (string.IsNullOrEmpty(folder))
        {
            return [];
        }

        foreach ((string name, string key) in Names)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                settings[key] = new SourcedSetting(key, SettingValue.One(path), rank, $"{source} {path}");
            }
        }

        return [.. settings.Values];
    }
}
