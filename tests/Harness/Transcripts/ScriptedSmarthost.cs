using System.IO.Pipelines;
using System.Threading.Channels;
using RelayProxy.Upstream;

namespace RelayProxy.Harness.Transcripts;

/// <summary>The far side of a transcript: the relay dials it, and the transcript's <c>R</c> and <c>U</c> lines talk.</summary>
internal sealed class ScriptedSmarthost : IDialer
{
    /// <summary>As much as a connection holds: of a longer message the relay has not said all before the smarthost reads on.</summary>
    private const int WindowOctets = 64 * 1024;

    private readonly Channel<IDuplexPipe> _dialed = Channel.CreateUnbounded<IDuplexPipe>();

    /// <summary>Nobody answers.</summary>
    public bool IsAway { get; set; }

    /// <summary>How often it was dialled, answered or not.</summary>
    public int Dials { get; private set; }

    public ValueTask<DialedStream> DialAsync(string host, int port, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        Dials++;
        if (IsAway)
        {
            throw new IOException("192.0.2.1: connection refused");
        }

        var pair = new MemoryStreamPair(WindowOctets);
        _dialed.Writer.TryWrite(pair.Far);
        return ValueTask.FromResult(new DialedStream(MemoryStreamPair.AsStream(pair.Near), null));
    }

    /// <summary>The next connection that the relay opens.</summary>
    public ValueTask<IDuplexPipe> AcceptAsync(CancellationToken cancellationToken) => _dialed.Reader.ReadAsync(cancellationToken);
}
