using RelayProxy.Configuration;

namespace RelayProxy.Commands;

/// <summary>Tells all that is wrong with the settings, in one go.</summary>
internal static class ProblemList
{
    public static void Write(IReadOnlyList<ConfigurationProblem> problems, CommandContext context)
    {
        context.Complain($"relayproxy: {TerminalText.Count(problems.Count, "problem")} in the configuration");
        foreach (ConfigurationProblem problem in problems)
        {
            context.Complain($"  {problem}");
        }
    }
}
