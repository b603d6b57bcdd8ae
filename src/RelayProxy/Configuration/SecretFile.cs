using RelayProxy.Queue;

namespace RelayProxy.Configuration;

/// <summary>A file that holds a secret: who may read and change it, and its first line.</summary>
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

            // Of the file that a symbolic link leads to, for that is what is read.
            string full = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
            return IsMountedSecret(Path.GetFullPath(path)) ? null : TroubleWith(full) is { } trouble ? $"names {path}, {trouble}" : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return MayBeShown(path)
                ? $"names {path}, which {Reason(fault, path)}"
                : "names no file that is there (it is not repeated here, should it be the secret itself); write the whole path of a file that holds it";
        }
    }

    /// <summary>Whether it is a path, and not a secret that stands where the path of its file belongs.</summary>
    public static bool MayBeShown(string path) => Path.IsPathRooted(path) || path.StartsWith('.') || File.Exists(path);

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

    private static string? TroubleWith(string path)
    {
        UnixFileMode mode = File.GetUnixFileMode(path);
        string folder = Path.GetDirectoryName(path)!;
        UnixFileMode folderMode = File.GetUnixFileMode(folder);
        if (mode.HasFlag(UnixFileMode.OtherRead) && IsReachableByAll(folder))
        {
            return $"which everyone on this machine may read; type: chmod 600 {path}";
        }

        if ((mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            return $"which others may change; type: chmod go-w {path}";
        }

        if (folderMode.HasFlag(UnixFileMode.OtherWrite) && !folderMode.HasFlag(UnixFileMode.StickyBit))
        {
            return $"and others may put another file in its place; type: chmod o-w {folder}";
        }

        // Root may look at what is a service user's; a service may not rely on what is another user's.
        return !Environment.IsPrivilegedProcess && FileOwner.Of(path) is { } owner and not 0 && owner != FileOwner.Ourselves
            ? $"which belongs to another user (uid {owner}); type: chown {Environment.UserName} {path}"
            : null;
    }

    /// <summary>A folder on the way that is closed to others protects what is in it.</summary>
    private static bool IsReachableByAll(string folder)
    {
        for (string? step = folder; step is not null; step = Path.GetDirectoryName(step))
        {
            if (!File.GetUnixFileMode(step).HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What container engines and systemd mount is readable by all inside the container, where there is nobody else, and
    /// belongs to whomever it belongs to outside.</summary>
    private static bool IsMountedSecret(string path) =>
        path.StartsWith("/run/secrets/", StringComparison.Ordinal)
        || path.StartsWith("/var/run/secrets/", StringComparison.Ordinal)
        || path.StartsWith("/run/credentials/", StringComparison.Ordinal);
}
