using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Intake;

/// <summary>What the settings of intake must not say.</summary>
internal static class IntakeOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(IntakeOptions options)
    {
        if (options.HostName.Length > 0 && !DomainParser.IsWhole(Encoding.UTF8.GetBytes(options.HostName)))
        {
            yield return $"Intake:HostName is \"{options.HostName}\", which is not a host name; write one such as web1.example.net, "
                + "or leave it out for this host's own";
        }
    }
}
