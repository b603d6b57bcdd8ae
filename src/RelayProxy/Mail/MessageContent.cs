namespace RelayProxy.Mail;

/// <summary>
/// The octets of one queued message: CRLF line ends only, no dot-stuffing. Reading is repeatable, from the start each time.
/// </summary>
internal abstract class MessageContent
{
    /// <summary>How many octets there are.</summary>
    public abstract long Octets { get; }

    /// <summary>Opens the message at its first octet. The caller disposes the stream.</summary>
    /// <exception cref="InvalidDataException">What is stored is not what was accepted (its checksum differs).</exception>
    public abstract Stream OpenRead();
}

/// <summary>Content small enough to be held in memory.</summary>
internal sealed class MemoryContent(ReadOnlyMemory<byte> octets) : MessageContent
{
    public ReadOnlyMemory<byte> Memory { get; } = octets;

    public override long Octets => Memory.Length;

    public override Stream OpenRead() =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(Memory, out ArraySegment<byte> segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(Memory.ToArray(), writable: false);
}
