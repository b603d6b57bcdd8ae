using System.Globalization;
using RelayProxy.Smtp;

namespace RelayProxy.Delivery;

/// <summary>Reads a reply back from the one line that the store keeps of it.</summary>
internal static class StoredReply
{
    /// <summary><c>null</c> if the line does not begin with a reply code.</summary>
    public static SmtpReply? TryParse(string? line)
    {
        if (line is null || line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            || code is < 200 or > 599)
        {
            return null;
        }

        string rest = line.Length > 4 ? line[4..] : "";
        string[] parts = rest.Split(' ', 2);
        string[] status = parts[0].Split('.');
        bool hasStatus = status.Length == 3 && status[0] == line[..1]
            && int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && int.TryParse(status[2], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return hasStatus
            ? new SmtpReply(
                code,
                int.Parse(status[1], CultureInfo.InvariantCulture),
                int.Parse(status[2], CultureInfo.InvariantCulture),
                parts.Length > 1 ? parts[1] : "")
            : new SmtpReply(code, null, rest);
    }
}
