using System.Globalization;

namespace RelayProxy.Commands.Install;

/// <summary>What comes into a folder after it was made.</summary>
internal enum FolderContent
{
    Nothing,
    Settings,
    Queue,
}

/// <summary>Makes a folder. One that is there stays as it is, and is not ours to remove.</summary>
/// <param name="Mode">Octal.</param>
/// <param name="Owner">A user and a group of the same name.</param>
internal sealed record FolderStep(string Path, string Mode = "755", string Owner = "root", FolderContent Content = FolderContent.Nothing) : InstallStep
{
    public override string Key => Path;

    public override string Words => string.Create(CultureInfo.InvariantCulture, $"make the folder {Path} ({Owner}:{Owner}, {Mode})");

    public override string UndoWords => $"remove the folder {Path}";

    public override StepState Look(InstallSite site, bool isOurs) =>
        Directory.Exists(site[Path]) ? StepState.Done : site.Exists(Path) ? StepState.InTheWay : StepState.Open;

    public override void Do(InstallSite site)
    {
        Directory.CreateDirectory(site[Path]);
        site.Give(Path, Owner, Owner, Mode);
    }

    public override bool IsThere(InstallSite site) => Directory.Exists(site[Path]);

    public override string? WhyItStays(InstallSite site, Removal removal) => Content switch
    {
        FolderContent.Queue when !removal.Purge => site.MailIn(Path),
        FolderContent.Settings when !removal.Purge => IsEmpty(site, removal) ? null : "settings are in it",
        FolderContent.Nothing => IsEmpty(site, removal) ? null : "something is in it",
        FolderContent.Queue or FolderContent.Settings => null,
    };

    public override void Undo(InstallSite site) => Directory.Delete(site[Path], recursive: Content != FolderContent.Nothing);

    private bool IsEmpty(InstallSite site, Removal removal) =>
        Directory.EnumerateFileSystemEntries(site[Path]).All(entry => entry == site[InstallManifest.Path] || removal.Gone.Exists(gone => site[gone] == entry));
}
