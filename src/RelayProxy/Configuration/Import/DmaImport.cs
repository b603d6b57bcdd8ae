using RelayProxy.Configuration.Dma;

namespace RelayProxy.Configuration.Import;

/// <summary>dma: dma.conf, and the auth.conf that it names. It is read as <c>--dma</c> reads it.</summary>
internal static class DmaImport
{
    public static void Read(ImportFiles files, ImportDraft draft)
    {
        string path = files.Require("dma.conf");
        DmaReport report = DmaFile.Read(path, root: "/", rank: 0);
        foreach (SourcedSetting setting in report.Settings)
        {
            Take(setting, draft);
        }

        foreach (IGrouping<string, SourcedSetting> line in report.Settings.GroupBy(setting => setting.Source))
        {
            string? name = report.Directives.Find(directive => report.SourceOf(directive.Line) == line.Key)?.Name;
            name ??= line.Key == report.SourceOf(null) ? "dma's defaults" : "login";
            draft.Kept(LineOf(line.Key, path), $"{name} → {string.Join(", ", line.Select(Told))}");
        }

        // STARTTLS speaks for SECURETRANSFER too, and the login for AUTHPATH.
        string[] told = [.. report.Settings.Select(setting => setting.Source), .. report.Problems.Select(problem => problem.Source)];
        foreach (DmaDirective directive in report.Directives.Where(directive => !told.Contains(report.SourceOf(directive.Line))))
        {
            draft.Kept(LineOf(report.SourceOf(directive.Line), path), $"{directive.Name}: told with the lines that it goes with");
        }

        foreach (ConfigurationProblem warning in report.Warnings)
        {
            draft.Changed(LineOf(warning.Source, path), $"{warning.Key} {warning.Trouble}".TrimStart());
        }

        foreach (ConfigurationProblem problem in report.Problems)
        {
            draft.Impossible(LineOf(problem.Source, path), $"{problem.Key} {problem.Trouble}".TrimStart());
        }
    }

    private static void Take(SourcedSetting setting, ImportDraft draft)
    {
        if (Settings.ByKey[setting.Key].IsSecret)
        {
            draft.SetPassword(setting.Value.Text);
        }
        else
        {
            draft.Set(setting.Key, setting.Value);
        }
    }

    private static string Told(SourcedSetting setting) =>
        Settings.ByKey[setting.Key].IsSecret ? setting.Key + "File" : $"{setting.Key} = {setting.Value.Text}";

    /// <summary>The file and line in <c>/etc/dma/dma.conf:7</c>; what stands in no line is told of the file.</summary>
    private static ImportLine LineOf(string source, string path)
    {
        int colon = source.LastIndexOf(':');
        return colon > 0 && int.TryParse(source.AsSpan(colon + 1), out int number)
            ? new ImportLine(source[..colon], number, "")
            : new ImportLine(path, 0, "");
    }
}
