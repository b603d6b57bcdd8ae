using System.Text.Json.Serialization;

namespace RelayProxy.Commands.Install;

/// <summary>How the machine stands with regard to one step.</summary>
internal enum StepState
{
    /// <summary>Not done, or not as it should be.</summary>
    Open,

    /// <summary>As the step would leave it, whoever did that.</summary>
    Done,

    /// <summary>Something stands there that <c>install</c> did not put there.</summary>
    InTheWay,
}

/// <summary>
/// One thing that <c>install</c> does to a machine, and can undo. A plan is a list of these, and so is the list of what was done
/// (<see cref="InstallManifest"/>); <see cref="InstallRun"/> alone carries them out. A step that was interrupted can be done again, and undone.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(FolderStep), "folder")]
[JsonDerivedType(typeof(ProgramStep), "program")]
[JsonDerivedType(typeof(UserStep), "user")]
[JsonDerivedType(typeof(FileStep), "file")]
[JsonDerivedType(typeof(LinkStep), "link")]
[JsonDerivedType(typeof(AsideStep), "aside")]
[JsonDerivedType(typeof(CommandStep), "command")]
internal abstract record InstallStep
{
    /// <summary>What it is about; two steps of one kind with the same are one.</summary>
    public abstract string Key { get; }

    /// <summary>What it does, as an order; <c>null</c> if it only undoes.</summary>
    public abstract string? Words { get; }

    /// <summary>What undoing it does.</summary>
    public abstract string UndoWords { get; }

    /// <param name="isOurs">An earlier <c>install</c> did it.</param>
    public abstract StepState Look(InstallSite site, bool isOurs);

    /// <exception cref="InstallException"/>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public abstract void Do(InstallSite site);

    /// <summary>Whether there is anything to undo: it was done, and nobody has undone it since.</summary>
    public abstract bool IsThere(InstallSite site);

    /// <summary>Why it is not undone, although it is there; <c>null</c> if it is.</summary>
    public virtual string? WhyItStays(InstallSite site, Removal removal) => null;

    /// <inheritdoc cref="Do"/>
    public abstract void Undo(InstallSite site);

    public bool IsSameAs(InstallStep other) => other.GetType() == GetType() && other.Key == Key;
}

/// <summary>How much is taken away.</summary>
/// <param name="Purge">Settings and mail too.</param>
internal sealed record Removal(bool Purge)
{
    /// <summary>What has been found to stay so far.</summary>
    public List<InstallStep> Kept { get; } = [];

    /// <summary>What is still to be looked at.</summary>
    public List<InstallStep> Ahead { get; } = [];

    /// <summary>What has been removed so far, or would have been.</summary>
    public List<string> Gone { get; } = [];
}

/// <summary>It cannot be done as things are; the message says why, and the way out.</summary>
internal sealed class InstallException(string message) : Exception(message);
