using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>Messages to send, and sessions to send them over.</summary>
internal static class Outgoing
{
    public const string Text = "Subject: hello\r\n\r\nOne line.\r\n.A dot in front.\r\n";

    public static OutgoingMessage Message(params string[] recipients) => Message(Text, recipients);

    public static OutgoingMessage Message(string content, string[] recipients) => new()
    {
        Id = new QueueId(1),
        Envelope = new Envelope { Sender = new Mailbox("alice", "example.net") },
        Traits = ContentTraits.None,
        Recipients = [.. (recipients.Length == 0 ? ["bob@example.org"] : recipients).Select(Recipient)],
        Content = new MemoryContent(Encoding.Latin1.GetBytes(content)),
    };

    public static Recipient Recipient(string address)
    {
        int at = address.LastIndexOf('@');
        return new Recipient(new Mailbox(address[..at], address[(at + 1)..]));
    }

    public static SmarthostConnector Connector(IDialer dialer, TimeProvider? clock = null, ILogger? logger = null) =>
        new(dialer, clock ?? TimeProvider.System, logger ?? NullLogger.Instance);

    /// <summary>Opens a session, which must succeed.</summary>
    public static async Task<SmarthostConnection> ConnectAsync(
        FakeSmarthost smarthost, Action<SmarthostOptions>? change = null, TimeProvider? clock = null, ILogger? logger = null)
    {
        (SmarthostConnection? connection, SessionFailure? failure) = await TryConnectAsync(smarthost, change, clock, logger);
        Assert.Null(failure);
        return connection!;
    }

    /// <summary>Opens a session, which must fail.</summary>
    public static async Task<SessionFailure> FailAsync(
        FakeSmarthost smarthost, Action<SmarthostOptions>? change = null, TimeProvider? clock = null, ILogger? logger = null)
    {
        (SmarthostConnection? connection, SessionFailure? failure) = await TryConnectAsync(smarthost, change, clock, logger);
        Assert.Null(connection);
        await smarthost.EndedAsync();
        return failure!;
    }

    /// <summary>Opens a session, sends one message over it, and closes it.</summary>
    public static async Task<TransactionResult> SendAsync(
        FakeSmarthost smarthost, OutgoingMessage? message = null, Action<SmarthostOptions>? change = null, TimeProvider? clock = null)
    {
        TransactionResult result;
        await using (SmarthostConnection connection = await ConnectAsync(smarthost, change, clock))
        {
            result = await connection.SendAsync(message ?? Message(), CancellationToken.None);
        }

        await smarthost.EndedAsync();
        return result;
    }

    public static async Task<(SmarthostConnection? Connection, SessionFailure? Failure)> TryConnectAsync(
        FakeSmarthost smarthost, Action<SmarthostOptions>? change = null, TimeProvider? clock = null, ILogger? logger = null)
    {
        SmarthostOptions options = smarthost.ClientOptions();
        change?.Invoke(options);
        return await Connector(smarthost.Dialer, clock, logger).OpenAsync(options, CancellationToken.None);
    }
}
