using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace RelayProxy.Commands.Install;

/// <summary>Writes a file of root's.</summary>
/// <param name="Group">Who may read it beside root, where <paramref name="Mode"/> says so.</param>
/// <param name="Digest">SHA-256 of what was written, to know whether it is still that.</param>
/// <param name="IsYours">It is there to be changed: it is written once, and goes only as it was written.</param>
[method: JsonConstructor]
internal sealed record FileStep(string Path, string Mode, string Group, string Digest, bool IsYours) : InstallStep
{
    public FileStep(string path, byte[] content, string mode = "644", string group = "root", bool isYours = false)
        : this(path, mode, group, DigestOf(content), isYours) => Content = content;

    [JsonIgnore]
    public byte[] Content { get; init; } = [];

    public override string Key => Path;

    public override string Words => $"write {Path} (root:{Group}, {Mode})";

    public override string UndoWords => $"remove {Path}";

    public override StepState Look(InstallSite site, bool isOurs)
    {
        if (!site.Exists(Path))
        {
            return StepState.Open;
        }

        return IsYours || DigestIn(site) == Digest ? StepState.Done : isOurs ? StepState.Open : StepState.InTheWay;
    }

    /// <summary>Under another name first, so that it is never there by half, nor for a moment readable by others.</summary>
    public override void Do(InstallSite site)
    {
        string draft = Path + ".new";
        File.Delete(site[draft]);
        using (FileStream file = new(site[draft], new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Content);
        }

        site.Give(draft, "root", Group, Mode);
        File.Move(site[draft], site[Path], overwrite: true);
    }

    public override string? WhyItStays(InstallSite site, Removal removal) =>
        IsYours && !removal.Purge && DigestIn(site) != Digest ? "it has been changed" : null;

    public override bool IsThere(InstallSite site) => site.Exists(Path);

    public override void Undo(InstallSite site) => File.Delete(site[Path]);

    private static string DigestOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private string DigestIn(InstallSite site) => DigestOf(File.ReadAllBytes(site[Path]));
}
