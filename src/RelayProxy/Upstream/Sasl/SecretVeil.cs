using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// Takes out of a server's reply what it repeats of a login: some quote the command that they did not understand, cut short or whole, and some
/// the password that was wrong. Replies go to the log, and into the queue.
/// </summary>
internal static class SecretVeil
{
    /// <summary>So much of a secret in one piece is no coincidence. A shorter secret is looked for as a whole.</summary>
    private const int Piece = 6;

    /// <param name="secrets">What was sent, as it went over the wire, and what it was made of.</param>
    public static string Over(string text, IReadOnlyList<string> secrets)
    {
        StringBuilder? veiled = null;
        int shown = 0;
        for (int i = 0; i < text.Length;)
        {
            int length = 0;
            foreach (string secret in secrets)
            {
                length = Math.Max(length, Repeated(text.AsSpan(i), secret));
            }

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

    /// <summary>How much of the text's beginning stands somewhere in the secret; 0 if it is too little to mean anything.</summary>
    private static int Repeated(ReadOnlySpan<char> text, ReadOnlySpan<char> secret)
    {
        int length = Math.Min(Piece, secret.Length);
        if (length == 0 || text.Length < length || !secret.Contains(text[..length], StringComparison.Ordinal))
        {
            return 0;
        }

        while (length < text.Length && secret.Contains(text[..(length + 1)], StringComparison.Ordinal))
        {
            length++;
        }

        return length;
    }
}
