using System.Runtime.InteropServices;

namespace RelayProxy.Submission;

/// <summary>
/// The calls of the system that a submission is made of, and nothing between them and it: the runtime's own classes for files, sockets and
/// the console take longer to set up than a whole message takes to be handed over. Paths are UTF-8 and end in NUL.
/// </summary>
internal static partial class SystemCalls
{
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    /// <summary>Reads the beginning of a file, as much as there is room for.</summary>
    /// <returns>How many octets; 0 if there is no such file, or it may not be read.</returns>
    public static int ReadFile(ReadOnlySpan<byte> path, Span<byte> octets)
    {
        int descriptor = Open(in MemoryMarshal.GetReference(path), CloseOnExec, 0);
        if (descriptor < 0)
        {
            return 0;
        }

        int length = 0;
        for (int read; length < octets.Length && (read = Read(descriptor, octets[length..])) > 0;)
        {
            length += read;
        }

        _ = Close(descriptor);
        return length;
    }

    /// <returns>How many octets; 0 at the end, less than 0 if it cannot be read.</returns>
    public static int Read(int descriptor, Span<byte> octets)
    {
        nint read;
        do
        {
            read = Read(descriptor, ref MemoryMarshal.GetReference(octets), (nuint)octets.Length);
        }
        while (read < 0 && Marshal.GetLastSystemError() == Interrupted);

        return (int)read;
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(in byte path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, ref byte octets, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
