namespace RelayProxy.Configuration;

/// <summary>A file that holds a secret: who may read it, and its first line.</summary>
internal static class SecretFile
{
    /// <summary>Longer files are no passwords; somebody named the wrong one.</summary>
    private const int MostOctets = 64 * 1024;

    /// <summary>What is wrong with the file, with the way out; <c>null</c> if nothing is.</summary>
    public static string? Check(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MostOctets)
            {
                return $"names {path}, which is too long for a secret";
            }

            return IsReadableByAll(path)
                ? $"names {path}, which everyone on this machine may read; type: chmod 600 {path}"
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"names {path}, which {Reason(fault, path)}";
        }
    }

    /// <summary>The first line. Call <see cref="Check"/> before.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string ReadFirstLine(string path)
    {
        using var reader = new StreamReader(path);
        return reader.ReadLine() ?? "";
    }

    /// <summary>Why a file could not be read, and the way out.</summary>
    public static string Reason(Exception fault, string path) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => "does not exist",
        UnauthorizedAccessException when Directory.Exists(path) => "is a folder",
        UnauthorizedAccessException => $"may not be read by user {Environment.UserName}; change its owner or group",
        _ => $"cannot be read: {fault.Message}",
    };

    /// <summary>
    /// Readable by others, and reachable by them: a folder on the way that is closed to others protects what is in it. What
    /// container engines and systemd mount is readable by all inside the container, where there is nobody else.
    /// </summary>
    private static bool IsReadableByAll(string path)
    {
        string full = Path.GetFullPath(path);
        if (IsMountedSecret(full) || !File.GetUnixFileMode(full).HasFlag(UnixFileMode.OtherRead))
        {
            return false;
        }

        for (string? folder = Path.GetDirectoryName(full); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsMountedSecret(string path) =>
        path.StartsWith("/run/secrets/", StringComparison.Ordinal)
        || path.StartsWith("/var/run/secrets/", StringComparison.Ordinal)
        || path.StartsWith("/run/credentials/", StringComparison.Ordinal);
}
