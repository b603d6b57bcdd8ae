using System.CommandLine;

namespace RelayProxy.Commands.Completion;

/// <summary><c>completion</c>: what makes a shell complete commands, options and settings. A script is all there is: nothing of this program runs
/// while somebody types.</summary>
internal static class CompletionCommand
{
    /// <summary>The shells, and how each is told.</summary>
    private static readonly Dictionary<string, Func<IReadOnlyList<CompletedCommand>, string>> s_shells = new()
    {
        ["bash"] = BashCompletion.Write,
        ["zsh"] = ZshCompletion.Write,
        ["fish"] = FishCompletion.Write,
    };

    public static DescribedCommand Create(CommandContext context)
    {
        var shell = new Argument<string>("shell") { Description = "For which shell." };
        shell.AcceptOnlyFromAmong([.. s_shells.Keys]);
        var command = new Command("completion", "Write the script that makes a shell complete commands, options and settings.") { shell };
        command.SetAction(parsed => context.Output.Write(s_shells[parsed.GetRequiredValue(shell)](CompletedCommand.All(CommandTable.Describe(context)))));
        return new DescribedCommand(
            command,
            "relayproxy completion bash > /etc/bash_completion.d/relayproxy",
            "relayproxy completion zsh > /usr/local/share/zsh/site-functions/_relayproxy",
            "relayproxy completion fish > ~/.config/fish/completions/relayproxy.fish");
    }
}
