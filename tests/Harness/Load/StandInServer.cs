using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RelayProxy.Harness.Load;

/// <summary>
/// A stand-in smarthost for measuring: TLS 1.3 from the first octet with session resumption, a login, and mail that goes no further. As many
/// threads as it takes connections, each of which accepts and serves by itself, in blocking calls: nothing is cheaper on a machine
/// that it shares with what is measured.
/// </summary>
internal sealed class StandInServer : IDisposable
{
    /// <summary>More than any server under measurement opens.</summary>
    private const int Connections = 256;

    private const int StackOctets = 256 * 1024;

    private readonly Socket _door = Listen();
    private readonly Socket _control = Listen();
    private readonly StandInTally _tally = new();
    private readonly string _username;
    private readonly string _password;

    /// <summary>One for all connections: tickets of one are good for the next.</summary>
    private readonly SslServerAuthenticationOptions _tls;

    public StandInServer(X509Certificate2 certificate, string username, string password)
    {
        (_username, _password) = (username, password);
        _tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls13,
        };
        for (int i = 0; i < Connections; i++)
        {
            new Thread(Serve, StackOctets) { IsBackground = true }.Start();
        }
    }

    public int Port => ((IPEndPoint)_door.LocalEndPoint!).Port;

    public int ControlPort => ((IPEndPoint)_control.LocalEndPoint!).Port;

    /// <summary>
    /// Serves whoever measures, until they hang up, one line of text for each line: <c>latency 20</c> (milliseconds) is answered
    /// <c>ok</c>; <c>total</c> with the messages that have come; <c>wait 500</c>, once so many have come, with when the last did (UTC, ticks).
    /// </summary>
    public void Obey()
    {
        using Socket socket = _control.Accept();
        socket.NoDelay = true;
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        using var writer = new StreamWriter(stream) { AutoFlush = true };
        while (reader.ReadLine() is { } line)
        {
            writer.WriteLine(Answer(line.Split(' ')));
        }
    }

    public void Dispose()
    {
        _door.Dispose();
        _control.Dispose();
    }

    private string Answer(string[] words)
    {
        switch (words)
        {
            case ["latency", var milliseconds]:
                _tally.Latency = TimeSpan.FromMilliseconds(Number(milliseconds));
                return "ok";
            case ["total"]:
                return _tally.Total.ToString(CultureInfo.InvariantCulture);
            case ["wait", var total]:
                return _tally.WaitFor(Number(total)).Ticks.ToString(CultureInfo.InvariantCulture);
            default:
                return "?";
        }
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(512);
        return socket;
    }

    private void Serve()
    {
        var session = new StandInSession(_tally, _username, _password);
        while (true)
        {
            try
            {
                using Socket socket = _door.Accept();
                socket.NoDelay = true;
                using var stream = new SslStream(new NetworkStream(socket));
                stream.AuthenticateAsServer(_tls);
                session.Run(stream);
            }
            catch (Exception fault) when (fault is IOException or AuthenticationException)
            {
                // Whoever it was has gone; the next one, please.
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
