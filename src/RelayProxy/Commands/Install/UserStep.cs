namespace RelayProxy.Commands.Install;

/// <summary>Makes the user and the group of the service.</summary>
internal sealed record UserStep(string Name, string Home) : InstallStep
{
    private const string NoShell = "/usr/sbin/nologin";

    public override string Key => Name;

    public override string Words => $"make the user and group {Name}";

    public override string UndoWords => $"remove the user and group {Name}";

    public override StepState Look(InstallSite site, bool isOurs) =>
        site.UserId(Name) is not null && site.GroupId(Name) is not null ? StepState.Done : StepState.Open;

    public override void Do(InstallSite site)
    {
        if (SystemTools.Has("systemd-sysusers"))
        {
            SystemTools.Run("systemd-sysusers", $"--root={site.Root}", "--inline", $"u {Name} - \"RelayProxy\" {Home} {NoShell}");
            return;
        }

        if (site.GroupId(Name) is null)
        {
            Choose(
                ("groupadd", [.. site.RootOption("--prefix"), "--system", Name]),
                ("addgroup", ["-S", Name]),
                ("pw", [.. site.RootOption("-R"), "groupadd", Name]));
        }

        if (site.UserId(Name) is null)
        {
            Choose(
                ("useradd", [.. site.RootOption("--prefix"), "--system", "-g", Name, "-d", Home, "-M", "-s", NoShell, "-c", "RelayProxy", Name]),
                ("adduser", ["-S", "-D", "-H", "-h", Home, "-s", "/sbin/nologin", "-G", Name, "-g", "RelayProxy", Name]),
                ("pw", [.. site.RootOption("-R"), "useradd", Name, "-g", Name, "-d", Home, "-s", NoShell, "-c", "RelayProxy"]));
        }
    }

    public override bool IsThere(InstallSite site) => site.UserId(Name) is not null || site.GroupId(Name) is not null;

    /// <summary>Files that stay must not belong to a number that another user gets one day.</summary>
    public override string? WhyItStays(InstallSite site, Removal removal) =>
        removal.Kept.Exists(HoldsItsFiles) || removal.Ahead.Exists(step => HoldsItsFiles(step) && step.WhyItStays(site, removal) is not null)
            ? "it owns files that stay"
            : null;

    public override void Undo(InstallSite site)
    {
        if (site.UserId(Name) is not null)
        {
            Choose(
                ("userdel", [.. site.RootOption("--prefix"), Name]),
                ("deluser", [Name]),
                ("pw", [.. site.RootOption("-R"), "userdel", Name]));
        }

        // Most of them take the group along.
        if (site.GroupId(Name) is not null)
        {
            Choose(
                ("groupdel", [.. site.RootOption("--prefix"), Name]),
                ("delgroup", [Name]),
                ("pw", [.. site.RootOption("-R"), "groupdel", Name]));
        }
    }

    private static bool HoldsItsFiles(InstallStep step) => step is FileStep { IsYours: true } or FolderStep { Content: not FolderContent.Nothing };

    /// <summary>Runs the first that this machine has: shadow's, Busybox's, FreeBSD's.</summary>
    private void Choose(params (string Tool, string[] Arguments)[] tools)
    {
        foreach ((string tool, string[] arguments) in tools)
        {
            if (SystemTools.Has(tool))
            {
                SystemTools.Run(tool, arguments);
                return;
            }
        }

        throw new InstallException(
            $"This machine has none of {string.Join(", ", tools.Select(static tool => tool.Tool))}; make the user and group {Name} yourself, and try again");
    }
}
