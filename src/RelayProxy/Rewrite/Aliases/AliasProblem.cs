namespace RelayProxy.Rewrite.Aliases;

/// <summary>Something in an aliases file that needs a person.</summary>
/// <param name="IsWarning">It works; somebody may have meant something else.</param>
/// <param name="Text">What is wrong, and the way out.</param>
internal sealed record AliasProblem(AliasPlace Place, bool IsWarning, string Text)
{
    public override string ToString() => $"{Place}: {(IsWarning ? "warning: " : "")}{Text}";
}
