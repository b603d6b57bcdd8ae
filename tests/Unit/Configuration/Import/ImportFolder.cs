using RelayProxy.Configuration;
using RelayProxy.Configuration.Import;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Configuration.Import;

/// <summary>Another program's files, and what the import makes of them.</summary>
internal sealed class ImportFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImportDraft Draft { get; private set; } = new();

    public void Write(string name, string text) => _folder.Write(name, text);

    public ImportDraft Read(string program)
    {
        Draft = new ImportDraft();
        ImportSources.All[program](new ImportFiles([_folder.Path]), Draft);
        return Draft;
    }

    /// <summary>Reads one file.</summary>
    public ImportDraft Read(string program, string name, string text)
    {
        Write(name, text);
        return Read(program);
    }

    /// <summary><c>null</c> if it is not set.</summary>
    public string? this[string key] =>
        Draft.Settings.Where(entry => entry.Setting.Key == key).Select(entry => entry.Value.Text).SingleOrDefault();

    public string Smarthost => $"{this["Smarthost:Host"]} {this["Smarthost:Port"]} {this["Smarthost:Tls"]}";

    /// <summary>How many lines came to what.</summary>
    public string Verdict(int line) =>
        string.Join(' ', Draft.Notes.Where(note => note.Line == line).Select(note => note.Verdict).Distinct());

    /// <summary>What is wrong with the configuration file that would be written.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems()
    {
        foreach (ImportedSecret secret in Draft.Secrets)
        {
            Draft.Set(secret.Key, _folder.Write(secret.FileName, secret.Text));
        }

        string file = _folder.Write("out/relayproxy.json", ImportedJson.Write(Draft.Settings));
        return RelayConfiguration.Read(new ConfigurationInputs { Root = _folder.Path, WorkingFolder = _folder.Path, File = file }).ProblemsForSending;
    }

    public void Dispose() => _folder.Dispose();
}
