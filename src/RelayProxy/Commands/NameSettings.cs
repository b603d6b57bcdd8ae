using RelayProxy.Configuration;
using RelayProxy.Delivery.Local;
using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Commands;

/// <summary>Names as the relay would read them, aliases and the users of this machine included, for commands that only ask.</summary>
internal static class NameSettings
{
    private static readonly string[] s_sections = ["Rewrite:", "Local:", "Intake:"];

    /// <summary>Of the settings only those that names depend on need be right: whoever tries them may not have a smarthost yet.</summary>
    /// <exception cref="ConfigurationException">One of those is wrong.</exception>
    public static RelayOptions Require(RelayConfiguration read)
    {
        ConfigurationProblem[] inTheWay =
        [
            .. read.Problems.Where(problem => problem.Key.Length == 0
                || s_sections.Any(section => problem.Key.StartsWith(section, StringComparison.OrdinalIgnoreCase))),
        ];
        return inTheWay.Length > 0 ? throw new ConfigurationException(inTheWay) : read.Options;
    }

    public static Rewriter Rewriter(RelayOptions options, TimeProvider clock) => new(
        () => options.Rewrite,
        () => options.Delivery.PostmasterAddress,
        () => options.Intake.HostName is { Length: > 0 } name ? name : HostIdentity.FullyQualifiedName,
        new SystemUsers(() => options.Local),
        clock);
}
