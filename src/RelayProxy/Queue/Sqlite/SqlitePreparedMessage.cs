using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A message ready to be inserted: everything that costs time has been done by whoever brought it, not by the writer.</summary>
internal sealed class SqlitePreparedMessage : PreparedMessage
{
    private readonly BodyFolder _bodies;
    private readonly BodyFileWriter? _file;
    private readonly QueuedRecipient[] _recipients;
    private bool _isLeft;

    /// <param name="bodyRow">The octets, or the checksums of the file's blocks.</param>
    /// <param name="file">Where the octets are too many for a row.</param>
    public SqlitePreparedMessage(
        QueueId id, NewMessage message, long octets, ReadOnlyMemory<byte> bodyRow, BodyFileWriter? file, BodyFolder bodies)
        : base(id, message)
    {
        _bodies = bodies;
        _file = file;
        _recipients = new QueuedRecipient[message.Recipients.Count];
        for (int i = 0; i < _recipients.Length; i++)
        {
            _recipients[i] = new QueuedRecipient
            {
                Ordinal = i,
                Recipient = message.Recipients[i],
                NextAttempt = message.FirstAttempt ?? message.ReceivedAt,
            };
        }

        Octets = octets;
        BodyRow = bodyRow;
        var stored = new StoredRecipients(message.ExpiresAt, message.DelayNoticeAt, _recipients);
        Standing = Standing.Of(stored);
        AddressBits = Sqlite.AddressBits.Of(message.Envelope.Sender, _recipients);
        RecipientsBlob = RecipientsCodec.Encode(id, stored);
        EnvelopeBlob = EnvelopeCodec.Encode(
            id, message, octets, file is null ? BodyPlace.Row : BodyPlace.File, BlobWriter.Checksum(id.Value, bodyRow.Span));
    }

    public override long Octets { get; }

    public ReadOnlyMemory<byte> BodyRow { get; }

    public Standing Standing { get; }

    /// <inheritdoc cref="Sqlite.AddressBits"/>
    public long AddressBits { get; }

    public byte[] EnvelopeBlob { get; }

    public byte[] RecipientsBlob { get; }

    /// <summary>The message is in the queue: disposing this no longer deletes anything.</summary>
    public void Committed() => _file?.Keep();

    /// <summary>Whoever brought it waits no longer, and disposing it deletes nothing: what becomes of it is seen when the disk goes on.</summary>
    public void Leave() => _isLeft = true;

    /// <summary>The message is not in the queue, or not any more.</summary>
    public void Discard() => _ = _file?.DisposeAsync().AsTask();

    /// <summary>The message as it is when it comes back leased from its commit.</summary>
    public QueueLease ToLease(long token, DateTimeOffset until)
    {
        var message = new QueuedMessage
        {
            Id = Id,
            Envelope = Message.Envelope,
            Traits = Message.Traits,
            Octets = Octets,
            HeaderOctets = Message.HeaderOctets,
            ReceivedAt = Message.ReceivedAt,
            Origin = Message.Origin,
            MessageId = Message.MessageId,
            TraceParent = Message.TraceParent,
            ExpiresAt = Message.ExpiresAt,
            DelayNoticeAt = Message.DelayNoticeAt,
            InDelivery = true,
            Recipients = _recipients,
        };
        MessageContent content = _file is null ? new MemoryContent(BodyRow) : new FileContent(_bodies.FileOf(Id), Octets, BodyRow);
        return new QueueLease(message, _recipients, token, content) { Until = until };
    }

    public override ValueTask DisposeAsync() => _file is null || _isLeft ? ValueTask.CompletedTask : _file.DisposeAsync();
}
