namespace RelayProxy.Commands;

/// <summary>The last words of a container: Kubernetes mounts a file for them and shows them in the pod's status. Elsewhere there is none.</summary>
internal static class TerminationMessage
{
    private const string File = "dev/termination-log";

    /// <param name="root">What stands before <c>/dev</c>.</param>
    public static void Write(string root, string message)
    {
        string path = Path.Combine(root, File);
        try
        {
            if (System.IO.File.Exists(path))
            {
                System.IO.File.WriteAllText(path, message + "\n");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The log has them too.
        }
    }
}
