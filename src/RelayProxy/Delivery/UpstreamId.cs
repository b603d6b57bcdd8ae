using System.Buffers;
using RelayProxy.Smtp;

namespace RelayProxy.Delivery;

/// <summary>The name under which the smarthost keeps a message it has taken, which its operators ask for. Everyone says it in their own way.</summary>
internal static class UpstreamId
{
    /// <summary>A word in this place of a reply; what is not found in one is looked for in the next.</summary>
    private static readonly (string Before, string Behind)[] s_places =
    [
        ("queued as ", ""),                                 // Postfix, and this relay
        ("InternalId=", ""),                                // Exchange
        (" id=", ""),                                       // Exim
        ("", " Message accepted for delivery"),             // sendmail
        ("", " - gsmtp"),                                   // Google
    ];

    private static readonly SearchValues<char> s_ends = SearchValues.Create(" ,;()]\n");

    /// <summary>A single word of at least so many letters behind an OK is one too (Amazon).</summary>
    private const int LeastAlone = 12;

    /// <summary><c>null</c> if the reply names none.</summary>
    public static string? Of(SmtpReply reply)
    {
        string text = reply.Text;
        foreach ((string before, string behind) in s_places)
        {
            if (Word(text, before, behind) is { Length: > 0 } word)
            {
                return word;
            }
        }

        return text.Split(' ') is [var ok, { Length: >= LeastAlone } alone] && ok.Equals("Ok", StringComparison.OrdinalIgnoreCase) ? alone : null;
    }

    private static string? Word(string text, string before, string behind)
    {
        int place = text.IndexOf(before.Length > 0 ? before : behind, StringComparison.OrdinalIgnoreCase);
        if (place < 0)
        {
            return null;
        }

        if (before.Length > 0)
        {
            int start = place + before.Length;
            int end = text.AsSpan(start).IndexOfAny(s_ends);
            return end < 0 ? text[start..] : text.Substring(start, end);
        }

        return text[(text.LastIndexOf(' ', Math.Max(0, place - 1)) + 1)..place];
    }
}
