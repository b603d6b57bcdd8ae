using System.Text;

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
        while (Pieces.TryTake(ref passwd, (byte)'\n', out ReadOnlySpan<byte> line))
        {
            if (Pieces.TryTake(ref line, (byte)':', out ReadOnlySpan<byte> name)
                && Pieces.TryTake(ref line, (byte)':', out _)
                && Pieces.TryTake(ref line, (byte)':', out ReadOnlySpan<byte> number)
                && !name.IsEmpty
                && Pieces.TryNumber(number, out long id)
                && id == userId)
            {
                string found = Encoding.UTF8.GetString(name);
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
