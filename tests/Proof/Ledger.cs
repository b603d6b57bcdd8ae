using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof;

/// <summary>Keeps the books: which messages were answered 250, which were refused, which arrived, and how often.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, byte> _accepted = new();
    private readonly ConcurrentDictionary<string, byte> _refused = new();
    private int _next;

    public int Accepted => _accepted.Count;

    /// <summary>A message that can be told from all others; every line of its body says whose it is.</summary>
    public (string Name, byte[] Content) Write(int octets)
    {
        string name = NameOf(Interlocked.Increment(ref _next));
        var text = new StringBuilder($"From: <app@example.org>\r\nTo: <box@example.net>\r\nSubject: {name}\r\n\r\n");
        while (text.Length < octets)
        {
            text.Append(name).Append(" goes on and on, and every line of it says whose it is.\r\n");
        }

        return (name, Encoding.ASCII.GetBytes(text.Append($"end of {name}").ToString()));
    }

    /// <summary>The relay said 250.</summary>
    public void Took(string name) => _accepted[name] = 0;

    /// <summary>The relay said 4xx or 5xx: nothing of it may arrive, for its sender comes with it again (RFC 5321 §4.2.5).</summary>
    public void Refused(string name) => _refused[name] = 0;

    /// <summary>What was refused and arrived all the same.</summary>
    public IReadOnlyList<string> Uninvited(IEnumerable<CapturedMail> arrived) => [.. arrived.Select(NameOf).Where(_refused.ContainsKey)];

    /// <summary>What arrived more than once.</summary>
    public static IReadOnlyList<string> Duplicated(IEnumerable<CapturedMail> arrived) =>
        [.. arrived.GroupBy(NameOf).Where(same => same.Count() > 1).Select(same => same.Key)];

    /// <summary>What was answered 250 and has not arrived.</summary>
    public IReadOnlyList<string> Missing(IEnumerable<CapturedMail> arrived)
    {
        HashSet<string> names = [.. arrived.Select(NameOf)];
        return [.. _accepted.Keys.Where(name => !names.Contains(name))];
    }

    /// <summary>What arrived, but not as it was sent.</summary>
    public static IReadOnlyList<string> Torn(IEnumerable<CapturedMail> arrived) => [.. arrived.Where(IsTorn).Select(NameOf)];

    private static bool IsTorn(CapturedMail mail)
    {
        string name = NameOf(mail);
        string body = mail.Text.Split("\r\n\r\n", 2)[1];
        return !body.EndsWith($"end of {name}\r\n", StringComparison.Ordinal)
            || body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Any(line => !line.Contains(name, StringComparison.Ordinal));
    }

    /// <summary>The name of the first, second … that was written.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"message-{number}");

    public static string NameOf(CapturedMail mail)
    {
        int at = mail.Text.IndexOf("Subject: ", StringComparison.Ordinal) + "Subject: ".Length;
        return mail.Text[at..mail.Text.IndexOf('\r', at)];
    }
}
