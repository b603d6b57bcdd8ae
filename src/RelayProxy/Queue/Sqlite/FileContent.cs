using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A large message in its file. Not an octet is handed out before its block's checksum has been compared.</summary>
internal sealed class FileContent(string path, long octets, ReadOnlyMemory<byte> checksums) : MessageContent
{
    public override long Octets => octets;

    public override Stream OpenRead()
    {
        SafeFileHandle file = DurableFile.OpenRead(path);
        if (DurableFile.Length(file) == octets)
        {
            return new BlockStream(file, path, octets, checksums);
        }

        file.Dispose();
        throw new InvalidDataException($"{path} does not have the {octets} octets that were accepted.");
    }

    private sealed class BlockStream(SafeFileHandle file, string path, long octets, ReadOnlyMemory<byte> checksums) : Stream
    {
        private readonly byte[] _block = GC.AllocateUninitializedArray<byte>((int)Math.Min(octets, BodyFileWriter.BlockOctets));
        private int _blockLength;
        private int _blockPosition;
        private long _nextBlock;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => octets;

        public override long Position
        {
            get => (_nextBlock * BodyFileWriter.BlockOctets) - _blockLength + _blockPosition;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (_blockPosition == _blockLength && !ReadBlock())
            {
                return 0;
            }

            int taken = Math.Min(buffer.Length, _blockLength - _blockPosition);
            _block.AsSpan(_blockPosition, taken).CopyTo(buffer);
            _blockPosition += taken;
            return taken;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<int>(cancellationToken);
            }

            // A block comes from the disk, for which the caller's thread is not to wait.
            return _blockPosition == _blockLength
                ? new ValueTask<int>(Task.Run(() => Read(buffer.Span), CancellationToken.None))
                : ValueTask.FromResult(Read(buffer.Span));
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }

        private bool ReadBlock()
        {
            long position = _nextBlock * BodyFileWriter.BlockOctets;
            int wanted = (int)Math.Min(octets - position, BodyFileWriter.BlockOctets);
            if (wanted <= 0)
            {
                return false;
            }

            int length = 0;
            while (length < wanted)
            {
                int read = DurableFile.Read(file, _block.AsSpan(length, wanted - length), position + length);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            int entry = (int)_nextBlock * sizeof(uint);
            if (length < wanted
                || checksums.Length < entry + sizeof(uint)
                || BinaryPrimitives.ReadUInt32LittleEndian(checksums.Span[entry..]) != Crc32C.Of(_block.AsSpan(0, length)))
            {
                throw new InvalidDataException($"{path} is damaged at octet {position}.");
            }

            _nextBlock++;
            _blockLength = length;
            _blockPosition = 0;
            return true;
        }
    }
}
