using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Proof.Client;

/// <summary>A program that sends one small message after the other, whatever happens beside it, and takes the time of each: on a thread of its own and
/// in blocking calls, so that it waits for the relay and for nothing else.</summary>
internal sealed class HonestClient : IDisposable
{
    private const int Pause = 2; // ms
    private const int Patience = 60_000; // ms

    /// <summary>A session may have a hundred thousand commands.</summary>
    private const int MessagesPerSession = 20_000;

    private static readonly string s_message = $"From: cron@web1\r\nSubject: All is well\r\n\r\n{string.Concat(Enumerable.Repeat("Nothing happened.\r\n", 100))}.\r\n";

    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile string _trouble = "";

    public HonestClient(IPEndPoint relay)
    {
        _thread = new Thread(() => Send(relay)) { IsBackground = true };
        _thread.Start();
    }

    public int Messages
    {
        get
        {
            lock (_gate)
            {
                return _milliseconds.Count;
            }
        }
    }

    /// <summary>How long a message took from MAIL to the 250 behind it: of so many in a thousand no longer than this. Asked when it has stopped.</summary>
    public double Milliseconds(int thousandths) => _milliseconds.Order().ElementAt(_milliseconds.Count * thousandths / 1000);

    /// <summary>Waits until it has sent so many more.</summary>
    public async Task SendsAsync(int messages)
    {
        for (int target = Messages + messages; Messages < target && _thread.IsAlive;)
        {
            await Task.Delay(Pause);
        }
    }

    /// <summary>It sends no more. Fails if it was not served as an honest client is.</summary>
    public void Stop()
    {
        Dispose();
        Assert.Equal("", _trouble);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
    }

    private void Send(IPEndPoint relay)
    {
        try
        {
            while (!_stopping)
            {
                SendSession(relay);
            }
        }
        catch (Exception trouble) when (trouble is IOException or SocketException)
        {
            _trouble = trouble.Message;
        }
    }

    private void SendSession(IPEndPoint relay)
    {
        using var client = new TcpClient { NoDelay = true, ReceiveTimeout = Patience };
        client.Connect(relay);
        using NetworkStream stream = client.GetStream();
        using var replies = new StreamReader(stream, Encoding.ASCII);
        replies.ReadLine();
        Say(stream, "HELO web1.example\r\n");
        replies.ReadLine();
        for (int i = 0; i < MessagesPerSession && !_stopping; i++)
        {
            long began = Stopwatch.GetTimestamp();
            string? reply = "";
            foreach (string words in (string[])["MAIL FROM:<cron@web1.example.org>\r\n", "RCPT TO:<box@example.net>\r\n", "DATA\r\n", s_message])
            {
                Say(stream, words);
                reply = replies.ReadLine();
            }

            if (reply?.StartsWith("250 2.0.0 Queued", StringComparison.Ordinal) is not true)
            {
                throw new IOException($"An honest client's message was answered \"{reply}\".");
            }

            lock (_gate)
            {
                _milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            Thread.Sleep(Pause);
        }
    }

    private static void Say(NetworkStream stream, string words) => stream.Write(Encoding.ASCII.GetBytes(words));
}
