namespace RelayProxy.Commands.Install;

/// <summary>Makes a symbolic link.</summary>
internal sealed record LinkStep(string Path, string Target) : InstallStep
{
    public override string Key => Path;

    public override string Words => $"link {Path} to {Target}";

    public override string UndoWords => $"remove the link {Path}";

    public override StepState Look(InstallSite site, bool isOurs) =>
        IsThere(site) ? StepState.Done : site.Exists(Path) ? StepState.InTheWay : StepState.Open;

    public override void Do(InstallSite site)
    {
        File.CreateSymbolicLink(site[Path], Target);
    }

    public override void Undo(InstallSite site) => File.Delete(site[Path]);

    /// <summary>What somebody else put in its place since is theirs.</summary>
    public override bool IsThere(InstallSite site) => new FileInfo(site[Path]).LinkTarget == Target;
}
