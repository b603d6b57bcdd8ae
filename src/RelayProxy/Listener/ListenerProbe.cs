using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Listener;

/// <summary>What a listener said for itself.</summary>
/// <param name="Trouble">Why it gave no good answer; <c>null</c> if it did.</param>
/// <param name="Health">What it replied when asked for its health; <c>null</c> if it was not, or had no ear for it.</param>
internal sealed record ListenerAnswer(string? Trouble, SmtpReply? Health = null);

/// <summary>Speaks to a listener as a client would: a banner alone proves little, so the dialogue goes through the real handler.</summary>
internal static class ListenerProbe
{
    /// <summary>Tries one endpoint after the other. All that are configured are bound, or the relay does not start; so one good answer is
    /// enough.</summary>
    /// <param name="askHealth">Asks how the relay is as well (<c>HELP HEALTH</c>).</param>
    /// <param name="bound">For all of it.</param>
    public static async Task<ListenerAnswer> AskAsync(
        IEnumerable<EndPoint> endpoints, bool askHealth, TimeSpan bound, TimeProvider clock, CancellationToken cancellationToken)
    {
        string trouble = "no endpoint that could be asked";
        using var deadline = new Deadline(clock, cancellationToken);
        deadline.Start(bound);
        foreach (EndPoint endpoint in endpoints.Select(Reachable))
        {
            try
            {
                return new ListenerAnswer(null, await TalkAsync(endpoint, askHealth, deadline.Token));
            }
            catch (Exception fault) when (fault is SocketException or IOException or ReplyFormatException || (fault is OperationCanceledException && deadline.Passed))
            {
                trouble = $"{endpoint} {(deadline.Passed ? $"does not answer within {bound.TotalSeconds:0} s" : fault.Message)}";
            }
        }

        return new ListenerAnswer(trouble);
    }

    /// <summary>Who listens everywhere listens on loopback too.</summary>
    private static EndPoint Reachable(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint ip when ip.Address.Equals(IPAddress.Any) => new IPEndPoint(IPAddress.Loopback, ip.Port),
        IPEndPoint ip when ip.Address.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.IPv6Loopback, ip.Port),
        _ => endpoint,
    };

    private static async Task<SmtpReply?> TalkAsync(EndPoint endpoint, bool askHealth, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(endpoint, cancellationToken);
        await using var stream = new NetworkStream(socket);
        var replies = new ReplyReader(PipeReader.Create(stream));
        SmtpReply greeting = await replies.ReadAsync(cancellationToken);
        if (greeting.Code == 421)
        {
            // All places are taken: it is busy, not ill.
            return null;
        }

        Expect("the greeting", greeting, 220);
        Expect("EHLO", await SayAsync("EHLO localhost"), 250);
        Expect("NOOP", await SayAsync("NOOP"), 250);
        SmtpReply? health = askHealth ? await SayAsync("HELP HEALTH") : null;
        Expect("QUIT", await SayAsync("QUIT"), 221);
        return health;

        async Task<SmtpReply> SayAsync(string command)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancellationToken);
            return await replies.ReadAsync(cancellationToken);
        }
    }

    private static void Expect(string what, SmtpReply reply, int code)
    {
        if (reply.Code != code)
        {
            throw new IOException($"answers {what} with {reply}");
        }
    }
}
