using System.CommandLine;
using System.Net;
using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Mail;

namespace RelayProxy.Commands.Install;

/// <summary><c>install</c>: makes this program a service of a machine that has no package for it, and sendmail's successor if so wished.</summary>
internal static class InstallCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var asSendmail = new Option<bool>("--as-sendmail") { Description = "Take the place of sendmail, mailq, newaliases and rmail too." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Put another program's files aside without asking." };
        Option<bool> dryRun = InstallSites.DryRun();
        Option<string> root = InstallSites.Root();
        var command = new Command("install", "Make this program a service of this machine, where no package does. What uninstall undoes.")
        {
            asSendmail, dryRun, yes, root,
        };
        command.SetAction(parsed => InstallSites.Run(context, "install", parsed.GetRequiredValue(root), parsed.GetValue(dryRun), site =>
            Install(context, site, parsed.GetValue(CommonOptions.Config), parsed.GetValue(asSendmail), parsed.GetValue(dryRun), parsed.GetValue(yes))));
        return new DescribedCommand(
            command,
            "relayproxy install --dry-run                what would be done",
            "relayproxy install --as-sendmail --Smarthost:Host=smtp.example.net --Smarthost:Username=box@example.net --Smarthost:PasswordFile=/root/password",
            "relayproxy install --root /srv/image --yes");
    }

    private static int Install(CommandContext context, InstallSite site, string? file, bool asSendmail, bool isTrial, bool yes)
    {
        if (site.Exists("/var/lib/dpkg/info/relayproxy.list"))
        {
            throw new InstallException("RelayProxy is installed here by its Debian package; keep to that, or remove it first: apt-get remove relayproxy");
        }

        InstallManifest manifest = InstallManifest.Read(site);
        RelayConfiguration given = RelayConfiguration.Read(context.Inputs with { File = file, Root = site.Root });
        FirstSettings settings = FirstSettings.Of(given);
        List<string> obstacles = Obstacles(site, given);
        IReadOnlyList<InstallStep> plan = InstallPlan.Of(
            site, manifest, new InstallWishes(ProgramFiles.OfThisProcess(), settings, asSendmail, Start: obstacles.Count == 0));
        var run = new InstallRun(site, manifest, words => context.Say($"  {words}"));
        List<InstallStep> open = run.Open(plan);
        if (open.Count == 0)
        {
            context.Say("RelayProxy is installed already; nothing is to be changed.");
            return ExitCode.Ok;
        }

        if (isTrial)
        {
            context.Say("RelayProxy would");
            foreach (string words in open.Select(static step => step.Words).OfType<string>())
            {
                context.Say($"  {words}");
            }

            return ExitCode.Ok;
        }

        AsideStep[] others = [.. open.OfType<AsideStep>()];
        if (others.Length > 0 && !yes && !MayPutAside(context, others))
        {
            return ExitCode.Usage;
        }

        bool isFirst = !site.Exists(FirstSettings.Path);
        run.Do(plan);
        TellWhatNext(context, site, obstacles, isFirst ? settings.Notes : []);
        return ExitCode.Ok;
    }

    private static bool MayPutAside(CommandContext context, AsideStep[] others)
    {
        context.Say("These belong to another program:");
        foreach (AsideStep other in others)
        {
            context.Say($"  {other.Path}, which would be kept as {other.KeptAs}");
        }

        bool? answer = context.Confirm("Put them aside?");
        if (answer is null)
        {
            context.Complain("relayproxy install: nobody can be asked here; say --yes to have them put aside");
        }

        return answer == true;
    }

    /// <summary>Why the service cannot be started yet.</summary>
    private static List<string> Obstacles(InstallSite site, RelayConfiguration given)
    {
        if (!site.ServicesRun)
        {
            return [];
        }

        // What the service will read: the file alone.
        RelayConfiguration settings = site.Exists(FirstSettings.Path)
            ? RelayConfiguration.Read(new ConfigurationInputs { File = FirstSettings.Path })
            : given;
        List<string> obstacles = [.. settings.ProblemsForSending.Select(static problem => problem.ToString())];

        // systemd holds it for us, or we do ourselves, where this is not the first time.
        string? holder = PortHolder.Find(new IPEndPoint(IPAddress.Loopback, 25));
        if (holder is not null && !holder.StartsWith("systemd ", StringComparison.Ordinal) && !holder.StartsWith("relayproxy ", StringComparison.Ordinal))
        {
            obstacles.Add($"port 25 is taken: {holder} listens there, and has to be stopped and kept from starting again");
        }

        return obstacles;
    }

    private static void TellWhatNext(CommandContext context, InstallSite site, List<string> obstacles, IReadOnlyList<string> notes)
    {
        foreach (string note in notes)
        {
            context.Say(note);
        }

        string[]? start = ServiceCommands.Start(site.Services);
        if (start is null)
        {
            context.Say("Installed. What starts services on this machine is not known: have it run, as user relayproxy, /usr/lib/relayproxy/relayproxy serve");
        }
        else if (!site.ServicesRun)
        {
            context.Say($"Installed in {site.Root}. The service starts with that machine.");
        }
        else if (obstacles.Count == 0)
        {
            context.Say("Installed and started. Is everything right? relayproxy check --connect");
        }
        else
        {
            context.Say("Installed, and not started yet:");
            obstacles.ForEach(obstacle => context.Say($"  {obstacle}"));
            context.Say($"The settings are in {FirstSettings.Path}. Then: relayproxy check --connect && {string.Join(' ', start)}");
        }
    }
}
