using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>What changes about a queued message: how its recipients stand, and whether the sender has been told of a delay.</summary>
internal sealed record StoredRecipients(DateTimeOffset ExpiresAt, DateTimeOffset? DelayNoticeAt, QueuedRecipient[] Recipients);

/// <summary>The column <c>message.recipients</c>.</summary>
internal static class RecipientsCodec
{
    private const byte Version = 1;

    public static byte[] Encode(QueueId id, StoredRecipients stored)
    {
        var blob = new BlobWriter(id.Value);
        blob.Byte(Version);
        blob.Time(stored.ExpiresAt);
        blob.Time(stored.DelayNoticeAt ?? DateTimeOffset.MinValue);
        blob.Number((ulong)stored.Recipients.Length);
        foreach (QueuedRecipient recipient in stored.Recipients)
        {
            blob.Text(recipient.Recipient.Address.LocalPart);
            blob.Text(recipient.Recipient.Address.Domain);
            blob.Byte((byte)recipient.Recipient.Notify);
            blob.OptionalText(recipient.Recipient.OriginalRecipient);
            blob.Byte((byte)recipient.State);
            blob.Number((ulong)recipient.Attempts);
            blob.Time(recipient.NextAttempt);
            blob.OptionalText(recipient.LastReply);
            blob.Byte(recipient.MayHaveBeenDelivered ? (byte)1 : (byte)0);
        }

        return blob.Seal();
    }

    /// <summary><c>null</c> if the blob is damaged.</summary>
    public static StoredRecipients? Decode(QueueId id, ReadOnlySpan<byte> blob)
    {
        if (!BlobReader.TryOpen(id.Value, blob, out BlobReader reader) || reader.Byte() != Version)
        {
            return null;
        }

        DateTimeOffset expires = reader.Time();
        DateTimeOffset notice = reader.Time();
        int count = reader.Count();
        if (count > blob.Length)
        {
            return null;
        }

        var recipients = new QueuedRecipient[count];
        for (int i = 0; i < count; i++)
        {
            recipients[i] = new QueuedRecipient
            {
                Ordinal = i,
                Recipient = new Recipient(
                    new Mailbox(reader.Text(), reader.Text()), (DsnNotify)reader.Byte(), reader.OptionalText()),
                State = (RecipientState)reader.Byte(),
                Attempts = reader.Count(),
                NextAttempt = reader.Time(),
                LastReply = reader.OptionalText(),
                MayHaveBeenDelivered = reader.Byte() != 0,
            };
        }

        return reader.Failed ? null : new StoredRecipients(expires, notice == DateTimeOffset.MinValue ? null : notice, recipients);
    }
}
