using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The stand-in smarthost as a process of its own, seen from whoever measures.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    public const string Username = "load";
    public const string Password = "load-password";
    public const string Command = "stand-in";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly ChildProcess _process;
    private readonly TcpClient _control;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private StandIn(ChildProcess process, int port, int controlPort, string authorityFile)
    {
        (_process, Port, AuthorityFile, Processes) = (process, port, authorityFile, new ProcessTree(process.Id));
        _control = new TcpClient(IPAddress.Loopback.ToString(), controlPort) { NoDelay = true, ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        _reader = new StreamReader(_control.GetStream());
        _writer = new StreamWriter(_control.GetStream()) { AutoFlush = true };
    }

    public int Port { get; }

    /// <summary>PEM: whose certificate it shows.</summary>
    public string AuthorityFile { get; }

    public ProcessTree Processes { get; }

    /// <summary>Messages that have arrived so far.</summary>
    public long Total => long.Parse(Ask("total"), CultureInfo.InvariantCulture);

    public static async Task<StandIn> StartAsync()
    {
        ChildProcess process = ChildProcess.Start("dotnet", [typeof(StandIn).Assembly.Location, Command]);
        string[] ready = (await process.WaitForLineAsync(line => line.StartsWith("ready ", StringComparison.Ordinal))).Split(' ', 4);
        return new StandIn(process, int.Parse(ready[1], CultureInfo.InvariantCulture), int.Parse(ready[2], CultureInfo.InvariantCulture), ready[3]);
    }

    /// <summary>The process itself: says where it listens, and serves until whoever measures has gone.</summary>
    public static void Serve()
    {
        using var server = new StandInServer(TestCertificates.Good, Username, Password);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {server.Port} {server.ControlPort} {TestCertificates.AuthorityFile}"));
        server.Obey();
    }

    /// <summary>Each group of replies is held back for so long from now on.</summary>
    public void SetLatency(int milliseconds) => Ask(string.Create(CultureInfo.InvariantCulture, $"latency {milliseconds}"));

    /// <summary>Waits until so many messages have arrived, and returns when the last did (UTC).</summary>
    /// <exception cref="IOException">They do not come.</exception>
    public DateTime WaitFor(long total)
    {
        try
        {
            return new DateTime(long.Parse(Ask(string.Create(CultureInfo.InvariantCulture, $"wait {total}")), CultureInfo.InvariantCulture), DateTimeKind.Utc);
        }
        catch (IOException fault)
        {
            throw new IOException($"Message {total} has not reached the smarthost within {s_patience.TotalMinutes} minutes.", fault);
        }
    }

    public ValueTask DisposeAsync()
    {
        _control.Dispose();
        return _process.DisposeAsync();
    }

    private string Ask(string line)
    {
        _writer.WriteLine(line);
        return _reader.ReadLine() ?? throw new IOException("The stand-in smarthost has gone.");
    }
}
