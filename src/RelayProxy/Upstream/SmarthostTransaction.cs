using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>
/// One message over one session: MAIL, RCPT…, DATA, the content, the reply to the final dot. Ends with a verdict for each recipient, however
/// far it came. The parts: Envelope (what is said before the content), Content.
/// </summary>
internal sealed partial class SmarthostTransaction
{
    /// <summary>RSET is a formality, not worth five minutes; Postfix waits as long.</summary>
    private static readonly TimeSpan s_rsetTimeout = TimeSpan.FromSeconds(20);

    private readonly SmarthostConnection _connection;
    private readonly OutgoingMessage _message;
    private readonly Deadline _deadline;
    private readonly SmarthostOptions _options;
    private readonly RecipientVerdict?[] _verdicts;
    private readonly TransactionPlan _plan;
    private readonly bool _isAnnounced;
    private readonly Func<OutgoingMessage?>? _next;
    private DeliveryStage _stage = DeliveryStage.MailFrom;

    /// <summary>Recipients that are neither refused here nor by the smarthost.</summary>
    private int _open;

    /// <summary>The smarthost holds a sender, and RSET is due before the next one.</summary>
    private bool _begun;

    private bool _dotSent;

    /// <param name="announced">The envelope has been said: only its replies are still to come.</param>
    /// <param name="next">Says which message comes next.</param>
    public SmarthostTransaction(
        SmarthostConnection connection,
        OutgoingMessage message,
        Deadline deadline,
        AnnouncedMessage? announced = null,
        Func<OutgoingMessage?>? next = null)
    {
        _connection = connection;
        _message = message;
        _deadline = deadline;
        _options = connection.Options;
        _verdicts = new RecipientVerdict?[message.Recipients.Count];
        _open = _verdicts.Length;
        _next = next;
        _isAnnounced = announced is not null;
        if (announced is not null && !ReferenceEquals(announced.Message, message))
        {
            throw new ArgumentException("another message has been announced", nameof(message));
        }

        _plan = announced?.Plan ?? TransactionPlan.For(message, connection.Capabilities);
    }

    public async ValueTask<TransactionResult> RunAsync()
    {
        RefuseHere();
        if (_open == 0)
        {
            return Result();
        }

        try
        {
            if (_isAnnounced ? _connection.IsBroken : _connection.HasUnsolicited())
            {
                throw new IOException("the smarthost spoke, or hung up, without having been asked");
            }

            _connection.AllowUtf8(_plan.UsesSmtpUtf8);
            await (UsesChunking ? ByChunksAsync() : ByDataAsync());
            if (_begun && !_connection.IsBroken)
            {
                await ForgetAsync();
            }
        }
        catch (Exception exception) when (SmarthostConnection.IsFarSide(exception, _deadline) || exception is OperationCanceledException)
        {
            Lose(exception);
        }
        catch (ContentUnreadableException exception)
        {
            _connection.Abort();
            Settle(DeliveryStage.Body, new SmtpReply(451, 3, 0, $"the message cannot be read from the queue: {exception.Message}"), fromSmarthost: false);
        }
        catch
        {
            // A damaged message, or a fault of ours: the final dot has not been said, and now never will be.
            _connection.Abort();
            throw;
        }

        return Result();
    }

    private bool UsesChunking => _options.UseChunking && _connection.Capabilities.Chunking && !_connection.Connector.ChunkingFailed;

    private async ValueTask ByDataAsync()
    {
        SmtpReply? data = await SendEnvelopeAsync();
        if (data is not { } reply)
        {
            return;
        }

        if (reply.Code == 354)
        {
            await (_open > 0 ? SendContentAsync(new StuffedContent()) : SendLoneDotAsync());
        }
        else if (_open > 0)
        {
            // RFC 5321 §3.3: no content unless 354. 503 after accepted recipients, or a success, means that we and it have lost step.
            if (reply.Code == 503 || reply.Severity is not (Severity.Transient or Severity.Permanent))
            {
                throw new ReplyFormatException($"DATA was answered with {reply}, after recipients had been accepted");
            }

            Settle(DeliveryStage.Data, reply);
        }
    }

