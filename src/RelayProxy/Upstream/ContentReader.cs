using System.Buffers;
using RelayProxy.Mail;

namespace RelayProxy.Upstream;

/// <summary>A message's octets, a piece at a time: what is in memory is handed out where it lies, what is in a file is read.</summary>
internal sealed class ContentReader : IAsyncDisposable
{
    private const int PieceOctets = 16 * 1024;
    private readonly Stream? _stream;
    private readonly byte[]? _buffer;
    private ReadOnlyMemory<byte> _memory;

    private ContentReader(ReadOnlyMemory<byte> memory) => _memory = memory;

    private ContentReader(Stream stream)
    {
        _stream = stream;
        _buffer = ArrayPool<byte>.Shared.Rent(PieceOctets);
    }

    /// <exception cref="ContentUnreadableException">The store cannot give it just now.</exception>
    /// <exception cref="InvalidDataException">It is not what was accepted.</exception>
    public static ContentReader Open(MessageContent content)
    {
        if (content is MemoryContent memory)
        {
            return new ContentReader(memory.Memory);
        }

        try
        {
            return new ContentReader(content.OpenRead());
        }
        catch (Exception exception) when (IsStoreTrouble(exception))
        {
            throw new ContentUnreadableException(exception);
        }
    }

    /// <summary>The next piece, at most 16 KiB, good until the next call; empty at the end.</summary>
    /// <exception cref="ContentUnreadableException">The store cannot give it just now.</exception>
    /// <exception cref="InvalidDataException">It is not what was accepted.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_stream is null)
        {
            ReadOnlyMemory<byte> piece = _memory[..Math.Min(PieceOctets, _memory.Length)];
            _memory = _memory[piece.Length..];
            return piece;
        }

        try
        {
            int count = await _stream.ReadAsync(_buffer.AsMemory(0, PieceOctets), cancellationToken);
            return _buffer.AsMemory(0, count);
        }
        catch (Exception exception) when (IsStoreTrouble(exception))
        {
            throw new ContentUnreadableException(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
            ArrayPool<byte>.Shared.Return(_buffer!);
        }
    }

    private static bool IsStoreTrouble(Exception exception) => exception is IOException or UnauthorizedAccessException;
}

/// <summary>A message cannot be read from the store: no fault of the smarthost's, and it may pass.</summary>
internal sealed class ContentUnreadableException(Exception inner) : Exception(inner.Message, inner);
