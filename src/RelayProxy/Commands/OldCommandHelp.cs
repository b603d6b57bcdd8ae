using System.Text;

namespace RelayProxy.Commands;

/// <summary>What one of the commands of long ago says of itself, for its help and for its page of the manual.</summary>
/// <param name="Arguments">What may stand behind its name.</param>
/// <param name="Text">A paragraph, in lines.</param>
/// <param name="Flags">Those that mean something to it.</param>
internal sealed record OldCommandHelp(string Name, string Arguments, string Text, params IReadOnlyList<(string Flag, string Text)> Flags)
{
    /// <summary>As <c>--help</c> prints it.</summary>
    public override string ToString()
    {
        var help = new StringBuilder($"Usage: {Name} {Arguments}\n\n{Text}\n");
        foreach ((string flag, string text) in Flags)
        {
            help.Append(flag == Flags[0].Flag ? "\n" : "").Append($"  {flag,-14}{text}\n");
        }

        return help.ToString().TrimEnd('\n');
    }
}
