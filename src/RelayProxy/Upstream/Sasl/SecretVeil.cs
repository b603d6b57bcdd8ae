using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// Takes out of what a server says what it repeats of a login: some quote the command that they did not understand, cut short or whole, and some
/// the password that was wrong. Replies go to the log, into the queue and into bounces.
/// </summary>
/// <param name="piece">So many letters of a secret in one piece are no coincidence. A shorter secret is looked for as a whole.</param>
internal sealed class SecretVeil(int piece)
{
    private readonly List<string> _secrets = [];

    /// <summary>How the pieces begin, as hashes: a reply that repeats nothing, as nearly all do, costs one look for each of its letters.</summary>
    private readonly HashSet<int> _beginnings = [];

    /// <summary>The least that is looked for; nothing yet.</summary>
    private int _least = int.MaxValue;

    /// <param name="secret">As it went over the wire, or what that was made of.</param>
    public void Add(string secret)
    {
        if (secret.Length == 0)
        {
            return;
        }

        _secrets.Add(secret);
        int length = Math.Min(piece, secret.Length);
        _least = Math.Min(_least, length);
        for (int i = 0; i + length <= secret.Length; i++)
        {
            _beginnings.Add(string.GetHashCode(secret.AsSpan(i, length)));
        }
    }

    public string Over(string text)
    {
        StringBuilder? veiled = null;
        int shown = 0;
        for (int i = 0; i <= text.Length - _least;)
        {
            int length = Repeated(text.AsSpan(i));
            if (length > 0)
            {
                veiled ??= new StringBuilder(text.Length);
                veiled.Append(text, shown, i - shown).Append("***");
                shown = i + length;
            }

            i += Math.Max(1, length);
        }

        return veiled is null ? text : veiled.Append(text, shown, text.Length - shown).ToString();
    }

    /// <summary>How much of the text's beginning stands somewhere in a secret; 0 if it is too little to mean anything.</summary>
    private int Repeated(ReadOnlySpan<char> text)
    {
        int longest = 0;
        bool mayBePiece = text.Length >= piece && _beginnings.Contains(string.GetHashCode(text[..piece]));
        if (mayBePiece || _least < piece)
        {
            foreach (string secret in _secrets)
            {
                longest = mayBePiece || secret.Length < piece ? Math.Max(longest, Repeated(text, secret)) : longest;
            }
        }

        return longest;
    }

    private int Repeated(ReadOnlySpan<char> text, ReadOnlySpan<char> secret)
    {
        int length = Math.Min(piece, secret.Length);
        if (text.Length < length || !secret.Contains(text[..length], StringComparison.Ordinal))
        {
            return 0;
        }

        while (length < text.Length && length < secret.Length && secret.Contains(text[..(length + 1)], StringComparison.Ordinal))
        {
            length++;
        }

        return length;
    }
}
