namespace RelayProxy.Configuration.Import;

/// <summary>What became of a line of another program's configuration.</summary>
internal enum ImportVerdict
{
    Kept,

    /// <summary>It has an equivalent that is not quite the same; the note says what differs.</summary>
    Changed,

    /// <summary>Nothing here needs it.</summary>
    Dropped,

    /// <summary>It has no equivalent, and somebody may miss it.</summary>
    Impossible,
}

/// <param name="Text">What the line said, and what became of it. Never a secret.</param>
internal sealed record ImportNote(string File, int Line, ImportVerdict Verdict, string Text);

/// <summary>A secret that is to be written to a file, and the setting that names the file.</summary>
internal sealed record ImportedSecret(string Key, string FileName, string Text)
{
    /// <summary>Says nothing, so that no log ever says more.</summary>
    public override string ToString() => FileName;
}

/// <summary>A relayproxy.json in the making, with a note for each line that was read.</summary>
internal sealed class ImportDraft
{
    private readonly Dictionary<string, SettingValue> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ImportNote> _notes = [];

    /// <summary>In the order of <see cref="Configuration.Settings.All"/>.</summary>
    public IEnumerable<(Setting Setting, SettingValue Value)> Settings => Configuration.Settings.All
        .Where(setting => _settings.ContainsKey(setting.Key))
        .Select(setting => (setting, _settings[setting.Key]));

    public List<ImportedSecret> Secrets { get; } = [];

    /// <summary>File by file, each from top to bottom.</summary>
    public IEnumerable<ImportNote> Notes
    {
        get
        {
            string[] files = [.. _notes.Select(note => note.File).Distinct()];
            return _notes.OrderBy(note => Array.IndexOf(files, note.File)).ThenBy(note => note.Line);
        }
    }

    /// <summary>A line that nobody here knows, for a note: without its value where that may be a password, and without what stands where only a name
    /// belongs.</summary>
    /// <param name="line">As it reads where its value may be told.</param>
    public static string Told(string name, string line)
    {
        string word = string.Concat(name.TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'));
        return word.Length < name.Length || word.Contains("pass", StringComparison.OrdinalIgnoreCase) ? word : line;
    }

    public bool Has(string key) => _settings.ContainsKey(key);

    public void Set(string key, string value) => _settings[key] = SettingValue.One(value);

    public void Set(string key, SettingValue value) => _settings[key] = value;

    /// <summary>One more item of a list.</summary>
    public void Add(string key, string item) =>
        _settings[key] = SettingValue.List([.. _settings.TryGetValue(key, out SettingValue? before) ? before.Items : [], item]);

    /// <summary>The login's password goes into a file of its own.</summary>
    public void SetPassword(string password) => Secrets.Add(new ImportedSecret("Smarthost:PasswordFile", "smtp_password", password));

    public void Kept(ImportLine line, string what) => Note(line, ImportVerdict.Kept, what);

    /// <summary>Kept as one setting.</summary>
    public void Keep(ImportLine line, string what, string key, string value)
    {
        Set(key, value);
        Kept(line, $"{what} → {key} = {value}");
    }

    public void Changed(ImportLine line, string what) => Note(line, ImportVerdict.Changed, what);

    public void Dropped(ImportLine line, string what) => Note(line, ImportVerdict.Dropped, what);

    public void Impossible(ImportLine line, string what) => Note(line, ImportVerdict.Impossible, what);

    private void Note(ImportLine line, ImportVerdict verdict, string text) => _notes.Add(new ImportNote(line.File, line.Number, verdict, text));
}
