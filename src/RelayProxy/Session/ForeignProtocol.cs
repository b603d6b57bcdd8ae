using System.Text;

namespace RelayProxy.Session;

/// <summary>
/// Tells who came to the wrong door. A browser or a proxy that can be made to send lines to this port must not be able to send mail
/// with them, so the first line that no mail program writes ends the connection, and the rest of its input is never looked at.
/// </summary>
internal static class ForeignProtocol
{
    private static readonly string[] s_words =
        ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI", "PROXY"];

    /// <summary>Whether a connection begins with what is no text at all: a TLS record (0x16), SOCKS (0x04, 0x05), HTTP/3, noise.</summary>
    public static bool IsFirstOctet(byte octet) => octet is (< 0x20 and not (byte)'\r' and not (byte)'\n' and not (byte)'\t') or >= 0x7f;

    /// <summary>Whether a line that is no command is an HTTP request line, whatever its method, a PROXY header, or a header field
    /// (<c>Host: …</c>, <c>Host:…</c>).</summary>
    /// <param name="word">The line up to its first blank.</param>
    public static bool IsLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word)
    {
        if (word.IndexOf((byte)':') > 0 || line.IndexOf(" HTTP/"u8) >= 0)
        {
            return true;
        }

        foreach (string foreign in s_words)
        {
            if (Ascii.EqualsIgnoreCase(word, foreign))
            {
                return true;
            }
        }

        return false;
    }
}
