namespace RelayProxy.Listener;

/// <summary>
/// The threads that wait for sockets also do what a socket brings, instead of waking another thread for each command and each reply: that
/// is up to half of what a message costs. It asks of sessions and connections what they keep anyhow: they wait only through
/// await. What blocks (a sync of the disk, a user's name, a lookup) runs on the thread pool.
/// </summary>
internal static class SocketThreads
{
    /// <summary>The runtime's own switch, read once, at the first socket; one thread for each processor comes with it.</summary>
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>To be called before the process has its first socket. Where the environment says something else already, that holds.</summary>
    public static void WorkThemselves()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
        }
    }
}
