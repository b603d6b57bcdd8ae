using System.Globalization;
using System.Net;

namespace RelayProxy.Listener;

/// <summary>Finds who listens at an endpoint that cannot be had: from the socket table to the process that has the socket open. Sees other
/// users' processes only as root.</summary>
internal static class PortHolder
{
    /// <summary>For a sentence: <c>master (process 812)</c>; <c>null</c> where it cannot be told.</summary>
    public static string? Find(IPEndPoint endpoint)
    {
        try
        {
            HashSet<string> sockets = [.. SocketTable.ListenersAt(endpoint).Select(static inode => $"socket:[{inode}]")];
            return sockets.Count == 0 ? null : Directory.EnumerateDirectories("/proc").Select(process => NameIfHolds(process, sockets)).FirstOrDefault(name => name is not null);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? NameIfHolds(string process, HashSet<string> sockets)
    {
        if (!int.TryParse(Path.GetFileName(process.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
        {
            return null;
        }

        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries(process + "/fd"))
            {
                if (new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{File.ReadAllText(process + "/comm").TrimEnd('\n')} (process {id})");
                }
            }
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            // Another user's, or gone meanwhile.
        }

        return null;
    }
}
