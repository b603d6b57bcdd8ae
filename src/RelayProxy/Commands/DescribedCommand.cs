using System.CommandLine;

namespace RelayProxy.Commands;

/// <summary>A command and the examples that its help shows; with those of its subcommands.</summary>
internal sealed record DescribedCommand(Command Command, IReadOnlyList<(Command Command, string[] Lines)> Examples)
{
    public DescribedCommand(Command command, params string[] examples)
        : this(command, [(command, examples)])
    {
    }
}
