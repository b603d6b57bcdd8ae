namespace RelayProxy.Configuration.Import;

/// <summary>A command of msmtprc: a name and a value, which may stand in double quotes.</summary>
internal sealed record MsmtpCommand(string Name, string Value, ImportLine Line)
{
    public bool IsOn => Value is "" or "on";

    public override string ToString() => Name == "passwordeval" ? $"{Name} {Value}" : ImportDraft.Told(Name, $"{Name} {Value}");
}

/// <summary>The commands in effect for one account: the defaults above it, those of accounts it inherits from, its own; the last of a name counts.</summary>
internal sealed class MsmtpAccount
{
    private readonly Dictionary<string, MsmtpCommand> _commands = [];
    private readonly HashSet<string> _taken = [];

    private MsmtpAccount(string name, IEnumerable<MsmtpCommand> commands)
    {
        Name = name;
        foreach (MsmtpCommand command in commands)
        {
            if (_commands.TryGetValue(command.Name, out MsmtpCommand? earlier) && earlier.Line != command.Line)
            {
                Overridden.Add(earlier);
            }

            _commands[command.Name] = command;
        }
    }

    /// <summary>Commands that a later one takes the place of.</summary>
    public List<MsmtpCommand> Overridden { get; } = [];

    public string Name { get; }

    /// <summary>Those that nobody has asked for by name.</summary>
    public IEnumerable<MsmtpCommand> Commands => _commands.Values.Where(command => !_taken.Contains(command.Name)).OrderBy(command => command.Line.Number);

    /// <summary><c>null</c> if it is not there.</summary>
    public MsmtpCommand? Take(string name)
    {
        _taken.Add(name);
        return _commands.GetValueOrDefault(name);
    }

    public static MsmtpAccount Read(string path, ImportDraft draft)
    {
        var accounts = new List<MsmtpAccount>();
        List<MsmtpCommand> defaults = [];
        List<MsmtpCommand>? current = null;
        string name = "";
        string? chosen = null;
        foreach (MsmtpCommand command in ImportFiles.Lines(path).Select(Parse))
        {
            if (command.Name is not ("account" or "defaults"))
            {
                (current ?? defaults).Add(command);
                continue;
            }

            Close();
            current = null;
            if (command.Name == "defaults")
            {
                continue;
            }

            string[] parts = command.Value.Split(':', 2, StringSplitOptions.TrimEntries);
            MsmtpAccount[] inherited = parts.Length < 2
                ? []
                : [.. parts[1].Split(',', StringSplitOptions.TrimEntries).SelectMany(parent => accounts.Where(account => account.Name == parent))];
            chosen = parts[0] == "default" ? inherited.LastOrDefault()?.Name ?? "default" : chosen;
            name = parts[0];
            current = [.. defaults, .. inherited.SelectMany(account => account._commands.Values)];
            if (parts[0] == "default")
            {
                draft.Kept(command.Line, $"account {command.Value}: this is the account that is taken");
            }
        }

        Close();
        MsmtpAccount taken = accounts.Find(account => account.Name == "default") ?? accounts.FirstOrDefault() ?? new MsmtpAccount("default", defaults);
        foreach (MsmtpAccount other in accounts.Where(account => account != taken && account.Name != chosen))
        {
            draft.Impossible(new ImportLine(path, other._commands.Values.Max(command => command.Line.Number), ""), $"account {other.Name}: there is one smarthost");
        }

        return taken;

        void Close()
        {
            if (current is not null)
            {
                accounts.Add(new MsmtpAccount(name, current));
            }
        }
    }

    private static MsmtpCommand Parse(ImportLine line)
    {
        int blank = line.Text.IndexOfAny([' ', '\t']);
        string value = blank < 0 ? "" : line.Text[blank..].Trim();
        bool isQuoted = value.Length > 1 && value[0] == '"' && value[^1] == '"';
        return new MsmtpCommand(blank < 0 ? line.Text : line.Text[..blank], isQuoted ? value[1..^1] : value, line);
    }
}
