using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <content>MAIL, RCPT and DATA. Pipelined, they are one write, and all their replies are looked at before anything is concluded from one of
/// them: a recipient refused in the middle does not end the group (RFC 2920 §3.1).</content>
internal sealed partial class SmarthostTransaction
{
    /// <returns>The reply to DATA; <c>null</c> if it was not said.</returns>
    private async ValueTask<SmtpReply?> SendEnvelopeAsync(bool withData = true) => _connection.Capabilities.Pipelining
        ? await SendGroupAsync(withData)
        : await SendOneByOneAsync(withData);

    private async ValueTask<SmtpReply?> SendGroupAsync(bool withData)
    {
        _connection.Commands.Clear();
        Add(_plan.MailCommand);
        foreach (RecipientPlan recipient in _plan.Recipients)
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
            Forget(write);
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
