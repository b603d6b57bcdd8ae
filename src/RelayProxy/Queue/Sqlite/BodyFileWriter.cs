using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// Writes the octets of a large message into its file while they come in. Every block has a checksum, kept in the database, so that
/// a reader can tell each block sound before it sends a single octet of it.
/// </summary>
internal sealed class BodyFileWriter(BodyFolder folder, QueueId id, DiskThreads disk) : IAsyncDisposable
{
    /// <summary>Octets that share a checksum.</summary>
    public const int BlockOctets = 64 * 1024;

    private readonly string _path = folder.FileOf(id);
    private readonly ArrayBufferWriter<byte> _checksums = new();
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockOctets);
    private int _inBlock;
    private SafeFileHandle? _file;

    /// <summary>The last call of the disk: under way still, if nobody had the patience.</summary>
    private Task _call = Task.CompletedTask;

    private bool _isOver;

    public long Octets { get; private set; }

    /// <summary>Four octets a block, little-endian: the row of the body table.</summary>
    public ReadOnlyMemory<byte> Checksums => _checksums.WrittenMemory;

    /// <summary>Creates the file and locks it until this is disposed, so that no sweep takes it for a left-over.</summary>
    /// <exception cref="IOException"/>
    public Task CreateAsync(CancellationToken cancellationToken) => CallAsync(() => _file = folder.CreateLocked(_path), cancellationToken);

    /// <exception cref="IOException"/>
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
    /// <exception cref="IOException"/>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_inBlock > 0)
        {
            await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
        }

        await CallAsync(
            () =>
            {
                DurableFile.Sync(_file!, _path);
                DurableFile.SyncFolder(folder.Path);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The message is in the queue: the file stays.</summary>
    public void Keep()
    {
        _isOver = true;
        ReturnBlock();
        _file!.Dispose();
    }

    /// <summary>Deletes the file, unless it is kept. Where the disk hangs that is done when it goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        bool hangs = !_call.IsCompleted;
        _call = _call.ContinueWith(_ => Discard(), CancellationToken.None, TaskContinuationOptions.DenyChildAttach, disk);
        if (hangs)
        {
            return;
        }

        try
        {
            await disk.PatientlyAsync(_call, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It hangs now.
        }
    }

    private async ValueTask WriteBlockAsync(CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_checksums.GetSpan(sizeof(uint)), Crc32C.Of(_block.AsSpan(0, _inBlock)));
        _checksums.Advance(sizeof(uint));
        await CallAsync(() => DurableFile.Write(_file!, _block.AsSpan(0, _inBlock), Octets), cancellationToken).ConfigureAwait(false);
        Octets += _inBlock;
        _inBlock = 0;
    }

    private Task CallAsync(Action call, CancellationToken cancellationToken)
    {
        _call = disk.CallAsync(call);
        return disk.PatientlyAsync(_call, cancellationToken);
    }

    private void Discard()
    {
        ReturnBlock();
        if (_file is not null)
        {
            BodyFolder.TryDelete(_path);
            _file.Dispose();
        }
    }

    private void ReturnBlock()
    {
        ArrayPool<byte>.Shared.Return(_block);
        _block = [];
    }
}
