using Microsoft.Extensions.Logging;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Upstream;

/// <content>BDAT (RFC 3030), where it is switched on and offered. Off by default: some servers offer what they, or a filter in front of
/// them, cannot do.</content>
internal sealed partial class SmarthostTransaction
{
    private async ValueTask ByChunksAsync()
    {
        await SendEnvelopeAsync(withData: false);
        if (_open == 0)
        {
            return;
        }

        if (_connection.HasUnsolicited())
        {
            throw new IOException("the smarthost spoke, or hung up, without having been asked");
        }

        _connection.TraceSent($"BDAT {_message.Content.Octets} LAST");
        await SendContentAsync(new ChunkedContent());
    }

    /// <summary>A server that does not know BDAT has taken the message for commands: the connection is of no more use, and the next
    /// attempt goes by DATA.</summary>
    private bool IsChunkingRefusal(SmtpReply reply)
    {
        if (!UsesChunking || reply.Code is not (>= 500 and <= 504))
        {
            return false;
        }

        _connection.Connector.ChunkingFailed = true;
        Log.ChunkingGivenUp(_connection.Connector.Logger, _message.Id, _connection.Smarthost, reply);
        Settle(DeliveryStage.EndOfData,
            new SmtpReply(451, 5, 0, $"BDAT was offered and then refused ({reply}); DATA is used from now on"), fromSmarthost: false);
        _connection.Abort();
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ChunkingGivenUp, LogLevel.Warning,
            "{QueueId}: {Smarthost} offers CHUNKING and refuses BDAT ({Reply}); DATA is used until the settings change")]
        public static partial void ChunkingGivenUp(ILogger logger, Mail.QueueId queueId, string smarthost, SmtpReply reply);
    }
}
