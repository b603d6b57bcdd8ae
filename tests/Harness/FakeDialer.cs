using System.Net;
using RelayProxy.Upstream;

namespace RelayProxy.Harness;

/// <summary>Opens streams as a test says, and counts how often it was asked.</summary>
internal sealed class FakeDialer(Func<string, int, CancellationToken, ValueTask<Stream>> dial) : IDialer
{
    private int _dials;

    /// <summary>How many connections were asked for.</summary>
    public int Dials => Volatile.Read(ref _dials);

    /// <summary>A dialer that reaches nobody.</summary>
    public static FakeDialer Refusing(string reason = "Connection refused") =>
        new((host, port, _) => throw new IOException($"connect to {host}:{port}: {reason}"));

    /// <summary>A dialer whose connections end in the hands of <paramref name="serve"/>, which gets the smarthost's end.</summary>
    public static FakeDialer To(Func<Stream, Task> serve) => new((_, _, _) =>
    {
        StreamPair pair = StreamPair.Create();
        _ = Task.Run(() => serve(pair.Far), CancellationToken.None);
        return new ValueTask<Stream>(pair.Near);
    });

    public async ValueTask<DialedStream> DialAsync(string host, int port, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _dials);
        Stream stream = await dial(host, port, cancellationToken);
        return new DialedStream(stream, new IPEndPoint(IPAddress.Parse("192.0.2.25"), port));
    }
}
