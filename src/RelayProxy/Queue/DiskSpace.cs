using System.Runtime.InteropServices;

namespace RelayProxy.Queue;

/// <summary>Free space where the queue lives, asked for at most once a second.</summary>
internal sealed partial class DiskSpace(string path, TimeProvider clock)
{
    /// <summary>A large message takes a file, and SQLite a few of its own.</summary>
    private const ulong FewestFiles = 256;

    // struct statvfs on 64-bit systems: words of eight octets.
    private const int FragmentSize = 1;
    private const int AvailableBlocks = 4;
    private const int Files = 5;
    private const int AvailableFiles = 7;
    private const int Words = 32;

    private static readonly TimeSpan s_goodFor = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private long _askedAt;
    private long _free = long.MaxValue;
    private bool _asked;

    /// <summary>Octets that we may still write: what root alone may use is not counted, nor a quota that the file system does not
    /// tell. 0 if there is no room for another file.</summary>
    public long FreeOctets()
    {
        lock (_gate)
        {
            if (!_asked || clock.GetElapsedTime(_askedAt) >= s_goodFor)
            {
                _askedAt = clock.GetTimestamp();
                _asked = true;
                _free = Ask();
            }

            return _free;
        }
    }

    private long Ask()
    {
        Span<ulong> stat = stackalloc ulong[Words];
        if (!Environment.Is64BitProcess || Stat(path, ref MemoryMarshal.GetReference(stat)) != 0)
        {
            // A file system that does not tell is not a full one; the next write will show.
            return long.MaxValue;
        }

        // Some have no table of files, and say that it has no places.
        if (stat[Files] > 0 && stat[AvailableFiles] < FewestFiles)
        {
            return 0;
        }

        return (long)UInt128.Min(long.MaxValue, (UInt128)stat[FragmentSize] * stat[AvailableBlocks]);
    }

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, ref ulong stat);
}
