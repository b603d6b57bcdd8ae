using System.Net;
using System.Net.Sockets;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>
/// Connects to whichever of several addresses answers first (RFC 8305): they are tried in order, each 250 ms after the one before or at
/// once when that has failed, and the first connection that stands is taken. An address that swallows packets costs a quarter of a second,
/// not a timeout.
/// </summary>
internal sealed class HappyEyeballs(TimeProvider clock, Func<IPEndPoint, CancellationToken, Task<Stream>> connect)
{
    /// <summary>The Connection Attempt Delay, RFC 8305 §5.</summary>
    public static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>A name may have hundreds of addresses; the line that tells of them is written for each message that waits.</summary>
    private const int MostTold = 8;

    /// <summary>Both families in turn, IPv6 first (RFC 8305 §4), each in the order the resolver gave.</summary>
    public static IReadOnlyList<IPAddress> Order(IEnumerable<IPAddress> addresses)
    {
        ILookup<bool, IPAddress> families = addresses.Distinct().ToLookup(address => address.AddressFamily == AddressFamily.InterNetworkV6);
        IPAddress[] six = [.. families[true]], four = [.. families[false]];
        var order = new List<IPAddress>(six.Length + four.Length);
        for (int i = 0; i < Math.Max(six.Length, four.Length); i++)
        {
            if (i < six.Length)
            {
                order.Add(six[i]);
            }

            if (i < four.Length)
            {
                order.Add(four[i]);
            }
        }

        return order;
    }

    /// <exception cref="IOException">None could be reached; the message says why, for each of the first few.</exception>
    public async ValueTask<DialedStream> ConnectAsync(
        string host, IReadOnlyList<IPEndPoint> places, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = new Queue<IPEndPoint>(places);
        var attempts = new List<Task<Attempt>>();
        var failures = new List<string>();
        try
        {
            while (waiting.Count > 0 || attempts.Count > 0)
            {
                Task pause = Task.Delay(Timeout.InfiniteTimeSpan, decided.Token);
                if (waiting.TryDequeue(out IPEndPoint? place))
                {
                    attempts.Add(TryAsync(place, timeout, decided.Token));
                    pause = Task.Delay(waiting.Count > 0 ? Stagger : Timeout.InfiniteTimeSpan, clock, decided.Token);
                }

                Task first = await Task.WhenAny([.. attempts, pause]);
                cancellationToken.ThrowIfCancellationRequested();
                if (first is not Task<Attempt> ended)
                {
                    continue;
                }

                attempts.Remove(ended);
                Attempt attempt = await ended;
                if (attempt.Stream is { } stream)
                {
                    return new DialedStream(stream, attempt.Place);
                }

                failures.Add($"{Write(attempt.Place.Address)}: {attempt.Problem}");
            }
        }
        finally
        {
            await decided.CancelAsync();
            foreach (Task<Attempt> late in attempts)
            {
                _ = late.ContinueWith(static ended => ended.Result.Stream?.Dispose(), TaskScheduler.Default);
            }
        }

        string more = failures.Count > MostTold ? $"; and {failures.Count - MostTold} more" : "";
        throw new IOException($"connect to {host}:{places[0].Port}: {string.Join("; ", failures.Take(MostTold))}{more}");
    }

    private async Task<Attempt> TryAsync(IPEndPoint place, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(clock, cancellationToken);
        deadline.Start(timeout);
        try
        {
            return new Attempt(place, await connect(place, deadline.Token), "");
        }
        catch (OperationCanceledException)
        {
            return new Attempt(place, null, deadline.Passed ? $"no answer within {timeout.TotalSeconds:0} s" : "given up");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return new Attempt(place, null, exception.Message);
        }
    }

    private static string Write(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private readonly record struct Attempt(IPEndPoint Place, Stream? Stream, string Problem);
}
