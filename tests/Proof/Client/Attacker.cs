using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Proof.Client;

/// <summary>A client that keeps to nothing: it says what it likes, and hears what it likes, until it or the relay has had enough.</summary>
internal sealed class Attacker : IDisposable
{
    /// <summary>No attack waits longer for the relay to end a connection.</summary>
    private static readonly TimeSpan s_safety = TimeSpan.FromMinutes(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _safety = new(s_safety);

    private Attacker()
    {
    }

    public static async Task<Attacker> ConnectAsync(EndPoint relay)
    {
        var attacker = new Attacker();
        await attacker._socket.ConnectAsync(relay, attacker._safety.Token);
        return attacker;
    }

    /// <summary>False if the relay has ended the connection.</summary>
    public Task<bool> SayAsync(string octets) => SayAsync(Encoding.Latin1.GetBytes(octets));

    /// <inheritdoc cref="SayAsync(string)"/>
    public async Task<bool> SayAsync(ReadOnlyMemory<byte> octets)
    {
        try
        {
            while (!octets.IsEmpty)
            {
                octets = octets[await _socket.SendAsync(octets, SocketFlags.None, _safety.Token)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Says it for as long as the relay takes it, so many octets at most.</summary>
    /// <returns>How many octets it took.</returns>
    public async Task<long> PourAsync(ReadOnlyMemory<byte> block, long octets)
    {
        long said = 0;
        while (said < octets && await SayAsync(block))
        {
            said += block.Length;
        }

        return said;
    }

    /// <summary>Says it without ever listening, until nothing more is taken.</summary>
    public int PourUntilStalled(ReadOnlySpan<byte> block)
    {
        const int patience = 50_000; // µs
        _socket.Blocking = false;
        int said = 0;
        while (_socket.Poll(patience, SelectMode.SelectWrite))
        {
            int sent = _socket.Send(block, SocketFlags.None, out SocketError trouble);
            if (trouble is not (SocketError.Success or SocketError.WouldBlock))
            {
                break;
            }

            said += Math.Max(0, sent);
        }

        return said;
    }

    /// <summary>Hears at least this much, or all there is to come.</summary>
    public async Task<string> HearAsync(string until = "\0")
    {
        var heard = new StringBuilder();
        byte[] octets = new byte[16 * 1024];
        try
        {
            for (int read; (read = await _socket.ReceiveAsync(octets, SocketFlags.None, _safety.Token)) > 0;)
            {
                heard.Append(Encoding.Latin1.GetString(octets, 0, read));
                if (heard.ToString().Contains(until, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // Torn away.
        }

        return heard.ToString();
    }

    /// <summary>Counts the lines until the connection ends, and keeps none.</summary>
    public async Task<int> CountLinesAsync()
    {
        byte[] octets = new byte[64 * 1024];
        int lines = 0;
        try
        {
            for (int read; (read = await _socket.ReceiveAsync(octets, SocketFlags.None, _safety.Token)) > 0;)
            {
                lines += octets.AsSpan(0, read).Count((byte)'\n');
            }
        }
        catch (SocketException)
        {
            // Torn away.
        }

        return lines;
    }

    /// <summary>Says no more, and goes on listening.</summary>
    public void CloseHalf() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Goes with an RST instead of a FIN.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _safety.Dispose();
    }
}
