using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using RelayProxy.Commands;
using RelayProxy.Commands.Manual;
using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Submission.Flags;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Commands.Manual;

/// <summary>The manual tells of every command, option and setting, and of none that is not there.</summary>
public partial class ManualTests
{
    private static readonly CommandModel s_model = CommandRun.Describe();

    [Fact]
    public async Task Every_command_is_in_the_manual_and_no_other()
    {
        string page = await PageAsync("relayproxy");

        string[] expected =
        [
            .. CommandModel.WithAllBelow(s_model.Root).Where(command => command is not RootCommand && !CommandModel.CommandsOf(command).Any())
                .Select(command => CommandModel.PathOf(command)["relayproxy ".Length..]),
        ];
        string[] told = [.. CommandLine().Matches(page[page.IndexOf(".SH \"COMMANDS\"", StringComparison.Ordinal)..page.IndexOf(".SH \"SIGNALS\"", StringComparison.Ordinal)])
            .Select(match => match.Groups[1].Value)];
        Assert.Equal(expected, told);
    }

    [Fact]
    public async Task Every_option_is_in_the_manual_and_no_other()
    {
        string[] known =
        [
            .. CommandModel.WithAllBelow(s_model.Root).SelectMany(command => command.Options).Where(option => !option.Hidden)
                .SelectMany(CommandModel.NamesOf).Where(name => name.StartsWith("--", StringComparison.Ordinal)),
        ];

        string[] told = [.. LongOption().Matches(await PageAsync("relayproxy")).Select(match => match.Value).Where(name => !IsSetting(name))];

        Assert.Empty(known.Except(told));
        Assert.Empty(told.Except(known));
    }

    [Fact]
    public async Task Every_setting_is_in_the_manual_with_its_default_and_no_other()
    {
        string[] told = [.. SettingLine().Matches(await PageAsync("relayproxy.json")).Select(match => match.Groups[1].Value)];

        Assert.Equal(
            Settings.All.Select(setting => setting.Key).Concat(Settings.FileVariants.Keys).Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_flag_of_sendmail_is_in_its_page_and_no_other()
    {
        string page = await PageAsync("sendmail");
        string[] told = [.. Flag().Matches(page).Select(match => match.Groups[1].Value)];

        Assert.Equal(
            SendmailFlags.All.Select(flag => flag.Usage).Concat(SendmailMode.All.Select(mode => $"-b{mode.Letter}")).Order(StringComparer.Ordinal),
            told.Select(flag => flag.Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("mailq")]
    [InlineData("newaliases")]
    public async Task What_an_old_command_says_for_help_is_in_its_page(string name)
    {
        OldCommandHelp help = name == "mailq" ? MailqCommand.Help : NewAliasesCommand.Help;

        Assert.Equal(help.Flags.Select(flag => flag.Flag), Flag().Matches(await PageAsync(name)).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task Every_variable_that_is_read_is_in_the_manual()
    {
        string[] read =
        [
            .. Directory.EnumerateFiles(Repository.Path("src", "RelayProxy"), "*.cs", SearchOption.AllDirectories)
                .SelectMany(file => Variable().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct(),
        ];
        string pages = await PageAsync("relayproxy") + await PageAsync("sendmail");

        Assert.Contains("RELAYPROXY_CONFIG", read);
        Assert.Contains("NO_COLOR", read);
        Assert.All(read, name => Assert.Contains(name, pages, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_exit_code_is_in_the_manual() =>
        Assert.Equal(
            typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!).Order(),
            ExitStatus.All.Select(entry => entry.Code));

    [Fact]
    public async Task All_pages_go_where_man_looks_and_bear_the_day_of_the_build()
    {
        using var folder = new TemporaryFolder();
        var run = new CommandRun { Environment = { ["SOURCE_DATE_EPOCH"] = "1767225599" } };

        Assert.Equal(ExitCode.Ok, await run.RunAsync(null, "manual", "--all", folder.Path));

        Assert.Equal(
            ManualPages.All.Select(page => $"man{page.Section}/{page.Name}.{page.Section}").Order(),
            Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Path, file)).Order());
        Assert.StartsWith(
            $".TH \"RELAYPROXY\" 8 2025-12-31 \"RelayProxy {ProductVersion.Text}\"\n",
            await File.ReadAllTextAsync(folder["man8/relayproxy.8"], TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    /// <summary>With hyphens; what stands for something else in angle brackets, as help has it.</summary>
    private static async Task<string> PageAsync(string name)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Ok, await run.RunAsync(null, "manual", name));
        return Font().Replace(Italic().Replace(run.Said.Replace(@"\-", "-", StringComparison.Ordinal), "<$1>"), "");
    }

    private static bool IsSetting(string option) => option.Contains(':', StringComparison.Ordinal);

    [GeneratedRegex(@"^\.TP\n([a-z][a-z -]*?)(?: [\[<].*)?$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"(?<![\w-])--[A-Za-z][A-Za-z:-]*")]
    private static partial Regex LongOption();

    [GeneratedRegex("""(?i:variables?|environment|GetValueOrDefault)(?:\(| = )"([A-Z_]{3,})[",]""")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\.TP\n(-.*)$", RegexOptions.Multiline)]
    private static partial Regex Flag();

    [GeneratedRegex(@"^\.TP\n([A-Za-z0-9:]+) = ", RegexOptions.Multiline)]
    private static partial Regex SettingLine();

    [GeneratedRegex(@"\\fI([^\\]*)\\fR")]
    private static partial Regex Italic();

    [GeneratedRegex(@"\\f[BR]")]
    private static partial Regex Font();
}
