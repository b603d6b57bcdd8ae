using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Intake;

/// <summary>
/// One message on its way in. Content is written into it (it is a buffer), <see cref="DrainAsync"/> moves it on towards the store,
/// <see cref="CommitAsync"/> makes it the relay's responsibility. Only the header section is held back; the body streams past.
/// What is stored is: the header section, an empty line, the body; CRLF line ends only, the last line ended.
/// Disposing it before the commit leaves nothing behind.
/// </summary>
internal sealed partial class IntakeTransaction : IBufferWriter<byte>, IAsyncDisposable
{
    private readonly IntakeDesk _desk;
    private readonly IntakeOptions _options;
    private readonly MessageOrigin _origin;
    private readonly Mailbox? _givenSender;
    private readonly DateTimeOffset _receivedAt;
    private readonly List<Recipient> _recipients = [];
    private HashSet<Recipient>? _places;
    private List<Mailbox>? _originals;
    private List<Recipient>? _blindCopies;
    private Mailbox? _firstGiven;
    private SmtpReply? _refusal;
    private Activity? _span;
    private bool _isComplete;

    public IntakeTransaction(IntakeDesk desk, MessageOrigin origin, Envelope envelope, QueueId? id)
    {
        _desk = desk;
        _options = desk.Options;
        _origin = origin;
        _receivedAt = desk.Clock.GetUtcNow();
        _givenSender = envelope.Sender;
        Envelope = envelope with { Sender = desk.Rewriter.Sender(envelope.Sender) };
        Id = id ?? QueueId.Next(desk.Clock);
    }

    public QueueId Id { get; }

    /// <summary>With the sender as it will leave.</summary>
    public Envelope Envelope { get; }

    /// <summary>How many recipients the client gave that were accepted, one given twice counting twice.</summary>
    public int AcceptedRecipients { get; private set; }

    /// <summary>Every recipient was accepted for being thrown away (<c>:blackhole:</c>).</summary>
    public bool IsForNobody => AcceptedRecipients > 0 && _recipients.Count == 0;

    /// <summary>
    /// Qualifies and expands; <c>null</c> if the recipient was taken, else the refusal. An address that is there already is not
    /// added again, and what was first asked for it stands.
    /// </summary>
    public SmtpReply? AddRecipient(Recipient recipient)
    {
        RecipientExpansion expansion = _desk.Rewriter.Recipient(recipient, hasSender: Envelope.Sender is not null);
        if (expansion.Refusal is { } refusal)
        {
            return refusal;
        }

        if (_recipients.Count + expansion.Recipients.Count > AliasExpansion.MaxResults && AcceptedRecipients > 0)
        {
            return AliasReplies.TooManyTogether;
        }

        foreach (Recipient expanded in expansion.Recipients)
        {
            if (IsNew(expanded))
            {
                _recipients.Add(expanded);
            }
        }

        if (_desk.Rewriter.Redirects)
        {
            (_originals ??= []).Add(_desk.Rewriter.Qualified(recipient.Address));
        }

        _firstGiven ??= _desk.Rewriter.Qualified(recipient.Address);
        AcceptedRecipients++;
        return null;
    }

    /// <summary>Gives the message up: its content so far is dropped, what follows is swallowed in constant memory, and
    /// <see cref="CommitAsync"/> says <paramref name="reply"/>. The first reason stands.</summary>
    public void Refuse(SmtpReply reply) => _refusal ??= reply;

    /// <summary>
    /// The message is complete: the final reply, <c>250 2.0.0 Queued as …</c> if and only if it is on disk. Once the store has begun
    /// to commit it is not interrupted: a client that has left meanwhile has still handed its message over.
    /// </summary>
    public async ValueTask<SmtpReply> CommitAsync(CancellationToken cancellationToken)
    {
        await using PreparedMessage? prepared = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (prepared is null)
        {
            return _refusal ?? IntakeReplies.StoreFailed;
        }

        long octets = prepared.Octets;
        MailRoute? place = Reserve(prepared.Message.Recipients, octets);
        CommitResult result = default;
        try
        {
            result = await CommitToStoreAsync(prepared, lease: place is not null).ConfigureAwait(false);
            if (result.Status == CommitStatus.Committed)
            {
                _desk.Metrics.Accepted(octets);
                LogAccepted(octets);
            }
        }
        finally
        {
            EndSpan(octets, result.Status);
            if (place is { } unused && result.Lease is null)
            {
                _desk.HandOver.GiveBack(unused, octets);
            }
        }

        if (result.Lease is { } lease)
        {
            _desk.HandOver.HandOver(place!.Value, lease, octets);
        }

        return result.Status switch
        {
            CommitStatus.Committed => IntakeReplies.Queued(Id),
            CommitStatus.Full => IntakeReplies.DiskFull,
            CommitStatus.Failed => IntakeReplies.StoreFailed,
        };
    }

    /// <summary>As <see cref="CommitAsync"/>, but for a report that is to be committed together with a settlement. The caller disposes
    /// what it gets; <c>null</c> means that the message was refused or that the store cannot take it.</summary>
    public async ValueTask<PreparedMessage?> PrepareAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        _isComplete = true;
        await CompleteContentAsync(cancellationToken).ConfigureAwait(false);
        if (_refusal is not null || _writer is null)
        {
            return null;
        }

