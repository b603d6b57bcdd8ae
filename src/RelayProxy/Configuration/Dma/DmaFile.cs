namespace RelayProxy.Configuration.Dma;

/// <summary>
/// dma.conf as a source of settings: each directive of dma's is honoured or refused by name, with the way out. It is read by dma's own rules,
/// but for slips that dma punishes and whose meaning is plain: they are taken as meant, with a warning.
/// </summary>
internal static class DmaFile
{
    public const string Variable = "RELAYPROXY_DMACONF";

    private const string Option = "--dma";

    /// <summary>The file of <c>--dma</c> or <c>RELAYPROXY_DMACONF</c>; <c>null</c> if none is named. None is looked for: on a machine where dma is
    /// still at work its file says nothing about this relay.</summary>
    public static string? Find(ConfigurationInputs inputs)
    {
        string? named = Argument(inputs.Arguments) ?? inputs.Environment.GetValueOrDefault(Variable);
        return string.IsNullOrEmpty(named) ? null : Path.Combine(inputs.WorkingFolder, named);
    }

    /// <param name="root">Stands before the default SPOOLDIR.</param>
    public static DmaReport Read(string path, string root, int rank)
    {
        var report = new DmaReport(path, rank);
        report.Files.Add(path);
        try
        {
            string text = File.ReadAllText(path);

            // Whoever may write this file may name the smarthost that gets the password.
            if (File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite))
            {
                report.Refuse($"may be written by everyone; type: chmod o-w {path}");
                return report;
            }

            DmaDirectives directives = DmaDirectives.Read(text, report);
            DmaTransport.Map(directives, report);
            DmaNames.Map(directives, report);
            DmaQueue.Map(directives, report, root);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            report.Refuse(SecretFile.Reason(fault, path));
        }

        return report;
    }

    private static string? Argument(IReadOnlyList<string> arguments)
    {
        string? named = null;
        for (int i = 0; i < arguments.Count && arguments[i] != "--"; i++)
        {
            if (arguments[i] == Option && i + 1 < arguments.Count)
            {
                named = arguments[++i];
            }
            else if (arguments[i].StartsWith(Option + "=", StringComparison.Ordinal))
            {
                named = arguments[i][(Option.Length + 1)..];
            }
        }

        return named;
    }
}
