namespace RelayProxy.Harness.Load;

/// <summary>A program that takes a message on its standard input.</summary>
/// <param name="Environment">What it has besides this process's.</param>
internal sealed record CalledProgram(string Name, string[] Command, IReadOnlyDictionary<string, string>? Environment = null)
{
    public override string ToString() => $"{Name} ({string.Join(' ', Command)})";
}
