using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// Writes the octets of a large message into its file while they come in. Every block has a checksum, kept in the database, so that
/// a reader can tell each block sound before it sends a single octet of it.
/// </summary>
internal sealed class BodyFileWriter : IDisposable
{
    /// <summary>Octets that share a checksum.</summary>
    public const int BlockOctets = 64 * 1024;

    private readonly BodyFolder _folder;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly ArrayBufferWriter<byte> _checksums = new();
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockOctets);
    private int _inBlock;
    private bool _kept;

    /// <summary>Creates the file and locks it until this is disposed, so that no sweep takes it for a left-over.</summary>
    /// <exception cref="IOException"/>
    public BodyFileWriter(BodyFolder folder, QueueId id)
    {
        _folder = folder;
        _path = folder.FileOf(id);
        _file = folder.CreateLocked(_path);
    }

    public long Octets { get; private set; }

    /// <summary>Four octets a block, little-endian: the row of the body table.</summary>
    public ReadOnlyMemory<byte> Checksums => _checksums.WrittenMemory;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (!octets.IsEmpty)
        {
            int taken = Math.Min(octets.Length, BlockOctets - _inBlock);
            octets[..taken].CopyTo(_block.AsMemory(_inBlock));
            _inBlock += taken;
            octets = octets[taken..];
            if (_inBlock == BlockOctets)
            {
                await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes the file durable, and its name in the folder.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_inBlock > 0)
        {
            await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
        }

        ReturnBlock();

        // Both calls block for as long as the disk takes.
        await Task.Run(
            () =>
            {
                DurableFile.Sync(_file, _path);
                DurableFile.SyncFolder(_folder.Path);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The message is in the queue: the file stays.</summary>
    public void Keep() => _kept = true;

    public void Dispose()
    {
        ReturnBlock();
        if (!_kept && !_file.IsClosed)
        {
            BodyFolder.TryDelete(_path);
        }

        _file.Dispose();
    }

    private async ValueTask WriteBlockAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> block = _block.AsMemory(0, _inBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(_checksums.GetSpan(sizeof(uint)), Crc32C.Of(block.Span));
        _checksums.Advance(sizeof(uint));
        await DurableFile.WriteAsync(_file, block, Octets, cancellationToken).ConfigureAwait(false);
        Octets += _inBlock;
        _inBlock = 0;
    }

    private void ReturnBlock()
    {
        if (_block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = [];
        }
    }
}
