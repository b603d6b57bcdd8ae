using System.Buffers;

namespace RelayProxy.Submission.Handing;

/// <summary>A connection to the relay. What is written gathers until there is much of it, or an answer is wanted.</summary>
internal sealed class RelaySocket : IBufferWriter<byte>, IDisposable
{
    private const int ConnectPatience = 5 * 1000;

    /// <summary>For each piece of what is sent.</summary>
    private const int SendPatience = 5 * 60 * 1000;

    private const int FlushOctets = 64 * 1024;

    private readonly int _descriptor;
    private byte[] _output = new byte[8 * 1024];
    private int _length;

    private RelaySocket(int descriptor) => _descriptor = descriptor;

    public int Descriptor => _descriptor;

    /// <summary>Something could not be sent: the relay has closed, and may have said why before.</summary>
    public bool IsBroken { get; private set; }

    /// <param name="trouble">Why nobody is there: <c>Connection refused</c>.</param>
    public static RelaySocket? TryConnect(RelayEndpoint endpoint, out string trouble)
    {
        int descriptor = SystemCalls.Connect(endpoint.Address, ConnectPatience);
        if (descriptor < 0)
        {
            trouble = SystemCalls.LastTrouble;
            return null;
        }

        trouble = "";
        SystemCalls.LimitSending(descriptor, SendPatience);
        return new RelaySocket(descriptor);
    }

    public void Advance(int count)
    {
        _length += count;
        if (_length >= FlushOctets)
        {
            Flush();
        }
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        int room = Math.Max(sizeHint, 256);
        if (_output.Length - _length < room)
        {
            Array.Resize(ref _output, Math.Max(2 * _output.Length, _length + room));
        }

        return _output.AsSpan(_length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int length = GetSpan(sizeHint).Length;
        return _output.AsMemory(_output.Length - length);
    }

    /// <summary>Sends what has gathered.</summary>
    public void Flush()
    {
        IsBroken = IsBroken || !SystemCalls.Send(_descriptor, _output.AsSpan(0, _length));
        _length = 0;
    }

    /// <returns>How many octets: at least one.</returns>
    /// <exception cref="RelayLostException"/>
    public int Read(Span<byte> octets, int milliseconds)
    {
        if (!SystemCalls.WaitToRead(_descriptor, milliseconds))
        {
            throw new RelayLostException("it does not answer");
        }

        int read = SystemCalls.Read(_descriptor, octets);
        return read > 0 ? read : throw new RelayLostException(read == 0 ? "it closed the connection" : SystemCalls.LastTrouble);
    }

    public void Dispose() => SystemCalls.Close(_descriptor);
}

/// <summary>The relay is there no longer, or does not speak SMTP.</summary>
internal sealed class RelayLostException(string message) : IOException(message);
