using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>What changes about a queued message: how its recipients stand, and whether the sender has been told of a delay.</summary>
internal sealed record StoredRecipients(DateTimeOffset ExpiresAt, DateTimeOffset? DelayNoticeAt, QueuedRecipient[] Recipients);

/// <summary>
/// The column <c>message.recipients</c>. Destinations on this machine and return paths of their own stand behind the recipients, in
/// version 2, and only where there are any: a program that does not know them must not take them for mail to the smarthost.
/// </summary>
internal static class RecipientsCodec
{
    private const byte Plain = 1;
    private const byte WithRoutes = 2;

    public static byte[] Encode(QueueId id, StoredRecipients stored)
    {
        var blob = new BlobWriter(id.Value);
        bool hasRoutes = Array.Exists(stored.Recipients, HasRoute);
        blob.Byte(hasRoutes ? WithRoutes : Plain);
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

        if (hasRoutes)
        {
            foreach (QueuedRecipient recipient in stored.Recipients)
            {
                WriteRoute(ref blob, recipient.Recipient);
            }
        }

        return blob.Seal();
    }

    /// <summary><c>null</c> if the blob is damaged.</summary>
    public static StoredRecipients? Decode(QueueId id, ReadOnlySpan<byte> blob)
    {
        if (!BlobReader.TryOpen(id.Value, blob, out BlobReader reader))
        {
            return null;
        }

        byte version = reader.Byte();
        if (version is not (Plain or WithRoutes))
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

        for (int i = 0; version == WithRoutes && i < count; i++)
        {
            recipients[i] = recipients[i] with { Recipient = ReadRoute(ref reader, recipients[i].Recipient) };
        }

        return reader.Failed ? null : new StoredRecipients(expires, notice == DateTimeOffset.MinValue ? null : notice, recipients);
    }

    private static bool HasRoute(QueuedRecipient recipient) => recipient.Recipient is not { Local: null, ReturnPath: null };

    private static void WriteRoute(ref BlobWriter blob, Recipient recipient)
    {
        blob.Byte((byte)(recipient.Local?.Kind ?? 0));
        if (recipient.Local is { } local)
        {
            blob.Text(local.Target);
        }

        blob.OptionalText(recipient.ReturnPath?.LocalPart);
        if (recipient.ReturnPath is { } returnPath)
        {
            blob.Text(returnPath.Domain);
        }
    }

    private static Recipient ReadRoute(ref BlobReader reader, Recipient recipient)
    {
        byte kind = reader.Byte();
        LocalDestination? local = kind == 0 ? null : new LocalDestination((LocalDestinationKind)kind, reader.Text());
        string? owner = reader.OptionalText();
        return recipient with { Local = local, ReturnPath = owner is null ? null : new Mailbox(owner, reader.Text()) };
    }
}
