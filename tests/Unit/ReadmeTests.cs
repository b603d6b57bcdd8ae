using System.Text.RegularExpressions;
using RelayProxy.Harness;
using RelayProxy.Unit.Commands;

namespace RelayProxy.Unit;

/// <summary>What the README says is there is there.</summary>
public partial class ReadmeTests
{
    private static readonly string s_text = File.ReadAllText(Repository.Path("README.md"));

    [Fact]
    public void Its_walk_names_every_room_and_no_other()
    {
        string walk = s_text[s_text.IndexOf("## How a message travels", StringComparison.Ordinal)..s_text.IndexOf("## Building", StringComparison.Ordinal)];
        string[] named = [.. Bold().Matches(walk).Select(match => match.Groups[1].Value).Order()];
        string[] rooms =
        [
            .. Directory.GetDirectories(Repository.Path("src", "RelayProxy")).Select(folder => Path.GetFileName(folder)!)
                .Where(name => name is not ("bin" or "obj")).Order(),
        ];

        Assert.Equal(rooms, named);
    }

    [Fact]
    public void Every_setting_it_names_exists()
    {
        string[] keys =
        [
            .. Variable().Matches(s_text).Select(match => $"{match.Groups[1].Value}:{match.Groups[2].Value}"),
            .. Key().Matches(s_text).Select(match => match.Groups[1].Value),
        ];

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Contains(key, RelayProxy.Configuration.Settings.ByKey.Keys));
    }

    [Fact]
    public void Every_file_it_names_exists()
    {
        string[] files = [.. FilePath().Matches(s_text).Select(match => match.Groups[1].Value).Where(file => !file.StartsWith('/'))];

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(
            Path.Exists(Repository.Path(file)) || Path.Exists(Repository.Path("src", "RelayProxy", file)), file));
    }

    [Fact]
    public async Task Every_command_it_names_exists()
    {
        string[] commands = [.. Invocation().Matches(s_text).Select(match => match.Groups[1].Value).Distinct()];

        Assert.NotEmpty(commands);
        foreach (string command in commands)
        {
            var run = new CommandRun();
            int exit = await run.RunAsync(null, [.. command.Split(' '), "--help"]);
            Assert.True(exit == 0, $"{command}: {run.Said}");
        }
    }

    [GeneratedRegex(@"\*\*([A-Z][a-z]+)\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(@"RELAYPROXY_([A-Za-z]+)__([A-Za-z]+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"`([A-Z][a-z]+:[A-Z][A-Za-z]+)`")]
    private static partial Regex Key();

    [GeneratedRegex(@"`((?:\./)?[A-Za-z./]+(?:\.cs|\.json|\.yml|\.sh|/[A-Z][A-Za-z]+))`")]
    private static partial Regex FilePath();

    [GeneratedRegex(@"(?:^    relayproxy|RelayProxy -- )\s?((?:queue |config )?[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Invocation();
}
