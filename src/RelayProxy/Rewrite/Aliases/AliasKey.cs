using System.Diagnostics.CodeAnalysis;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// What an alias is for: <c>name</c> (no domain), <c>name@domain</c>, <c>@domain</c> (no name), <c>*</c>. The case of letters makes no
/// difference, as in every other aliases file.
/// </summary>
internal readonly record struct AliasKey(string LocalPart, string Domain)
{
    /// <summary>For every name at this machine that nobody knows.</summary>
    public static AliasKey CatchAll { get; } = new("*", "");

    /// <summary>What msmtp calls it.</summary>
    public static AliasKey Default { get; } = new("default", "");

    /// <summary>As it could be written in an aliases file.</summary>
    public override string ToString()
    {
        string text = LocalPart.Length == 0 ? $"@{Domain}" : new Mailbox(LocalPart, Domain).ToString();

        // Or it would be a comment.
        return !text.StartsWith('#') ? text : Domain.Length == 0 ? $"\"{LocalPart}\"" : $"\"{LocalPart}\"@{Domain}";
    }

    /// <summary>Reads <c>name</c>, <c>"a name"</c>, <c>name@domain</c>, <c>@domain</c> or <c>*</c>.</summary>
    public static bool TryParse(string text, out AliasKey key)
    {
        // The parser takes no mailbox without a name, so it is lent one.
        bool isDomain = text.StartsWith('@');
        Mailbox? mailbox = null;
        bool parsed = !AliasWords.IsUnreadable(text) && MailboxParser.TryParse(isDomain ? "x" + text : text, out mailbox);
        key = parsed ? new AliasKey(isDomain ? "" : mailbox!.LocalPart, mailbox!.Domain) : default;
        return parsed;
    }
}

/// <summary>A key that is looked for, and need not be made for it.</summary>
internal readonly ref struct AliasName(ReadOnlySpan<char> localPart, ReadOnlySpan<char> domain)
{
    public ReadOnlySpan<char> LocalPart { get; } = localPart;

    public ReadOnlySpan<char> Domain { get; } = domain;
}

/// <summary>Without regard to the case of letters.</summary>
internal sealed class AliasKeyComparer : IEqualityComparer<AliasKey>, IAlternateEqualityComparer<AliasName, AliasKey>
{
    public static AliasKeyComparer Instance { get; } = new();

    public bool Equals(AliasKey left, AliasKey right) =>
        left.LocalPart.Equals(right.LocalPart, StringComparison.OrdinalIgnoreCase)
        && left.Domain.Equals(right.Domain, StringComparison.OrdinalIgnoreCase);

    public bool Equals(AliasName alternate, AliasKey other) =>
        alternate.LocalPart.Equals(other.LocalPart, StringComparison.OrdinalIgnoreCase)
        && alternate.Domain.Equals(other.Domain, StringComparison.OrdinalIgnoreCase);

    public int GetHashCode([DisallowNull] AliasKey key) => GetHashCode(new AliasName(key.LocalPart, key.Domain));

    public int GetHashCode(AliasName alternate) => HashCode.Combine(
        string.GetHashCode(alternate.LocalPart, StringComparison.OrdinalIgnoreCase),
        string.GetHashCode(alternate.Domain, StringComparison.OrdinalIgnoreCase));

    public AliasKey Create(AliasName alternate) => new(alternate.LocalPart.ToString(), alternate.Domain.ToString());
}
