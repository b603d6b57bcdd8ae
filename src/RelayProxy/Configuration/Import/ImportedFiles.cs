namespace RelayProxy.Configuration.Import;

/// <summary>Files that Debian's packages name in their defaults.</summary>
internal static class ImportedFiles
{
    /// <summary>What is trusted without any setting.</summary>
    public const string SystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
}
