using System.Globalization;

namespace RelayProxy.Configuration.Import;

/// <summary>nullmailer: a folder with one file for each setting, and <c>remotes</c> with a smarthost on each line.</summary>
internal static class NullmailerImport
{
    public static void Read(ImportFiles files, ImportDraft draft)
    {
        ImportedSmarthost.SetNullClient(draft);
        List<ImportLine> remotes = ImportFiles.Lines(files.Require("remotes"));
        foreach (ImportLine line in remotes.Skip(1))
        {
            draft.Impossible(line, $"{line.Text.Split(' ')[0]}: there is one smarthost");
        }

        if (remotes.Count > 0)
        {
            NullmailerRemote.Read(remotes[0], draft);
        }

        ReadFile("me", (line, value) =>
        {
            draft.Set("Intake:HostName", value);
            draft.Keep(line, "me", "Rewrite:Origin", value);
        });
        ReadFile("defaulthost", (line, value) => draft.Keep(line, "defaulthost", "Rewrite:Origin", value));
        ReadFile("defaultdomain", (line, value) => draft.Dropped(line, $"defaultdomain {value}: nothing here needs it, for Rewrite:Origin has a domain"));
        ReadFile("helohost", (line, value) => draft.Keep(line, "helohost", "Smarthost:HeloName", value));
        ReadFile("idhost", (line, value) => draft.Dropped(line, $"idhost {value}: Message-IDs have Intake:HostName"));
        ReadFile("adminaddr", (line, value) =>
        {
            string first = value.Split(',', 2)[0].Trim();
            draft.Set("Delivery:PostmasterAddress", first);
            draft.Set("Rewrite:UnknownLocal", first);
            string told = $"adminaddr {value} → Rewrite:UnknownLocal = {first}, Delivery:PostmasterAddress = {first}";
            (first == value ? (Action<ImportLine, string>)draft.Kept : draft.Changed)(line, first == value ? told : told + "; for several people write an alias");
        });
        ReadFile("allmailfrom", (line, value) =>
        {
            draft.Set("Rewrite:MasqueradeScope", "Envelope");
            draft.Keep(line, "allmailfrom", "Rewrite:Masquerade", value);
        });
        ReadFile("pausetime", Seconds("pausetime", "Delivery:FirstRetry"));
        ReadFile("maxpause", Seconds("maxpause", "Delivery:MaxRetry"));
        ReadFile("queuelifetime", Seconds("queuelifetime", "Queue:GiveUpAfter"));
        ReadFile("sendtimeout", (line, value) => draft.Dropped(line, $"sendtimeout {value}: each step has a time of its own"));
        ReadFile("doublebounceto", (line, value) => draft.Keep(line, "doublebounceto", "Delivery:PostmasterAddress", value));
        ReadFile("bounceto", (line, value) => draft.Impossible(line, $"bounceto {value}: bounces go to the sender"));

        void ReadFile(string name, Action<ImportLine, string> take)
        {
            if (files.Find(name) is { } path && ImportFiles.Lines(path) is [var line, ..])
            {
                take(line, line.Text);
            }
        }

        Action<ImportLine, string> Seconds(string name, string key) => (line, value) =>
        {
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            {
                draft.Keep(line, name, key, Duration.Format(TimeSpan.FromSeconds(seconds)));
            }
            else
            {
                draft.Impossible(line, $"{name} {value}: it is no number of seconds");
            }
        };
    }
}
