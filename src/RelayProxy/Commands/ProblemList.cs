using RelayProxy.Configuration;

namespace RelayProxy.Commands;

/// <summary>Tells all that is wrong with the settings, in one go.</summary>
internal static class ProblemList
{
    /// <summary>What is to be told, and stands in nobody's way.</summary>
    public static void WriteWarnings(IReadOnlyList<ConfigurationProblem> warnings, CommandContext context)
    {
        foreach (ConfigurationProblem warning in warnings)
        {
            context.Complain($"relayproxy: warning: {warning}");
        }
    }

    public static void Write(IReadOnlyList<ConfigurationProblem> problems, CommandContext context)
    {
        context.Complain($"relayproxy: {TerminalText.Count(problems.Count, "problem")} in the configuration");
        foreach (ConfigurationProblem problem in problems)
        {
            context.Complain($"  {problem}");
        }
    }
}
