namespace RelayProxy.Commands.Install;

/// <summary>Tells the service manager, or whoever has to know. It is run whenever something has changed.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Command">A program and its arguments; <c>null</c> if only undoing asks for something.</param>
/// <param name="UndoCommand">The same for undoing.</param>
internal sealed record CommandStep(string Name, string[]? Command, string[]? UndoCommand) : InstallStep
{
    public override string Key => Name;

    public override string? Words => Command is null ? null : $"run {string.Join(' ', Command)}";

    public override string UndoWords => $"run {string.Join(' ', UndoCommand ?? [])}";

    public override StepState Look(InstallSite site, bool isOurs) => StepState.Open;

    public override void Do(InstallSite site)
    {
        SystemTools.Run(Command![0], Command[1..]);
    }

    public override bool IsThere(InstallSite site) => UndoCommand is not null;

    public override void Undo(InstallSite site)
    {
        SystemTools.Run(UndoCommand![0], UndoCommand[1..]);
    }
}
