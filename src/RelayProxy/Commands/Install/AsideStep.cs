namespace RelayProxy.Commands.Install;

/// <summary>Puts a file of another program's aside: on Debian by dpkg-divert, so that an upgrade of its package does not bring it back.</summary>
/// <param name="KeptAs">Where it waits for its return.</param>
/// <param name="IsDiverted">By dpkg-divert; else by renaming alone.</param>
internal sealed record AsideStep(string Path, string KeptAs, bool IsDiverted) : InstallStep
{
    public override string Key => Path;

    public override string Words => IsDiverted ? $"divert {Path} to {KeptAs} (dpkg-divert)" : $"rename {Path} to {KeptAs}";

    public override string UndoWords => $"put {Path} back from {KeptAs}";

    public static AsideStep Of(string path, bool isDiverted) => isDiverted
        ? new AsideStep(path, path + ".distrib", IsDiverted: true)
        : new AsideStep(path, path + ".before-relayproxy", IsDiverted: false);

    public override StepState Look(InstallSite site, bool isOurs) =>
        !site.Exists(KeptAs) ? StepState.Open : site.Exists(Path) ? StepState.InTheWay : StepState.Done;

    public override void Do(InstallSite site)
    {
        if (IsDiverted)
        {
            Divert(site, "--add");
        }
        else
        {
            File.Move(site[Path], site[KeptAs]);
        }
    }

    public override bool IsThere(InstallSite site) => IsDiverted || site.Exists(KeptAs);

    public override string? WhyItStays(InstallSite site, Removal removal) =>
        site.Exists(KeptAs) && site.Exists(Path) && !removal.Gone.Contains(Path) ? "something else has taken its place" : null;

    public override void Undo(InstallSite site)
    {
        if (IsDiverted)
        {
            Divert(site, "--remove");
        }
        else
        {
            File.Move(site[KeptAs], site[Path]);
        }
    }

    private void Divert(InstallSite site, string action) =>
        SystemTools.Run("dpkg-divert", [.. site.RootOption("--root"), "--local", "--rename", "--divert", KeptAs, action, Path]);
}
