using System.Buffers;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <content>MAIL, RCPT and DATA. Pipelined, they are one write, and all their replies are looked at before anything is concluded from one of
/// them: a recipient refused in the middle does not end the group (RFC 2920 §3.1).</content>
internal sealed partial class SmarthostTransaction
{
    /// <summary>A group with more recipients than fit here has so many replies that both sides could wait for each other.</summary>
    private const int MostAnnouncedOctets = 4096;

    /// <returns>The reply to DATA; <c>null</c> if it was not said.</returns>
    private async ValueTask<SmtpReply?> SendEnvelopeAsync(bool withData = true) => (_isAnnounced, _connection.Capabilities.Pipelining) switch
    {
        (true, _) => await ReadGroupAsync(withData),
        (_, true) => await SendGroupAsync(withData),
        _ => await SendOneByOneAsync(withData),
    };

    /// <summary>
    /// Puts the next message's envelope behind the end of this one's content: both are one group, and the next message costs one round trip
    /// instead of two (RFC 2920 §3.1: "The actual transfer of message content is explicitly allowed to be the first 'command' in a group").
    /// Nothing of the next message but its envelope is said before its own replies have been heard, so what goes wrong with this one leaves
    /// no doubt about that one.
    /// </summary>
    private void Announce(ArrayBufferWriter<byte> block)
    {
        if (_next is null || !_connection.MayAnnounce || UsesChunking || _next() is not { } message)
        {
            return;
        }

        var plan = TransactionPlan.For(message, _connection.Capabilities);
        if (plan.Refusal is not null || plan.Recipients.Any(recipient => recipient.Refusal is not null))
        {
            // What is refused in our own words is refused in its own turn.
            return;
        }

        AddGroup(plan, withData: true);
        if (_connection.Commands.Octets.Length > MostAnnouncedOctets)
        {
            return;
        }

        block.Write(_connection.Commands.Octets.Span);
        _connection.Announce(new AnnouncedMessage(message, plan));
    }

    private void AddGroup(TransactionPlan plan, bool withData)
    {
        _connection.Commands.Clear();
        Add(plan.MailCommand);
        foreach (RecipientPlan recipient in plan.Recipients)
        {
            if (recipient.Command is { } command)
            {
                Add(command);
            }
        }

        if (withData)
        {
            Add("DATA");
        }
    }

    private async ValueTask<SmtpReply?> SendGroupAsync(bool withData)
    {
        AddGroup(_plan, withData);

        // Replies are read while the group is still being written: a server with 5,000 recipients to answer stops reading when nobody
        // reads its answers, and then both would wait for ever.
        _deadline.Start(_options.ReplyTimeout);
        Task write = _connection.WriteAsync(_connection.Commands.Octets, _deadline.Token).AsTask();
        try
        {
            SmtpReply? data = await ReadGroupAsync(withData);
            await write;
            return data;
        }
        catch
        {
            write.Abandon();
            throw;
        }
    }

    private async ValueTask<SmtpReply?> ReadGroupAsync(bool withData)
    {
        TakeMailReply(await ReadReplyAsync(_options.ReplyTimeout));
        _stage = DeliveryStage.RcptTo;
        for (int i = 0; i < _verdicts.Length; i++)
        {
            if (_plan.Recipients[i].Command is not null)
            {
                TakeRcptReply(i, await ReadReplyAsync(_options.ReplyTimeout));
            }
        }

        if (!withData)
        {
            return null;
        }

        _stage = DeliveryStage.Data;
        return await ReadReplyAsync(_options.DataTimeout);
    }

    private async ValueTask<SmtpReply?> SendOneByOneAsync(bool withData)
    {
        TakeMailReply(await AskAsync(_plan.MailCommand, _options.ReplyTimeout));
        if (_open == 0)
        {
            return null;
        }

        _stage = DeliveryStage.RcptTo;
        for (int i = 0; i < _verdicts.Length; i++)
        {
            if (_plan.Recipients[i].Command is { } command)
            {
                TakeRcptReply(i, await AskAsync(command, _options.ReplyTimeout));
            }
        }

        if (_open == 0 || !withData)
        {
            return null;
        }

        _stage = DeliveryStage.Data;
        return await AskAsync("DATA", _options.DataTimeout);
    }

    private void TakeMailReply(SmtpReply reply)
    {
        switch (reply.Severity)
        {
            case Severity.Success:
                _begun = true;
                break;
            case Severity.Transient or Severity.Permanent:
                Settle(DeliveryStage.MailFrom, reply);
                break;
            default:
                throw new ReplyFormatException($"MAIL was answered with {reply}");
        }
    }

    private void TakeRcptReply(int recipient, SmtpReply reply)
    {
        switch (reply.Severity)
        {
            case Severity.Success:
                break;
            case Severity.Transient or Severity.Permanent:
                Settle(recipient, DeliveryStage.RcptTo, reply);
                break;
            default:
                throw new ReplyFormatException($"RCPT was answered with {reply}");
        }
    }
}
