using System.Text;
using RelayProxy.Configuration;
using RelayProxy.Configuration.Import;

namespace RelayProxy.Commands.Install;

/// <summary>The configuration file of a machine that has none yet: the settings that <c>install</c> was given, or a form to fill in.</summary>
/// <param name="Files">It, and the secrets that it names.</param>
/// <param name="Notes">What has to be said about settings that could not be taken over as they are.</param>
internal sealed record FirstSettings(IReadOnlyList<FileStep> Files, IReadOnlyList<string> Notes)
{
    public const string Path = $"{InstallPlan.SettingsFolder}/relayproxy.json";
    private const string Group = "relayproxy";

    /// <summary>Where the service does not look (ProtectHome=, PrivateTmp=).</summary>
    private static readonly string[] s_hidden = ["/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"];

    /// <param name="given">All that the command line, the environment and a named file say.</param>
    public static FirstSettings Of(RelayConfiguration given)
    {
        var settings = new List<(Setting, SettingValue)>();
        var files = new List<FileStep>();
        var notes = new List<string>();

        // A URL has been taken apart into the settings that it stands for.
        foreach (Setting setting in given.Report.Settings
            .Where(static reported => !reported.IsDefault && reported.Setting.Key is not ("Smarthost:Url" or "Smarthost:UrlFile"))
            .Select(static reported => reported.Setting))
        {
            SettingValue value = setting.Show(given.Options);
            if (setting.Key == "Queue:Path")
            {
                notes.Add("Queue:Path is not taken over: the service keeps its queue in /var/lib/relayproxy");
            }
            else if (IsSecretFile(setting) && s_hidden.Any(folder => value.Text.StartsWith(folder, StringComparison.Ordinal)) && File.Exists(value.Text))
            {
                string copy = $"{InstallPlan.SettingsFolder}/{NameOf(setting)}";
                files.Add(Yours(copy, File.ReadAllBytes(value.Text)));
                settings.Add((setting, SettingValue.One(copy)));
                notes.Add($"{setting.Key}: {value.Text}, which the service may not read, was copied to {copy}");
            }
            else
            {
                settings.Add((setting, value));
            }
        }

        byte[] content = settings.Count > 0 ? Encoding.UTF8.GetBytes(ImportedJson.Write(settings)) : InstallFiles.Read("relayproxy.json");
        return new FirstSettings([.. files, Yours(Path, content)], notes);
    }

    private static FileStep Yours(string path, byte[] content) => new(path, content, "640", Group, isYours: true);

    private static bool IsSecretFile(Setting setting) =>
        setting.Key.StartsWith("Smarthost:", StringComparison.Ordinal) && setting.Key.EndsWith("File", StringComparison.Ordinal);

    /// <summary><c>Smarthost:PasswordFile</c> → <c>smtp_password</c>, the name that is also found in a folder of credentials.</summary>
    private static string NameOf(Setting setting)
    {
        string name = setting.Key["Smarthost:".Length..^"File".Length];
        var snake = new StringBuilder("smtp");
        foreach (char letter in name)
        {
            snake.Append(char.IsUpper(letter) ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }
}
