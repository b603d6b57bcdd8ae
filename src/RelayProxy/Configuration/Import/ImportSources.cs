namespace RelayProxy.Configuration.Import;

/// <summary>The programs whose configuration can be taken over, one line each.</summary>
internal static class ImportSources
{
    public static IReadOnlyDictionary<string, Action<ImportFiles, ImportDraft>> All { get; } = new Dictionary<string, Action<ImportFiles, ImportDraft>>
    {
        ["dma"] = DmaImport.Read,
        ["postfix"] = PostfixImport.Read,
        ["exim"] = EximImport.Read,
        ["msmtp"] = MsmtpImport.Read,
        ["ssmtp"] = SsmtpImport.Read,
        ["nullmailer"] = NullmailerImport.Read,
    };
}
