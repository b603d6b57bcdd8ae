using System.Globalization;

namespace RelayProxy.Listener;

/// <summary>What the system says to a question about its users; it may not be able to (a directory server that is away).</summary>
internal enum Answer
{
    No,
    Yes,
    Unknown,
}

/// <summary>An entry of a list of users: <c>www-data</c>, <c>1000</c>, <c>@mailers</c>, <c>@2000</c>.</summary>
internal static class UserEntry
{
    /// <summary>What is wrong with the form of an entry, with the way out; <c>null</c> if nothing is.</summary>
    public static string? Fault(string entry)
    {
        string name = IsGroup(entry) ? entry[1..] : entry;
        return entry == "*" ? "which is everybody; leave the list empty for that"
            : name.Length == 0 || name.Any(letter => letter is <= ' ' or '\x7f' or ':' or '@' or '/')
                ? "which names nobody; write a user (www-data), a number (1000) or a group (@mailers)"
            : IsNumber(name) && !uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? "which no uid can be; they end at 4294967295"
            : null;
    }

    /// <summary>Whether the system knows nobody of that name: a slip of the pen perhaps, or a user who has been removed.</summary>
    public static bool IsUnknown(string entry) => !IsNumber(entry.TrimStart('@')) && Find(entry, out _) == Answer.No;

    /// <summary>Whether an entry means a user: by number, by any of his names, or as a member of a group, be it his own or another.</summary>
    public static Answer Means(uint user, string entry)
    {
        Answer found = Find(entry, out uint id);
        return found != Answer.Yes ? found
            : IsGroup(entry) ? LocalUsers.IsInGroup(user, id)
            : id == user ? Answer.Yes
            : Answer.No;
    }

    private static Answer Find(string entry, out uint id)
    {
        string name = entry.TrimStart('@');
        return IsNumber(name) ? uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out id) ? Answer.Yes : Answer.No
            : IsGroup(entry) ? LocalUsers.TryFindGroup(name, out id)
            : LocalUsers.TryFindUser(name, out id);
    }

    private static bool IsGroup(string entry) => entry.StartsWith('@');

    private static bool IsNumber(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('0', '9');
}
