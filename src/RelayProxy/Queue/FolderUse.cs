using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue;

/// <summary>Says that this process uses a queue, so that nobody replaces its files meanwhile: a lock on the folder that all who use
/// it share.</summary>
internal sealed class FolderUse : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private readonly SafeFileHandle _folder;

    /// <summary>Waits for whoever is replacing them.</summary>
    /// <exception cref="IOException"/>
    public FolderUse(string path)
    {
        _path = path;
        _folder = DurableFile.OpenFolder(path);
        Share();
    }

    private FolderUse(string path, SafeFileHandle folder) => (_path, _folder) = (path, folder);

    /// <summary>Uses the queue alone, and keeps all others out until it is disposed; <c>null</c> if somebody uses it.</summary>
    /// <exception cref="IOException"/>
    public static FolderUse? TryAlone(string path)
    {
        SafeFileHandle folder = DurableFile.OpenFolder(path);
        if (DurableFile.TryLock(folder))
        {
            return new FolderUse(path, folder);
        }

        folder.Dispose();
        return null;
    }

    /// <summary>Waits until nobody else uses the queue, and keeps others out until <see cref="Share"/>.</summary>
    /// <param name="tries">How often to look, at 20 ms apart.</param>
    /// <exception cref="IOException">Others do not leave.</exception>
    public void BeAlone(int tries)
    {
        while (!DurableFile.TryLock(_folder))
        {
            // What was shared is lost when it could not be had alone.
            Share();
            if (--tries <= 0)
            {
                throw new IOException($"a command is using the queue in {_path}; it can be mended when that has ended");
            }

            Thread.Sleep(s_pause);
        }
    }

    public void Share() => DurableFile.ShareLock(_folder, _path);

    public void Dispose() => _folder.Dispose();
}
