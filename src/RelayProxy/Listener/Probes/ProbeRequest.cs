using System.Text;

namespace RelayProxy.Listener.Probes;

/// <summary>The first line of an HTTP request (RFC 9112 §3); its fields are of no interest here.</summary>
/// <param name="Method"><c>GET</c>, in the letter case that was used: it counts.</param>
/// <param name="Path">Without its query.</param>
internal sealed record ProbeRequest(string Method, string Path)
{
    /// <summary>Whether the request is whole: an empty line has come.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> octets) => octets.IndexOf("\r\n\r\n"u8) >= 0 || octets.IndexOf("\n\n"u8) >= 0;

    /// <summary><c>null</c> if it is none.</summary>
    public static ProbeRequest? Parse(ReadOnlySpan<byte> octets)
    {
        int end = octets.IndexOf((byte)'\n');
        if (end < 0 || !Ascii.IsValid(octets[..end]))
        {
            return null;
        }

        string[] words = Encoding.ASCII.GetString(octets[..end]).TrimEnd('\r').Split(' ');
        return words is [{ Length: > 0 } method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"]
            ? new ProbeRequest(method, target.Split('?')[0])
            : null;
    }
}
