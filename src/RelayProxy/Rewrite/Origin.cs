using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>What this machine is called in addresses.</summary>
internal sealed class Origin
{
    private readonly HashSet<string> _localDomains = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost", "localhost.localdomain", "[127.0.0.1]", "[IPv6:::1]",
    };

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _localDomainLetters;
    private readonly string _hostName;

    private Origin(string domain, string hostName, IEnumerable<string> localDomains)
    {
        Domain = domain;
        _hostName = hostName;
        _localDomains.UnionWith(localDomains);
        _localDomains.Add(hostName.Split('.')[0]);
        _localDomainLetters = _localDomains.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The domain that bare names get. It has a dot or is an address literal (RFC 5321 §2.3.5), unless it was set otherwise.</summary>
    public string Domain { get; }

    /// <summary>Reads /etc/mailname if no origin is set.</summary>
    /// <param name="hostName">This host's fully qualified name, or whatever it has.</param>
    public static Origin From(RewriteOptions options, string hostName, string mailNameFile = MailName.DefaultPath)
    {
        string domain = options.Origin.Length > 0 ? options.Origin : Qualified(MailName.Read(mailNameFile) ?? hostName);
        return new Origin(domain, hostName, options.LocalDomains);
    }

    /// <summary>Whether a domain is only another word for this machine, which the world does not know.</summary>
    public bool IsLocal(ReadOnlySpan<char> domain) => _localDomainLetters.Contains(domain);

    /// <summary>Whether a domain is this machine and nothing more: a word for it, or its own full name.</summary>
    public bool IsHere(string domain) => IsLocal(domain) || string.Equals(domain, _hostName, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether mail to a domain is mail to this machine, or to the domain that its names get.</summary>
    public bool IsOurs(string domain) => IsHere(domain) || string.Equals(domain, Domain, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a domain is some machine's own name: the world's have a dot, or are address literals.</summary>
    public static bool IsUnqualified(ReadOnlySpan<char> domain) => !domain.Contains('.') && !domain.StartsWith('[');

    private static string Qualified(string name) =>
        name.Contains('.', StringComparison.Ordinal) || name.StartsWith('[') ? name : name + ".localdomain";
}