    /// <summary>What this smarthost cannot be asked is refused in our own words.</summary>
    private void RefuseHere()
    {
        if (_plan.Refusal is { } refusal)
        {
            Settle(DeliveryStage.MailFrom, refusal, fromSmarthost: false);
            return;
        }

        for (int i = 0; i < _verdicts.Length; i++)
        {
            if (_plan.Recipients[i].Refusal is { } own)
            {
                Settle(i, DeliveryStage.RcptTo, own, fromSmarthost: false);
            }
        }
    }

    /// <summary>Ends a transaction that came to nothing, so that the next MAIL is not refused with 503.</summary>
    private async ValueTask ForgetAsync()
    {
        try
        {
            SmtpReply reply = await AskAsync("RSET", s_rsetTimeout);
            if (!reply.IsSuccess)
            {
                _connection.Abort();
            }
        }
        catch (Exception exception) when (SmarthostConnection.IsFarSide(exception, _deadline) || exception is OperationCanceledException)
        {
            // The verdicts are in; only the connection is not fit for more.
            _connection.Abort();
        }
    }

    private async ValueTask<SmtpReply> AskAsync(string command, TimeSpan bound)
    {
        if (_connection.HasUnsolicited())
        {
            throw new IOException("the smarthost spoke, or hung up, without having been asked");
        }

        _connection.Commands.Clear();
        Add(command);
        _deadline.Start(bound);
        await _connection.WriteAsync(_connection.Commands.Octets, _deadline.Token);
        return await ReadReplyAsync(bound);
    }

    private void Add(string command)
    {
        _connection.TraceSent(command);
        _connection.Commands.Add(command);
    }

    private async ValueTask<SmtpReply> ReadReplyAsync(TimeSpan bound)
    {
        _deadline.Start(bound);
        SmtpReply reply = await _connection.ReadReplyAsync(_deadline.Token);
        if (reply.Code == 421)
        {
            // RFC 5321 §3.8: it is closing. Whatever else it might have said, it won't now.
            throw new ServiceClosingException(reply);
        }

        return reply;
    }

    /// <summary>One recipient's verdict, unless it has one.</summary>
    private void Settle(int recipient, DeliveryStage stage, SmtpReply reply, bool fromSmarthost = true, bool inDoubt = false)
    {
        if (_verdicts[recipient] is null)
        {
            _verdicts[recipient] = new RecipientVerdict(stage, reply, fromSmarthost, inDoubt);
            _open--;
        }
    }

    /// <summary>The same verdict for all that have none yet.</summary>
    private void Settle(DeliveryStage stage, SmtpReply reply, bool fromSmarthost = true, bool inDoubt = false)
    {
        for (int i = 0; i < _verdicts.Length; i++)
        {
            Settle(i, stage, reply, fromSmarthost, inDoubt);
        }
    }

    private void Lose(Exception exception)
    {
        _connection.Abort();
        if (exception is ServiceClosingException closing)
        {
            // Said to the final dot, it is an answer: not taken.
            Settle(_stage, closing.Reply);
            return;
        }

        string what = exception switch
        {
            OperationCanceledException => _deadline.Passed ? $"no answer in time from {_connection.Smarthost}" : "the relay is being stopped",
            ReplyFormatException => $"{_connection.Smarthost} does not speak SMTP as it should: {exception.Message}",
            _ => $"connection with {_connection.Smarthost} lost: {exception.Message}",
        };
        StatusDetail status = exception is ReplyFormatException ? new StatusDetail(5, 0) : new StatusDetail(4, 2);
        Settle(_stage, new SmtpReply(421, status, what), fromSmarthost: false, inDoubt: _dotSent);
    }

    private TransactionResult Result() => new(
        [.. _verdicts.Select(verdict => verdict!.Value)], DsnPassedOn: _connection.Capabilities.Dsn, ConnectionLost: _connection.IsBroken);

    /// <summary>421, wherever it comes.</summary>
    private sealed class ServiceClosingException(SmtpReply reply) : IOException(reply.ToString())
    {
        public SmtpReply Reply { get; } = reply;
    }
}
