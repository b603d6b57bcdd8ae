using System.Net;

namespace RelayProxy.Upstream;

/// <summary>Opens the byte stream to a smarthost, before TLS. The one real one is TCP; tests script the far side.</summary>
internal interface IDialer
{
    /// <exception cref="IOException">No address could be reached; the message says why for each.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The name could not be resolved.</exception>
    ValueTask<DialedStream> DialAsync(string host, int port, TimeSpan connectTimeout, CancellationToken cancellationToken);
}

/// <param name="RemoteAddress">The address that answered, where there is one.</param>
internal readonly record struct DialedStream(Stream Stream, IPEndPoint? RemoteAddress);
