using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>
/// Other addresses for addresses. A line is a key and a value:
/// <code>
/// joe@example.net          j.smith@example.org      one address
/// joe                      j.smith@example.org      joe at this machine, whichever of its names the address has
/// @old.example             @new.example             a domain; the user stays
/// @old.example             all@new.example          a domain; everybody is all@new.example
/// /^(.+)-test@x\.example$/ $1@example.org           a regular expression
/// </code>
/// Looked up in this order: the address, the name if it is at this machine, the domain, then the expressions as they stand; the
/// first that is found counts, and what it gives is not looked up again. <c>joe+tag</c> that is not found is <c>joe</c>, and keeps
/// its tag. Nothing regards letter case, local parts included, as in Postfix. A value without a domain gets the origin's.
/// </summary>
internal sealed class AddressMap
{
    private readonly Origin _origin;
    private readonly Dictionary<Mailbox, Mailbox> _names = new(NameComparer.Instance);
    private readonly List<(Lazy<Regex> Regex, string Replacement)> _patterns = [];

    private AddressMap(Origin origin) => _origin = origin;

    public bool IsEmpty => _names.Count == 0 && _patterns.Count == 0;

    /// <summary>Lines that are wrong have been told by <see cref="Troubles"/> and are left out. Of two for one key the first counts.</summary>
    public static AddressMap Of(IEnumerable<string> lines, Origin origin)
    {
        var map = new AddressMap(origin);
        foreach (string line in lines)
        {
            if (!AddressMapLine.TryParse(line, out AddressMapLine? parsed, out _))
            {
                continue;
            }

            if (parsed.Pattern is not null)
            {
                // Expressions take their time to make, and most runs of a command ask for none.
                map._patterns.Add((new Lazy<Regex>(parsed.MakeRegex), parsed.Value));
            }
            else if (AddressMapLine.TryParseName(parsed.Value, out Mailbox? value))
            {
                map._names.TryAdd(parsed.Key!, value);
            }
        }

        return map;
    }

    /// <summary>What is wrong with the lines of a setting: a sentence for each, which begins with the key.</summary>
    /// <param name="key"><c>Rewrite:SenderMap</c>.</param>
    public static IEnumerable<string> Troubles(string key, IEnumerable<string> lines)
    {
        var seen = new HashSet<Mailbox>(NameComparer.Instance);
        foreach (string line in lines)
        {
            if (!AddressMapLine.TryParse(line, out AddressMapLine? parsed, out string? trouble))
            {
                yield return $"{key} has the line \"{line}\", which {trouble}";
            }
            else if (parsed.Key is { } name && !seen.Add(name))
            {
                yield return $"{key} has the line \"{line}\" for an address that has one already; leave one of them out";
            }
        }
    }

    /// <summary>What an address becomes; <c>null</c> if nothing applies.</summary>
    public Mailbox? Find(Mailbox address)
    {
        if (_names.Count > 0 && FindName(address) is { } found)
        {
            return found;
        }

        foreach ((Lazy<Regex> regex, string replacement) in _patterns)
        {
            if (regex.Value.Match(address.ToString()) is { Success: true } match
                && AddressMapLine.TryParseName(match.Result(replacement), out Mailbox? value))
            {
                return Completed(value, address);
            }
        }

        return null;
    }

    private Mailbox? FindName(Mailbox address)
    {
        bool isOurs = address.IsBare || _origin.IsOurs(address.Domain);
        if (TryFindUser(address, isOurs, out Mailbox? value))
        {
            return Completed(value, address);
        }

        int plus = address.LocalPart.IndexOf('+', StringComparison.Ordinal);
        if (plus > 0 && TryFindUser(address with { LocalPart = address.LocalPart[..plus] }, isOurs, out value))
        {
            Mailbox whole = Completed(value, address);
            return value.LocalPart.Length == 0 ? whole : whole with { LocalPart = whole.LocalPart + address.LocalPart[plus..] };
        }

        return !address.IsBare && _names.TryGetValue(address with { LocalPart = "" }, out value) ? Completed(value, address) : null;
    }

    private bool TryFindUser(Mailbox address, bool isOurs, [NotNullWhen(true)] out Mailbox? value) =>
        _names.TryGetValue(address, out value)
        || (isOurs && !address.IsBare && _names.TryGetValue(address with { Domain = "" }, out value));

    private Mailbox Completed(Mailbox value, Mailbox address) => value switch
    {
        { LocalPart: "" } => address with { Domain = value.Domain },
        { IsBare: true } => value with { Domain = _origin.Domain },
        _ => value,
    };

    private sealed class NameComparer : IEqualityComparer<Mailbox>
    {
        public static NameComparer Instance { get; } = new();

        public bool Equals(Mailbox? one, Mailbox? other) =>
            string.Equals(one?.LocalPart, other?.LocalPart, StringComparison.OrdinalIgnoreCase)
            && string.Equals(one?.Domain, other?.Domain, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode(Mailbox mailbox) => HashCode.Combine(
            StringComparer.OrdinalIgnoreCase.GetHashCode(mailbox.LocalPart), StringComparer.OrdinalIgnoreCase.GetHashCode(mailbox.Domain));
    }
}
