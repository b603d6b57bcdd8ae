using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue;

/// <summary>The one daemon's claim on a queue: a lock on a file that holds its process id. It ends with the process, however that
/// ends, and the file stays.</summary>
internal sealed class OwnerLock : IDisposable
{
    private const string FileName = "owner";
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private readonly SafeFileHandle _file;

    private OwnerLock(SafeFileHandle file, DateTime since)
    {
        _file = file;
        Since = since;
    }

    /// <summary>When it was taken, by the clock of the file system.</summary>
    public DateTime Since { get; }

    /// <summary>The lock; or <c>null</c>, and who has it.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static OwnerLock? TryTake(string folder, out string owner)
    {
        string path = Path.Combine(folder, FileName);
        SafeFileHandle file = OpenOrCreate(path, folder);
        if (TryLock(file))
        {
            byte[] name = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, name, 0);
            owner = "";
            return new OwnerLock(file, File.GetLastWriteTimeUtc(file));
        }

        Span<byte> content = stackalloc byte[16];
        int length = RandomAccess.Read(file, content, 0);
        owner = Encoding.ASCII.GetString(content[..length]).Trim();
        file.Dispose();
        return null;
    }

    /// <summary>Whether somebody has it.</summary>
    /// <exception cref="IOException"/>
    public static bool IsTaken(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return false;
        }

        // A shared one, for a moment: whoever takes it just now tries again.
        using SafeFileHandle file = DurableFile.OpenRead(path);
        return !DurableFile.TryShareLock(file);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A program that the last owner started in its last moments has the lock too, from its fork to its exec: a service that is
    /// restarted at once must not be told that there is another.</summary>
    private static bool TryLock(SafeFileHandle file)
    {
        for (int pauses = 0; pauses < 20; pauses++)
        {
            if (DurableFile.TryLock(file))
            {
                return true;
            }

            Thread.Sleep(s_pause);
        }

        return DurableFile.TryLock(file);
    }

    private static SafeFileHandle OpenOrCreate(string path, string folder)
    {
        if (!File.Exists(path))
        {
            try
            {
                SafeFileHandle created = DurableFile.Create(path);
                FileOwner.TakeFromFolder(created, folder);
                return created;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another was faster.
            }
        }

        return DurableFile.OpenWrite(path);
    }
}
