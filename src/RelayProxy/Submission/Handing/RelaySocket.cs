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

    /// <summary>Something could not be sent: the relay has closed, and may have said why before.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Calls at one after the other.</summary>
    /// <param name="trouble">Why nobody is there, a clause: <c>no relay at 127.0.0.1:25 (Connection refused)</c>.</param>
    public static RelaySocket? TryConnect(IReadOnlyList<RelayEndpoint> endpoints, out string trouble)
    {
        trouble = "no relay listens anywhere";
        for (int i = 0; i < endpoints.Count; i++)
        {
            int descriptor = SystemCalls.Connect(endpoints[i].Address, ConnectPatience);
            if (descriptor >= 0)
            {
                SystemCalls.LimitSending(descriptor, SendPatience);
                return new RelaySocket(descriptor);
            }

            string nobody = $"{endpoints[i].Text} ({SystemCalls.LastTrouble})";
            trouble = i == 0 ? $"no relay at {nobody}" : $"{trouble}, nor at {nobody}";
        }

        return null;
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

    /// <summary>Sends something at once.</summary>
    /// <returns>False if the relay takes nothing any more.</returns>
    public bool Send(ReadOnlySpan<byte> octets) => SystemCalls.Send(_descriptor, octets);

    /// <summary>Nothing more will be sent.</summary>
    public void EndSending() => SystemCalls.EndSending(_descriptor);

    /// <param name="milliseconds">-1: as long as it takes.</param>
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
