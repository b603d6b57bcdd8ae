using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>A mail server under load: processes that take mail on a loopback port and bring it to the stand-in.</summary>
internal abstract class MailServer(ChildProcess process, IPEndPoint endPoint) : IAsyncDisposable
{
    private static readonly TimeSpan s_toStart = TimeSpan.FromSeconds(60);

    public abstract string Name { get; }

    /// <summary>So many messages until it works as a server does that has been in service for a while.</summary>
    public abstract int WarmUpMessages { get; }

    public IPEndPoint EndPoint => endPoint;

    public ProcessTree Processes { get; } = new(process.Id);

    public virtual ValueTask DisposeAsync() => process.DisposeAsync();

    /// <summary>A port that was free a moment ago.</summary>
    protected static IPEndPoint FreeEndPoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>Starts a program whose output goes to a file: reading it would be work that a server in service does not cause.</summary>
    protected static ChildProcess Start(string logFile, params IEnumerable<string> command) =>
        ChildProcess.Start("sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", logFile, .. command]);

    /// <summary>Waits for the first greeting.</summary>
    protected static async Task GreetedAsync(ChildProcess process, IPEndPoint endPoint, string logFile)
    {
        using var patience = new CancellationTokenSource(s_toStart);
        byte[] greeting = new byte[3];
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endPoint, patience.Token);
                if (await socket.ReceiveAsync(greeting, patience.Token) == 3 && greeting.AsSpan().SequenceEqual("220"u8))
                {
                    return;
                }
            }
            catch (SocketException) when (!process.HasExited)
            {
                // Not yet.
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException)
            {
                throw new InvalidOperationException($"It does not start. Its log:\n{await File.ReadAllTextAsync(logFile, CancellationToken.None)}", fault);
            }

            await Task.Delay(1, patience.Token);
        }
    }
}
