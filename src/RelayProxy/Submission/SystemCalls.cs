using System.Runtime.InteropServices;
using System.Text;

// libc is where the system has it, and is not looked for beside the program first.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace RelayProxy.Submission;

/// <summary>
/// The calls of the system that a submission is made of, and nothing between them and it: the runtime's own classes for files, sockets and
/// the console take longer to set up than a whole message takes to be handed over.
/// </summary>
internal static partial class SystemCalls
{
    /// <summary>As glibc is called; musl knows itself by that name too. For a bare <c>libc</c> the runtime tries ten other files first.</summary>
    private const string Library = "libc.so.6";

    public const int StandardInput = 0;
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;
    private const int Stream = 1;
    private const int Datagram = 2;
    private const int NoSignal = 0x4000;
    private const int DoNotWait = 0x40;
    private const int SocketLevel = 1;
    private const int SendTimeout = 21;
    private const int TcpLevel = 6;
    private const int NoDelay = 1;
    private const short Readable = 1;
    private const int WritingSide = 1;
    private const int GetDescriptorFlags = 1;

    /// <summary>What stopped the last call that failed (errno).</summary>
    public static string LastTrouble => Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError());

    /// <summary>The user who called (the real id).</summary>
    public static uint UserId => GetUserId();

    /// <summary>
    /// Whether this process was given one of the three standard descriptors. Where it was not (<c>sendmail &gt;&amp;-</c>, and all that GNU mailutils
    /// calls), the runtime has something of its own there by now, which must be neither read nor written; it is closed on exec(2), as nothing can
    /// be that came through one.
    /// </summary>
    public static bool IsGiven(int descriptor) => ControlDescriptor(descriptor, GetDescriptorFlags) == 0;

    /// <summary>Reads a file, or as much of it as is wanted.</summary>
    /// <returns>Nothing if there is no such file, or it may not be read.</returns>
    public static ReadOnlySpan<byte> ReadFile(string path, int mostOctets)
    {
        const int usualOctets = 4 * 1024;
        byte[] name = new byte[Encoding.UTF8.GetMaxByteCount(path.Length) + 1];
        Encoding.UTF8.GetBytes(path, name);
        int descriptor = Open(in name[0], CloseOnExec, 0);
        if (descriptor < 0)
        {
            return default;
        }

        byte[] octets = new byte[Math.Min(usualOctets, mostOctets)];
        int length = 0;
        for (int read; length < mostOctets && (read = Read(descriptor, octets.AsSpan(length))) > 0;)
        {
            length += read;
            if (length == octets.Length && length < mostOctets)
            {
                Array.Resize(ref octets, Math.Min(4 * octets.Length, mostOctets));
            }
        }

        Close(descriptor);
        return octets.AsSpan(0, length);
    }

    /// <returns>How many octets; 0 at the end, less than 0 if it cannot be read.</returns>
    public static int Read(int descriptor, Span<byte> octets)
    {
        nint read;
        do
        {
            read = ReadSome(descriptor, ref MemoryMarshal.GetReference(octets), (nuint)octets.Length);
        }
        while (read < 0 && Marshal.GetLastSystemError() == Interrupted);

        return (int)read;
    }

    /// <returns>Whether all of it was written.</returns>
    public static bool Write(int descriptor, ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            nint written = WriteSome(descriptor, in MemoryMarshal.GetReference(octets), (nuint)octets.Length);
            if (written >= 0)
            {
                octets = octets[(int)written..];
            }
            else if (Marshal.GetLastSystemError() != Interrupted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Connects a stream socket that sends at once what it is given.</summary>
    /// <param name="address">As connect(2) wants it; its first two octets are the family.</param>
    /// <returns>Its descriptor; less than 0 if nobody is there.</returns>
    public static int Connect(ReadOnlySpan<byte> address, int milliseconds)
    {
        int descriptor = OpenSocket(MemoryMarshal.Read<ushort>(address), Stream | CloseOnExec, 0);
        if (descriptor < 0)
        {
            return descriptor;
        }

        // It bounds connect(2) as well.
        LimitSending(descriptor, milliseconds);
        int on = 1;
        _ = SetOption(descriptor, TcpLevel, NoDelay, in on, sizeof(int));
        if (ConnectTo(descriptor, in MemoryMarshal.GetReference(address), (uint)address.Length) == 0)
        {
            return descriptor;
        }

        int trouble = Marshal.GetLastSystemError();
        Close(descriptor);
        Marshal.SetLastSystemError(trouble);
        return -1;
    }

    /// <summary>Gives the system's log a line, if it takes one just now.</summary>
    public static void SendToLog(ReadOnlySpan<byte> line)
    {
        const ushort unix = 1;
        int descriptor = OpenSocket(unix, Datagram | CloseOnExec, 0);
        if (descriptor < 0)
        {
            return;
        }

        Span<byte> address = stackalloc byte["\0\0/dev/log\0".Length];
        MemoryMarshal.Write(address, unix);
        "/dev/log\0"u8.CopyTo(address[sizeof(ushort)..]);
        if (ConnectTo(descriptor, in MemoryMarshal.GetReference(address), (uint)address.Length) == 0)
        {
            _ = SendSome(descriptor, in MemoryMarshal.GetReference(line), (nuint)line.Length, NoSignal | DoNotWait);
        }

        Close(descriptor);
    }

    /// <summary>How long a socket may take none of what is sent.</summary>
    public static void LimitSending(int descriptor, int milliseconds)
    {
        var time = new TimeValue { Seconds = milliseconds / 1000, Microseconds = milliseconds % 1000 * 1000 };
        _ = SetTimeOption(descriptor, SocketLevel, SendTimeout, in time, (uint)(2 * nint.Size));
    }

    /// <returns>Whether all of it went out.</returns>
    public static bool Send(int descriptor, ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            nint sent = SendSome(descriptor, in MemoryMarshal.GetReference(octets), (nuint)octets.Length, NoSignal);
            if (sent >= 0)
            {
                octets = octets[(int)sent..];
            }
            else if (Marshal.GetLastSystemError() != Interrupted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Waits until there is something to read, or the other end is gone.</summary>
    /// <param name="milliseconds">-1: as long as it takes.</param>
    /// <returns>False if the time is over.</returns>
    public static bool WaitToRead(int descriptor, int milliseconds)
    {
        long end = Environment.TickCount64 + milliseconds;
        while (true)
        {
            var asked = new PollDescriptor { Descriptor = descriptor, Wanted = Readable };
            int ready = Poll(ref asked, 1, milliseconds < 0 ? milliseconds : (int)Math.Max(0, end - Environment.TickCount64));
            if (ready > 0)
            {
                return true;
            }

            if (ready == 0 || Marshal.GetLastSystemError() != Interrupted)
            {
                return false;
            }
        }
    }

    /// <summary>The other end reads what was sent, and then its end.</summary>
    public static void EndSending(int descriptor) => _ = Shutdown(descriptor, WritingSide);

    public static void Close(int descriptor) => _ = CloseDescriptor(descriptor);

    [LibraryImport(Library, EntryPoint = "open")]
    private static partial int Open(in byte path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport(Library, EntryPoint = "fcntl")]
    private static partial int ControlDescriptor(int descriptor, int command);

    [LibraryImport(Library, EntryPoint = "read")]
    private static partial nint ReadSome(int descriptor, ref byte octets, nuint count);

    [LibraryImport(Library, EntryPoint = "write")]
    private static partial nint WriteSome(int descriptor, in byte octets, nuint count);

    [LibraryImport(Library, EntryPoint = "socket")]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "connect")]
    private static partial int ConnectTo(int descriptor, in byte address, uint length);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    private static partial int SetOption(int descriptor, int level, int name, in int value, uint length);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    private static partial int SetTimeOption(int descriptor, int level, int name, in TimeValue value, uint length);

    [LibraryImport(Library, EntryPoint = "send")]
    private static partial nint SendSome(int descriptor, in byte octets, nuint count, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown")]
    private static partial int Shutdown(int descriptor, int side);

    [LibraryImport(Library, EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "getuid")]
    private static partial uint GetUserId();

    /// <summary>struct timeval.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Seen;
    }
}
