using System.Globalization;

namespace RelayProxy.Submission;

/// <summary>
/// <c>/etc/passwd</c> (passwd(5)), read as it stands: asking the system's databases through the library loads them all, for the one line that
/// nearly every caller has here.
/// </summary>
internal static class PasswdFile
{
    private const int MostOctets = 4 * 1024 * 1024;

    public static ReadOnlySpan<byte> Read() => SystemCalls.ReadFile("/etc/passwd", MostOctets);

    /// <summary>A user's name; <c>null</c> if there is no line for this id.</summary>
    /// <param name="preferred">Which of several names of one user to take, if it is one.</param>
    public static string? NameOf(ReadOnlySpan<byte> passwd, uint userId, string? preferred)
    {
        string? first = null;
        foreach (Range range in passwd.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = passwd[range];
            int name = line.IndexOf((byte)':');
            int password = name < 0 ? -1 : line[(name + 1)..].IndexOf((byte)':');
            if (password < 0)
            {
                continue;
            }

            ReadOnlySpan<byte> rest = line[(name + password + 2)..];
            int end = rest.IndexOf((byte)':');
            if (name > 0 && end > 0 && uint.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id == userId)
            {
                string found = System.Text.Encoding.UTF8.GetString(line[..name]);
                if (found == preferred)
                {
                    return found;
                }

                first ??= found;
            }
        }

        return first;
    }
}
