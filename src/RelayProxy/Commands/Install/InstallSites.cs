using System.CommandLine;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Install;

/// <summary>What <c>install</c> and <c>uninstall</c> have in common: the machine that is meant, the right to change it, and what is said when that
/// fails.</summary>
internal static class InstallSites
{
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Only show what would be done." };

    public static Option<string> Root() => new("--root")
    {
        Description = "The tree of another machine, one that is being made, instead of this one.",
        HelpName = "FOLDER",
        DefaultValueFactory = static _ => "/",
    };

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(CommandContext context, string name, string root, bool isTrial, Func<InstallSite, int> run)
    {
        if (!isTrial && !Environment.IsPrivilegedProcess)
        {
            context.Complain($"relayproxy {name}: only root may change the system; type: sudo {Environment.ProcessPath} {name} …, or look first, with --dry-run");
            return ExitCode.NoPermission;
        }

        if (!Directory.Exists(root))
        {
            context.Complain($"relayproxy {name}: there is no folder {root}");
            return ExitCode.NoInput;
        }

        var site = new InstallSite(root);
        try
        {
            return run(site with { MailIn = path => MailInAsync(context, site[path]).GetAwaiter().GetResult() });
        }
        catch (Exception fault) when (fault is InstallException or IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy {name}: {fault.Message}");
            if (site.Exists(InstallManifest.Path))
            {
                context.Complain("What was done so far is written down; the same command goes on from there, and relayproxy uninstall undoes it.");
            }

            return fault is InstallException ? ExitCode.Unavailable : ExitCode.CannotCreate;
        }
    }

    private static async Task<string?> MailInAsync(CommandContext context, string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return null;
        }

        try
        {
            await using IQueueStore store = context.MakeStore(new QueueOptions { Path = folder });
            await store.OpenAsync(StoreAccess.Operator, CancellationToken.None);
            QueueTotals totals = await store.TotalsAsync(CancellationToken.None);
            return totals.Messages == 0 ? null : $"{TerminalText.Count(totals.Messages, "message")} in it";
        }
        catch (QueueUnavailableException fault)
        {
            return $"whether mail is in it cannot be told: {fault.Message}";
        }
    }
}
