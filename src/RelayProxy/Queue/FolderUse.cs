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
        _folder = DurableFile.OpenRead(path);
        Share();
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
