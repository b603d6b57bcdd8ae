using System.Net;
using System.Text;

namespace RelayProxy.Mail;

/// <summary>
/// What this host is called, from files alone. Asking the resolver would give the same answer where DNS works, and make the start
/// hang where it does not.
/// </summary>
internal static class HostIdentity
{
    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>This host's fully qualified name, or its bare name where nothing tells its domain. Read once.</summary>
    public static string FullyQualifiedName { get; } = From(Dns.GetHostName(), Content("/etc/hosts"), Content("/etc/resolv.conf"));

    /// <summary>The kernel's name if it has a dot; else the first name with a dot beside it in <c>/etc/hosts</c>; else with the
    /// domain of <c>/etc/resolv.conf</c>; else as it is.</summary>
    public static string From(string kernelName, string hosts, string resolvConf)
    {
        string name = kernelName.TrimEnd('.');
        if (!IsName(name))
        {
            return "localhost";
        }

        if (name.Contains('.', StringComparison.Ordinal))
        {
            return name;
        }

        return FromHosts(name, hosts) ?? (FromResolvConf(resolvConf) is { } domain ? $"{name}.{domain}" : name);
    }

    /// <summary>The text of a file; empty if it cannot be read.</summary>
    internal static string Content(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string? FromHosts(string name, string hosts)
    {
        foreach (string[] words in Lines(hosts, '#'))
        {
            string[] names = words[1..];
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            // "127.0.0.1 localhost.localdomain localhost web1" tells nothing about web1.
            string? qualified = names.FirstOrDefault(static candidate => candidate.Contains('.', StringComparison.Ordinal)
                && IsName(candidate)
                && !candidate.StartsWith("localhost.", StringComparison.OrdinalIgnoreCase));
            if (qualified is not null)
            {
                return qualified.TrimEnd('.');
            }
        }

        return null;
    }

    /// <summary>The first domain of the last <c>domain</c> or <c>search</c> line: the resolver, too, lets the last one win.</summary>
    private static string? FromResolvConf(string resolvConf)
    {
        string? domain = null;
        foreach (string[] words in Lines(resolvConf, '#', ';'))
        {
            if (words is ["domain" or "search", { } first, ..] && IsName(first))
            {
                domain = first.TrimEnd('.');
            }
        }

        return domain;
    }

    private static IEnumerable<string[]> Lines(string text, params char[] comment)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(comment)[0].Trim().Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                yield return words;
            }
        }
    }

    private static bool IsName(string name) => !name.StartsWith('[') && DomainParser.IsWhole(Encoding.UTF8.GetBytes(name));
}
