using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands;

public class CommandTableTests
{
    [Theory]
    [InlineData(true, false, "\e[1mSETTING", "\e[0m\n")]
    [InlineData(true, true, "SETTING", "SOURCE\n")]
    [InlineData(false, false, "SETTING", "SOURCE\n")]
    public async Task Titles_are_bold_only_on_a_terminal_that_may_have_colour(bool isTerminal, bool noColour, string start, string end)
    {
        var run = new CommandRun { IsTerminal = isTerminal, NoColour = noColour };

        Assert.Equal(ExitCode.Ok, await run.RunAsync(null, "config", "show", "--changed", "--Queue:Path=/x"));

        string titles = run.Said[..(run.Said.IndexOf('\n', StringComparison.Ordinal) + 1)];
        Assert.StartsWith(start, titles, StringComparison.Ordinal);
        Assert.EndsWith(end, titles, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_cannot_be_opened_is_told_and_ends_with_69()
    {
        var run = new CommandRun();

        Assert.Equal(ExitCode.Unavailable, await run.RunAsync(null, "queue", "list"));
        Assert.Equal("relayproxy: no queue\n", run.Said);
    }

    [Fact]
    public async Task A_queue_that_is_not_for_whoever_asks_ends_with_77()
    {
        var run = new CommandRun { Trouble = new QueueUnavailableException("for members") { IsForbidden = true } };

        Assert.Equal(ExitCode.NoPermission, await run.RunAsync(null, "mailq"));
        Assert.Equal("relayproxy: for members\n", run.Said);
    }

    [Fact]
    public async Task The_queue_can_be_mended_while_the_smarthosts_settings_are_wrong()
    {
        var run = new CommandRun();
        await using var store = new RelayProxy.Harness.MemoryQueueStore(run.Clock);

        Assert.Equal(ExitCode.Ok, await run.RunAsync(store, "queue", "list", "--Smarthost:Port=wrong"));
        Assert.Equal(ExitCode.Configuration, await run.RunAsync(store, "queue", "list", "--Queue:Path=relative"));
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("demo")]
    [InlineData("check")]
    [InlineData("queue")]
    [InlineData("trace")]
    [InlineData("config")]
    [InlineData("health")]
    [InlineData("version")]
    public async Task A_command_goes_by_one_name_in_the_table_and_in_its_help(string name)
    {
        var run = new CommandRun();

        Assert.Equal(ExitCode.Ok, await run.RunAsync(null, name, "--help"));
        Assert.Contains($"\n  relayproxy {name} ", run.Said.Replace("RelayProxy.Unit", "relayproxy", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await run.RunAsync(null, "--help"));
        Assert.Contains($"\n  {name} ", run.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("serve")]
    [InlineData("--config", "/nowhere/else.json")]
    [InlineData("serve", "--Smarthost:Port=wrong")]
    [InlineData("--Smarthost:Port", "wrong", "serve")]
    public async Task The_relay_itself_does_not_start_with_settings_that_are_wrong(params string[] arguments)
    {
        var run = new CommandRun();

        Assert.Equal(ExitCode.Configuration, await run.RunAsync(null, arguments));
        Assert.Contains(" in the configuration\n", run.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("queue", "list", "extra", "word")]
    [InlineData("queue", "show")]
    [InlineData("check", "--conect")]
    [InlineData("trace")]
    [InlineData("nonsense")]
    [InlineData("queue", "list", "--limit", "many")]
    public async Task A_command_line_that_is_wrong_ends_with_64_and_says_where_to_read_on(params string[] arguments)
    {
        var run = new CommandRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync(null, arguments));
        Assert.StartsWith("relayproxy", run.Said, StringComparison.Ordinal);
    }
}
