using System.Text;

namespace RelayProxy.Commands.Install;

/// <summary>FreeBSD's /etc/mail/mailer.conf, which says for each of sendmail's names what mailwrapper(8) is to call.</summary>
internal static class MailerConfText
{
    private static readonly string[] s_names = ["sendmail", "send-mail", "mailq", "newaliases", "rmail"];

    /// <summary>The same file with our lines in the place of others' for the same names; the rest, comments included, stays.</summary>
    public static string With(string text, string executable)
    {
        var result = new StringBuilder();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!s_names.Contains(line.Split([' ', '\t'], 2)[0]))
            {
                result.Append(line).Append('\n');
            }
        }

        foreach (string name in s_names)
        {
            result.Append(name).Append('\t').Append(executable).Append('\n');
        }

        return result.ToString();
    }
}
