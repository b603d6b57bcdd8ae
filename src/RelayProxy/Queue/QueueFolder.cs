namespace RelayProxy.Queue;

/// <summary>Where the queue lives, and whether nobody else can get at it.</summary>
internal static class QueueFolder
{
    public const string SystemFolder = "/var/lib/relayproxy";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whoever made the folder may have let its group in, whose members then look at the queue and bring mail to it.</summary>
    private const UnixFileMode Others = UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>What Kubernetes makes of every folder of a volume that it mounts for an <c>fsGroup</c>, at each start of a pod anew.</summary>
    private const UnixFileMode OfMountedVolume = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;

    /// <summary>The folder that <c>Queue:Path</c> means: the system's for root, for whoever owns it (the service user) and for members of its
    /// group; else one of the user's own.</summary>
    public static string Resolve(string configured)
    {
        if (configured.Length > 0)
        {
            return Path.GetFullPath(configured);
        }

        return Environment.IsPrivilegedProcess || FileOwner.Of(SystemFolder) == FileOwner.Ourselves || FileOwner.MayEnter(SystemFolder)
            ? SystemFolder
            : OfUser();
    }

    private static string OfUser()
    {
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (string.IsNullOrEmpty(state))
        {
            state = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        }

        return Path.Combine(state, "relayproxy");
    }

    /// <summary>The folder that mail of this machine goes to, whoever brings it: nobody's own queue, which no relay may ever look at again.</summary>
    public static string OfTheMachine(string configured) => configured.Length > 0 ? Path.GetFullPath(configured) : SystemFolder;

    /// <summary>Makes the folder, for its owner alone, and its entry in the parent durable.</summary>
    /// <exception cref="QueueUnavailableException"/>
    public static void Create(string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path, OwnerOnly);
                DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException(
                $"The queue's folder {path} cannot be made: {error.Message} Make it yourself (install -d -m 0700 -o USER {path}) "
                + "or name another with Queue:Path.",
                error);
        }
    }

    /// <param name="access">A daemon needs all rights; members of the folder's group are operators.</param>
    /// <exception cref="QueueUnavailableException">Somebody else could read or change the mail, or it is not ours to use.</exception>
    public static void Check(string path, StoreAccess access)
    {
        uint? owner = FileOwner.Of(path);
        if (owner is null)
        {
            throw path == OfUser() && FileOwner.Of(SystemFolder) is not null
                ? Forbidden(SystemFolder)
                : new QueueUnavailableException($"There is no queue in {path} yet: it is made when the relay first starts. Another folder is named with Queue:Path.");
        }

        UnixFileMode mode = File.GetUnixFileMode(path);
        if (mode == OfMountedVolume && access == StoreAccess.Daemon && owner == FileOwner.Ourselves)
        {
            File.SetUnixFileMode(path, OwnerOnly);
            return;
        }

        if ((mode & Others) != 0)
        {
            throw new QueueUnavailableException(
                $"Others than its owner may enter the queue's folder {path} (mode {Convert.ToString((int)mode, 8)}): chmod 0700 {path}. "
                + $"If it is not yours to change (a mounted volume), set Queue:Path to a folder inside it, {Path.Combine(path, "queue")}.");
        }

        if (owner == FileOwner.Ourselves || Environment.IsPrivilegedProcess)
        {
            return;
        }

        if (access == StoreAccess.Daemon || !mode.HasFlag(UnixFileMode.GroupExecute))
        {
            throw new QueueUnavailableException(
                $"The queue's folder {path} belongs to uid {owner}, and this is uid {FileOwner.Ourselves}: run as that user, or as root "
                + $"(sudo -u '#{owner}' …), or name another folder with Queue:Path.");
        }

        if (!FileOwner.MayEnter(path))
        {
            throw Forbidden(path);
        }
    }

    /// <summary>Whoever could write here may have put something under a name that is the queue's: a link that leads to another's file, a pipe that is
    /// waited for without end. Root above all must not follow.</summary>
    /// <param name="files">Names in the folder that are files, where there are any.</param>
    /// <param name="subfolder">One that is a folder.</param>
    /// <exception cref="QueueUnavailableException">One is something else.</exception>
    public static void CheckNames(string path, IEnumerable<string> files, string subfolder)
    {
        foreach ((string name, FileKind expected) in files.Select(file => (file, FileKind.Plain)).Append((subfolder, FileKind.Folder)))
        {
            string full = Path.Combine(path, name);
            if (FileOwner.KindOf(full) is { } kind && kind != expected)
            {
                throw new QueueUnavailableException(
                    $"{full} is {FileOwner.Name(kind)} and not {FileOwner.Name(expected)}, as the relay makes it: find out who put it there, and type: rm {full}");
            }
        }
    }

    private static QueueUnavailableException Forbidden(string path) => new($"{path} {FileOwner.WhoMay(path)}.") { IsForbidden = true };
}
