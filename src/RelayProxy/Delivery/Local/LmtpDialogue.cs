using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// One message to an LMTP server (RFC 2033): as SMTP, but for LHLO, and that after the dot each accepted recipient gets a reply of its own. A
/// server on this machine needs no login and no TLS, and the connection ends with the message.
/// </summary>
internal sealed class LmtpDialogue(LmtpEndpoint endpoint, SmarthostOptions timeouts, string hostName, TimeProvider clock)
{
    private const int BlockOctets = 32 * 1024;

    private readonly CommandBuffer _commands = new();
    private RecipientVerdict?[] _verdicts = [];
    private DeliveryStage _stage = DeliveryStage.Connect;
    private Stream _stream = Stream.Null;
    private ReplyReader? _replies;
    private bool _dotSent;

    /// <summary>The server knows what is to be reported of its deliveries.</summary>
    public bool DsnPassedOn { get; private set; }

    /// <returns>One for each recipient of the message, in its order.</returns>
    /// <exception cref="ContentUnreadableException">The message cannot be read just now.</exception>
    /// <exception cref="InvalidDataException">It is not what was accepted.</exception>
    public async Task<RecipientVerdict[]> SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        _verdicts = new RecipientVerdict?[message.Recipients.Count];
        using var deadline = new Deadline(clock, cancellationToken);
        try
        {
            deadline.Start(timeouts.ConnectTimeout);
            _stream = await endpoint.ConnectAsync(deadline.Token).ConfigureAwait(false);
            _replies = new ReplyReader(PipeReader.Create(_stream));
            await TalkAsync(message, deadline).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ReplyFormatException or OperationCanceledException)
        {
            string what = exception switch
            {
                OperationCanceledException => deadline.Passed ? $"no answer in time from {endpoint.Text}" : "the relay is being stopped",
                SocketException => $"connect to {endpoint.Text}: {exception.Message}",
                _ => $"{endpoint.Text}: {exception.Message}",
            };
            Settle(new SmtpReply(421, 4, 2, what), fromServer: false, inDoubt: _dotSent);
        }
        finally
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        return [.. _verdicts.Select(verdict => verdict!.Value)];
    }

    private async Task TalkAsync(OutgoingMessage message, Deadline deadline)
    {
        _stage = DeliveryStage.Greeting;
        SmtpReply greeting = await ReadAsync(deadline, timeouts.ReplyTimeout).ConfigureAwait(false);
        if (!IsGood(greeting))
        {
            return;
        }

        _stage = DeliveryStage.Ehlo;
        SmtpReply hello = await AskAsync($"LHLO {hostName}", deadline).ConfigureAwait(false);
        if (!IsGood(hello))
        {
            return;
        }

        SmarthostCapabilities offered = SmarthostCapabilities.Parse(hello, []);
        DsnPassedOn = offered.Dsn;
        TransactionPlan plan = TransactionPlan.For(message, offered);
        if (plan.Refusal is { } refusal)
        {
            Settle(refusal, fromServer: false);
            return;
        }

        if (await SayEnvelopeAsync(plan, offered.Pipelining, deadline).ConfigureAwait(false))
        {
            await SendContentAsync(message, deadline).ConfigureAwait(false);
        }

        // Out of courtesy; what there was to hear has been heard.
        _commands.Clear();
        _commands.Add("QUIT");
        await _stream.WriteAsync(_commands.Octets, deadline.Token).ConfigureAwait(false);
    }

    /// <returns>Whether the content is wanted.</returns>
    private async Task<bool> SayEnvelopeAsync(TransactionPlan plan, bool pipelining, Deadline deadline)
    {
        _commands.Clear();
        _commands.Add(plan.MailCommand);
        for (int i = 0; i < _verdicts.Length; i++)
        {
            if (plan.Recipients[i].Command is { } command)
            {
                _commands.Add(command);
            }
            else
            {
                Settle(i, plan.Recipients[i].Refusal!.Value, fromServer: false);
            }
        }

        // RFC 2033 §4.1 has every server offer it; one that does not is spoken to a line at a time.
        byte[] lines = _commands.Octets.ToArray();
        Task write = Task.CompletedTask;
        deadline.Start(timeouts.ReplyTimeout);
        if (pipelining)
        {
            write = _stream.WriteAsync(lines, deadline.Token).AsTask();
        }

        int said = 0;
        _stage = DeliveryStage.MailFrom;
        SmtpReply mail = await HearAsync().ConfigureAwait(false);
        _stage = DeliveryStage.RcptTo;
        for (int i = 0; i < _verdicts.Length; i++)
        {
            if (_verdicts[i] is null)
            {
                SmtpReply reply = await HearAsync().ConfigureAwait(false);
                if (!mail.IsSuccess || !reply.IsSuccess)
                {
                    Settle(i, mail.IsSuccess ? reply : mail);
                }
            }
        }

        await write.ConfigureAwait(false);
        if (Array.TrueForAll(_verdicts, verdict => verdict is not null))
        {
            return false;
        }

        // DATA by itself: a round trip on this machine costs nothing, and no content need be taken back.
        _stage = DeliveryStage.Data;
        SmtpReply data = await AskAsync("DATA", deadline).ConfigureAwait(false);
        if (data.Code == 354)
        {
            return true;
        }

        Settle(data.Severity is Severity.Transient or Severity.Permanent ? data : new SmtpReply(451, 5, 0, $"DATA was answered with {data}"), fromServer: true);
        return false;

        async ValueTask<SmtpReply> HearAsync()
        {
            if (!pipelining)
            {
                int end = lines.AsSpan(said).IndexOf((byte)'\n') + 1;
                await _stream.WriteAsync(lines.AsMemory(said, end), deadline.Token).ConfigureAwait(false);
                said += end;
            }

            return await ReadAsync(deadline, timeouts.ReplyTimeout).ConfigureAwait(false);
        }
    }

    private async Task SendContentAsync(OutgoingMessage message, Deadline deadline)
    {
        _stage = DeliveryStage.Body;
        var block = new ArrayBufferWriter<byte>(BlockOctets * 2);
        var dots = new DotWriter();
        await using ContentReader content = ContentReader.Open(message.Content);
        for (ReadOnlyMemory<byte> piece; !(piece = await content.ReadAsync(deadline.Token).ConfigureAwait(false)).IsEmpty;)
        {
            dots.Write(piece.Span, block);
            if (block.WrittenCount >= BlockOctets)
            {
                await WriteAsync().ConfigureAwait(false);
            }
        }

        dots.Finish(block);
        _dotSent = true;
        await WriteAsync().ConfigureAwait(false);
        _stage = DeliveryStage.EndOfData;
        for (int i = 0; i < _verdicts.Length; i++)
        {
            if (_verdicts[i] is null)
            {
                Settle(i, await ReadAsync(deadline, timeouts.EndOfDataTimeout).ConfigureAwait(false));
            }
        }

        async ValueTask WriteAsync()
        {
            deadline.Start(timeouts.BlockTimeout);
            await _stream.WriteAsync(block.WrittenMemory, deadline.Token).ConfigureAwait(false);
            block.ResetWrittenCount();
        }
    }

    /// <summary>A server that will not begin says nothing about the message, whatever its code.</summary>
    private bool IsGood(SmtpReply reply)
    {
        if (!reply.IsSuccess)
        {
            Settle(new SmtpReply(451, 3, 0, $"{endpoint.Text} said: {reply}"), fromServer: true);
        }

        return reply.IsSuccess;
    }

    private async ValueTask<SmtpReply> AskAsync(string command, Deadline deadline)
    {
        _commands.Clear();
        _commands.Add(command);
        deadline.Start(timeouts.ReplyTimeout);
        await _stream.WriteAsync(_commands.Octets, deadline.Token).ConfigureAwait(false);
        return await ReadAsync(deadline, timeouts.ReplyTimeout).ConfigureAwait(false);
    }

    private async ValueTask<SmtpReply> ReadAsync(Deadline deadline, TimeSpan bound)
    {
        deadline.Start(bound);
        return await _replies!.ReadAsync(deadline.Token).ConfigureAwait(false);
    }

    private void Settle(int recipient, SmtpReply reply, bool fromServer = true, bool inDoubt = false) =>
        _verdicts[recipient] ??= new RecipientVerdict(_stage, reply, fromServer, inDoubt);

    private void Settle(SmtpReply reply, bool fromServer, bool inDoubt = false)
    {
        for (int i = 0; i < _verdicts.Length; i++)
        {
            Settle(i, reply, fromServer, inDoubt);
        }
    }
}
