using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace RelayProxy.Queue.Sqlite.Mending;

/// <summary>
/// The write-ahead log as it stands in its file (https://sqlite.org/fileformat2.html#walformat). SQLite takes the first frame that does not have its
/// checksum for the end of the log. After a crash that is right: nobody was told of what stands there. But where the disk has damaged a frame in the
/// middle, all mail behind it would be forgotten without a word. The two can be told apart, for nothing is written behind a transaction before that has been
/// synced: a frame behind a transaction behind the damage proves that its mail was answered 250. (The last two transactions of a log have no such proof.)
/// </summary>
internal static class DamagedLog
{
    private const int HeaderOctets = 32;
    private const int FrameHeaderOctets = 24;
    private const int PageOctets = 4096;

    /// <summary>Its checksums are of little-endian words, as on every machine that .NET runs on; all else in it is big-endian.</summary>
    private const uint Magic = 0x377f0682;

    private const uint FormatVersion = 3007000;

    /// <summary>What is wrong with a log; <c>null</c> if it ends where SQLite thinks that it does, or is not there.</summary>
    /// <exception cref="IOException"/>
    public static string? Find(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream file = Open(path);
        List<Frame> frames = Read(file, out bool isBroken, out _);
        bool isBehindCommit = false;
        for (int i = 0; i < frames.Count; i++)
        {
            if (isBehindCommit && frames[i].IsSound)
            {
                return string.Create(CultureInfo.InvariantCulture, $"its log is damaged before frame {i}, and goes on behind that");
            }

            isBroken |= !frames[i].IsSound;
            isBehindCommit = isBroken && frames[i] is { IsSound: true, IsCommit: true };
        }

        return null;
    }

    /// <summary>Writes the log anew without its damaged frames, so that SQLite reads all others. What stood in them is missing in the database then.</summary>
    /// <exception cref="IOException"/>
    public static void LeaveOutDamaged(string path)
    {
        string whole = path + ".whole";
        using (FileStream file = Open(path))
        using (FileStream target = File.Create(whole))
        {
            List<Frame> frames = Read(file, out _, out ulong salts);
            byte[] header = new byte[HeaderOctets];
            BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), FormatVersion);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), PageOctets);
            BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(16), salts);
            ulong sum = Sum(0, header.AsSpan(0, 24));
            BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(24), sum);
            target.Write(header);
            byte[] octets = new byte[FrameHeaderOctets + PageOctets];
            foreach (Frame frame in frames.Where(frame => frame.IsSound))
            {
                file.Position = frame.Offset;
                file.ReadExactly(octets);
                sum = SumOf(sum, octets);
                BinaryPrimitives.WriteUInt64BigEndian(octets.AsSpan(16), sum);
                target.Write(octets);
            }
        }

        File.Move(whole, path, overwrite: true);
    }

    /// <param name="isBroken">The header itself is damaged.</param>
    /// <param name="salts">What all frames of one log have in common, and no frame of the log that was in the file before.</param>
    private static List<Frame> Read(FileStream file, out bool isBroken, out ulong salts)
    {
        byte[] header = new byte[HeaderOctets];
        isBroken = file.ReadAtLeast(header, HeaderOctets, throwOnEndOfStream: false) < HeaderOctets
            || Sum(0, header.AsSpan(0, 24)) != BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(24));
        salts = isBroken ? 0 : BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(16));
        ulong before = BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(24));
        var frames = new List<Frame>();
        byte[] octets = new byte[FrameHeaderOctets + PageOctets];
        while (file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false) == octets.Length)
        {
            ulong own = BinaryPrimitives.ReadUInt64BigEndian(octets.AsSpan(8));
            ulong sum = BinaryPrimitives.ReadUInt64BigEndian(octets.AsSpan(16));
            bool isSound = own != 0 && (salts == 0 || own == salts) && SumOf(before, octets) == sum;
            salts = isSound ? own : salts;
            frames.Add(new Frame(file.Position - octets.Length, isSound, IsCommit: BinaryPrimitives.ReadUInt32BigEndian(octets.AsSpan(4)) != 0));
            before = sum;
        }

        return frames;
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 20);

    /// <summary>A frame's checksum: that of the one before it goes into it.</summary>
    private static ulong SumOf(ulong before, ReadOnlySpan<byte> frame) => Sum(Sum(before, frame[..8]), frame[FrameHeaderOctets..]);

    private static ulong Sum(ulong before, ReadOnlySpan<byte> octets)
    {
        (uint first, uint second) = ((uint)(before >> 32), (uint)before);
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(octets);
        for (int i = 0; i < words.Length; i += 2)
        {
            first += words[i] + second;
            second += words[i + 1] + first;
        }

        return ((ulong)first << 32) | second;
    }

    /// <param name="IsSound">It has its checksum, seen from the frame before it as that stands there.</param>
    /// <param name="IsCommit">It is the last of a transaction.</param>
    private readonly record struct Frame(long Offset, bool IsSound, bool IsCommit);
}
