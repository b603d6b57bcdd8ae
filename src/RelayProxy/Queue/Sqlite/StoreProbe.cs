using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Proves after a failure that the store can be trusted again: a number was committed and another connection reads it, and
/// a file can be written, synced and read.</summary>
internal sealed class StoreProbe(string databasePath, BodyFolder bodies)
{
    private const string FileName = "probe";

    public static long NextValue() => Random.Shared.Next();

    /// <exception cref="SqliteFault"/>
    /// <exception cref="IOException">It cannot be trusted.</exception>
    public void Verify(long value)
    {
        using (SqliteDatabase reader = SqliteDatabase.Open(databasePath, readOnly: true))
        {
            if (reader.QueryInt64("SELECT probe FROM store") != value)
            {
                throw new IOException($"{databasePath}: what was written is not what is read");
            }
        }

        VerifyFile(value);
    }

    private void VerifyFile(long value)
    {
        string path = Path.Combine(bodies.Path, FileName);
        File.Delete(path);
        using (SafeFileHandle file = DurableFile.Create(path))
        {
            Span<byte> octets = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(octets, value);
            DurableFile.Write(file, octets, 0);
            DurableFile.Sync(file, path);
            octets.Clear();
            if (DurableFile.Read(file, octets, 0) != sizeof(long) || BinaryPrimitives.ReadInt64LittleEndian(octets) != value)
            {
                throw new IOException($"{path}: what was written is not what is read");
            }
        }

        File.Delete(path);
        DurableFile.SyncFolder(bodies.Path);
    }
}
