using System.Buffers;
using System.Text;

namespace RelayProxy.Upstream;

/// <summary>
/// Commands on their way to the smarthost, as octets. The one place where they are put together, so that the one rule against injection
/// stands here: no octet below 32, and no DEL, gets into a command, whatever an address or a setting holds.
/// </summary>
internal sealed class CommandBuffer
{
    private readonly ArrayBufferWriter<byte> _octets = new(1024);

    public ReadOnlyMemory<byte> Octets => _octets.WrittenMemory;

    /// <summary>Whether this can stand in a command.</summary>
    public static bool IsPrintable(ReadOnlySpan<char> text) =>
        !text.ContainsAnyInRange('\0', '\x1f') && !text.Contains('\x7f');

    /// <summary>Adds one command and its CRLF.</summary>
    /// <exception cref="InvalidOperationException">It holds a control character. What could hold one has been looked at before: this is a
    /// fault of ours, and the message does not repeat what may be a secret.</exception>
    public void Add(ReadOnlySpan<char> command)
    {
        if (!IsPrintable(command))
        {
            throw new InvalidOperationException("A command to the smarthost would have held a control character.");
        }

        Encoding.UTF8.GetBytes(command, _octets);
        _octets.Write("\r\n"u8);
    }

    public void Clear() => _octets.ResetWrittenCount();
}
