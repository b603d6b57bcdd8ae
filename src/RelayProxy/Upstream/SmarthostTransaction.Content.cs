using System.Buffers;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <content>The message itself, dot-stuffed, in blocks. Replies are read while it is being written: a server that says 552 in the middle is
/// heard, and does not look like a torn connection.</content>
internal sealed partial class SmarthostTransaction
{
    /// <summary>How much goes out in one write: two full TLS records.</summary>
    public const int BlockOctets = 32 * 1024;

    /// <summary>How long a reply may still be on its way after a write has failed: it was sent before the connection was torn.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    /// <summary>RFC 2920 §3.1: no recipient was accepted and the server says 354 all the same. Nothing but a dot, and its reply counts for
    /// nobody: an empty message must not come of it.</summary>
    private async ValueTask SendLoneDotAsync()
    {
        _deadline.Start(_options.BlockTimeout);
        await _connection.WriteAsync(".\r\n"u8.ToArray(), _deadline.Token);
        await ReadReplyAsync(_options.EndOfDataTimeout);
        _begun = false;
    }

    private async ValueTask SendContentAsync(IContentEncoding encoding)
    {
        _stage = DeliveryStage.Body;
        ArrayBufferWriter<byte> block = _connection.Outgoing;
        block.ResetWrittenCount();
        Task<SmtpReply> reply = _connection.ReadReplyAsync(_deadline.Token).AsTask();
        try
        {
            await using ContentReader content = ContentReader.Open(_message.Content);
            encoding.Begin(_message.Content, block);
            while (true)
            {
                // The next piece is read before the last block is written, so that the last goes out together with the dot.
                ReadOnlyMemory<byte> octets = await content.ReadAsync(_deadline.Token);
                if (octets.IsEmpty)
                {
                    break;
                }

                if (block.WrittenCount >= BlockOctets && !await WriteBlockAsync(block, reply))
                {
                    return;
                }

                encoding.Write(octets.Span, block);
            }

            encoding.Finish(block);
            await WriteLastBlockAsync(block, reply);
        }
        finally
        {
            reply.Abandon();
        }
    }

    /// <summary>Writes what is in the block and empties it.</summary>
    /// <returns>False if the server has replied before its time: the transaction is over.</returns>
    private async ValueTask<bool> WriteBlockAsync(ArrayBufferWriter<byte> block, Task<SmtpReply> reply)
    {
        if (reply.IsCompleted)
        {
            HearEarly(await reply);
            return false;
        }

        _connection.TraceContent(block.WrittenCount);
        _deadline.Start(_options.BlockTimeout);
        ValueTask pending = _connection.WriteAsync(block.WrittenMemory, _deadline.Token);
        if (!pending.IsCompletedSuccessfully)
        {
            Task write = pending.AsTask();
            await Task.WhenAny(write, reply);
            if (!write.IsCompletedSuccessfully)
            {
                HearEarly(await LastWordsAsync(write, reply));
                return false;
            }
        }

        block.ResetWrittenCount();
        return true;
    }

    /// <summary>From the moment the last block is being written, a reply is the reply to the message, and silence is doubt.</summary>
    private async ValueTask WriteLastBlockAsync(ArrayBufferWriter<byte> block, Task<SmtpReply> reply)
    {
        if (reply.IsCompleted)
        {
            HearEarly(await reply);
            return;
        }

        _connection.TraceContent(block.WrittenCount);
        Announce(block);
        _dotSent = true;
        _deadline.Start(_options.BlockTimeout);
        Task write = _connection.WriteAsync(block.WrittenMemory, _deadline.Token).AsTask();
        await Task.WhenAny(write, reply);
        _stage = DeliveryStage.EndOfData;
        if (write.IsCompletedSuccessfully)
        {
            _deadline.Start(_options.EndOfDataTimeout);
            Hear(await reply);
        }
        else
        {
            Hear(await LastWordsAsync(write, reply));
            _connection.Abort();
        }
    }

    /// <summary>The write has failed, or the server spoke while it hung. What the server said before the connection was torn is still to be
    /// read, and worth more than "broken pipe".</summary>
    private async ValueTask<SmtpReply> LastWordsAsync(Task write, Task<SmtpReply> reply)
    {
        if (!reply.IsCompleted)
        {
            _deadline.Start(s_lastWords);
            await Task.WhenAny(reply);
        }

        write.Abandon();
        if (write.IsCompleted && !reply.IsCompletedSuccessfully)
        {
            await write;
        }

        return await reply;
    }

    /// <summary>A refusal in the middle of the content counts; anything else is out of step. Either way the connection is of no more use:
    /// the server takes the rest of the content for commands, or has gone.</summary>
    private void HearEarly(SmtpReply reply)
    {
        if (reply.Severity is not (Severity.Transient or Severity.Permanent))
        {
            throw new ReplyFormatException($"the content was answered with {reply} before it was complete");
        }

        _connection.Abort();
        if (!IsChunkingRefusal(reply))
        {
            Settle(DeliveryStage.Body, reply);
        }
    }

    private void Hear(SmtpReply reply)
    {
        if (reply.Severity is not (Severity.Success or Severity.Transient or Severity.Permanent))
        {
            throw new ReplyFormatException($"the message was answered with {reply}");
        }

        _begun = false;
        if (IsChunkingRefusal(reply))
        {
            return;
        }

        Settle(DeliveryStage.EndOfData, reply);
        if (reply.Code == 421)
        {
            _connection.Abort();
        }
    }
}