        try
        {
            return await _writer.CompleteAsync(Message(), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException fault)
        {
            RefuseFor(fault);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isComplete = true;
        _span?.Dispose();
        _buffer.Dispose();
        if (Interlocked.Exchange(ref _writer, null) is { } writer)
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A message for both routes is handed to the smarthost's; while that rests, to the local one.</summary>
    private MailRoute? Reserve(IReadOnlyList<Recipient> recipients, long octets)
    {
        if (_desk.QueueOptions.SendWhenAsked)
        {
            return null;
        }

        foreach (MailRoute route in (ReadOnlySpan<MailRoute>)[MailRoute.Smarthost, MailRoute.Local])
        {
            if (recipients.Any(recipient => recipient.Route == route) && _desk.HandOver.TryReserve(route, octets))
            {
                return route;
            }
        }

        return null;
    }

    private async ValueTask<CommitResult> CommitToStoreAsync(PreparedMessage prepared, bool lease)
    {
        CommitResult result;
        try
        {
            result = await _desk.Store.CommitAsync(prepared, lease, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException fault)
        {
            result = new CommitResult(CommitStatus.Failed, Reason: fault.Message);
        }

        if (result.Status != CommitStatus.Committed)
        {
            Log.NotStored(_desk.Logger, Id, LogText.Printable(result.Reason ?? result.Status.ToString()), null);
        }

        return result;
    }

    private void EndSpan(long octets, CommitStatus status)
    {
        _span?.SetTag("messaging.message.body.size", octets)
            .SetStatus(status == CommitStatus.Committed ? ActivityStatusCode.Unset : ActivityStatusCode.Error, status.ToString())
            .Dispose();
    }

    private NewMessage Message()
    {
        if (RelayTraces.AreHeard && !_origin.IsReport)
        {
            _span = RelayTraces.Accept(_traceParent, _receivedAt, Id.ToString(), _recipients.Count);
            _traceParent = _span?.Id ?? _traceParent;
        }

        QueueOptions queue = _desk.QueueOptions;

        // The null sender cannot be told of a delay, and of one that is wanted nobody need be.
        bool mayTellOfDelay = Envelope.Sender is not null && queue.DelayNoticeAfter > TimeSpan.Zero && !queue.SendWhenAsked;
        return new NewMessage
        {
            Envelope = Envelope,
            Recipients = _recipients,
            Traits = _scanner.Traits,
            HeaderOctets = (int)Math.Min(_scanner.HeaderOctets ?? _storedOctets, int.MaxValue),
            ReceivedAt = _receivedAt,
            ExpiresAt = _receivedAt + queue.GiveUpAfter,
            DelayNoticeAt = mayTellOfDelay ? _receivedAt + queue.DelayNoticeAfter : null,
            FirstAttempt = queue.SendWhenAsked ? _receivedAt + queue.GiveUpAfter : null,
            Origin = _origin.ToString(),
            MessageId = _messageId,
            TraceParent = _traceParent,
        };
    }

    /// <summary>Once a message, behind everyone who was asked for, who is none of those who may be named in a header.</summary>
    private void AddBlindCopies()
    {
        if (_blindCopies is not null || _origin.IsReport || AcceptedRecipients == 0)
        {
            return;
        }

        _blindCopies = [.. _desk.Rewriter.BlindCopies().Where(IsNew)];
        _recipients.AddRange(_blindCopies);
    }

    private bool IsNew(Recipient recipient)
    {
        if (_recipients.Count == 0)
        {
            return true;
        }

        _places ??= new HashSet<Recipient>(RecipientPlace.Comparer) { _recipients[0] };
        return _places.Add(recipient);
    }

    /// <summary>As logs have it: empty for the null sender.</summary>
    private string Sender => Envelope.Sender?.ToString() ?? "";

    private void LogAccepted(long octets)
    {
        if (_desk.Logger.IsEnabled(LogLevel.Information))
        {
            Log.Accepted(
                _desk.Logger,
                Id,
                LogText.Printable(Sender),
                octets,
                _recipients.Count,
                LogText.Printable(_messageId),
                _origin.Address.Length > 0 ? LogText.Printable(_origin.Address) : "local",
                _origin.UserId?.ToString(CultureInfo.InvariantCulture) ?? "-",
                LogText.Printable(_origin.Protocol));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventIds.Accepted,
            LogLevel.Information,
            "{QueueId}: from=<{Sender}> size={Octets} nrcpt={RecipientCount} message-id={MessageId} client={Client} uid={Uid} proto={Protocol}",
            SkipEnabledCheck = true)]
        public static partial void Accepted(
            ILogger logger, QueueId queueId, string sender, long octets, int recipientCount, string messageId, string client, string uid, string protocol);

        [LoggerMessage(
            EventIds.MailLoop,
            LogLevel.Warning,
            "{QueueId}: refused, from=<{Sender}>: more than {MaxReceivedFields} Received fields, the message is going in circles")]
        public static partial void MailLoop(ILogger logger, QueueId queueId, int maxReceivedFields, string sender);

        [LoggerMessage(
            EventIds.SignedFieldsKept,
            LogLevel.Information,
            "{QueueId}: not rewritten, a DKIM signature covers it: {Fields} (Rewrite:SignedMail)")]
        public static partial void SignedFieldsKept(ILogger logger, QueueId queueId, string fields);

        [LoggerMessage(EventIds.ThrownAway, LogLevel.Information, "{QueueId}: from=<{Sender}> thrown away, as the aliases of all its recipients say")]
        public static partial void ThrownAway(ILogger logger, QueueId queueId, string sender);

        [LoggerMessage(EventIds.NotStored, LogLevel.Error, "{QueueId}: not accepted, the store cannot take it: {Reason}")]
        public static partial void NotStored(ILogger logger, QueueId queueId, string reason, Exception? fault);
    }
}
