using System.CommandLine;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Install;

/// <summary><c>uninstall</c>: undoes what <c>install</c> did, and nothing else.</summary>
internal static class UninstallCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var purge = new Option<bool>("--purge") { Description = "Remove settings that were changed, and mail that waits, too." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Throw waiting mail away without asking." };
        Option<bool> dryRun = InstallSites.DryRun();
        Option<string> root = InstallSites.Root();
        var command = new Command("uninstall", "Undo what install did. Settings that were changed and mail that waits stay.")
        {
            purge, dryRun, yes, root,
        };
        command.SetAction(parsed => InstallSites.Run(context, "uninstall", parsed.GetRequiredValue(root), parsed.GetValue(dryRun), site =>
            Uninstall(context, site, parsed.GetValue(purge), parsed.GetValue(dryRun), parsed.GetValue(yes))));
        return new DescribedCommand(
            command,
            "relayproxy uninstall --dry-run              what would be undone",
            "relayproxy uninstall --purge --yes");
    }

    private static int Uninstall(CommandContext context, InstallSite site, bool purge, bool isTrial, bool yes)
    {
        InstallManifest manifest = InstallManifest.Read(site);
        if (manifest.Steps.Count == 0)
        {
            context.Say($"Nothing is to be undone: {site[InstallManifest.Path]} is not there, so no install was.");
            return ExitCode.Ok;
        }

        if (purge && !isTrial && !yes && Directory.Exists(site[QueueFolder.SystemFolder]) && site.MailIn(QueueFolder.SystemFolder) is { } mail
            && !MayThrowAway(context, mail))
        {
            return ExitCode.Usage;
        }

        if (isTrial)
        {
            context.Say("RelayProxy would");
        }

        var run = new InstallRun(site, manifest, words => context.Say($"  {words}"));
        IReadOnlyList<(InstallStep Step, string Why)> stays = run.Undo(purge, isTrial);
        foreach ((InstallStep step, string why) in stays)
        {
            context.Say($"{step.Key} {(isTrial ? "would stay" : "stays")}: {why}");
        }

        return ExitCode.Ok;
    }

    private static bool MayThrowAway(CommandContext context, string mail)
    {
        bool? answer = context.Confirm($"{QueueFolder.SystemFolder}: {mail}. Throw it away?");
        if (answer is null)
        {
            context.Complain($"relayproxy uninstall: {QueueFolder.SystemFolder}: {mail}; say --yes to throw it away, or leave out --purge");
        }

        return answer == true;
    }
}
