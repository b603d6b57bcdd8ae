using System.Buffers;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Gathers a message in memory until it is too large for a row, then in a file.</summary>
/// <param name="failed">Told of every error of the device, so that the store becomes suspect.</param>
internal sealed class SqliteMessageWriter(QueueId id, BodyFolder bodies, DiskThreads disk, int inlineOctets, Action<IOException> failed) : IMessageWriter
{
    private byte[] _buffer = [];
    private int _length;
    private BodyFileWriter? _file;

    public QueueId Id => id;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (_file is null && octets.Length <= inlineOctets - _length)
        {
            Room(octets.Length);
            octets.Span.CopyTo(_buffer.AsSpan(_length));
            _length += octets.Length;
            return ValueTask.CompletedTask;
        }

        return WriteToFileAsync(octets, cancellationToken);
    }

    public async ValueTask<PreparedMessage> CompleteAsync(NewMessage message, CancellationToken cancellationToken)
    {
        if (_file is null)
        {
            byte[] content = _buffer.AsSpan(0, _length).ToArray();
            ReturnBuffer();
            return new SqlitePreparedMessage(id, message, content.Length, content, file: null, bodies);
        }

        try
        {
            await _file.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw Failed(error);
        }

        BodyFileWriter file = _file;
        _file = null;
        return new SqlitePreparedMessage(id, message, file.Octets, file.Checksums, file, bodies);
    }

    public async ValueTask DisposeAsync()
    {
        ReturnBuffer();
        if (_file is { } file)
        {
            _file = null;
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask WriteToFileAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        try
        {
            if (_file is null)
            {
                _file = new BodyFileWriter(bodies, id, disk);
                await _file.CreateAsync(cancellationToken).ConfigureAwait(false);
                await _file.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
                ReturnBuffer();
            }

            await _file.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw Failed(error);
        }
    }

    private IOException Failed(IOException error)
    {
        if (!DurableFile.IsTaken(error))
        {
            failed(error);
        }

        return error is not QueueFullException && DurableFile.IsFull(error) ? new QueueFullException(error.Message, error) : error;
    }

    private void Room(int octets)
    {
        if (_buffer.Length - _length >= octets)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(inlineOctets, Math.Max(_buffer.Length * 2, _length + octets)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ReturnBuffer(keepLength: true);
        _buffer = larger;
    }

    private void ReturnBuffer(bool keepLength = false)
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _length = keepLength ? _length : 0;
    }
}
