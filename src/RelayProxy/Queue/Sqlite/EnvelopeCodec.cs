using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Where a message's octets are.</summary>
internal enum BodyPlace : byte
{
    /// <summary>In the body table.</summary>
    Row = 0,

    /// <summary>In a file of the bodies folder; the body table has the checksums of its blocks.</summary>
    File = 1,
}

/// <summary>What never changes about a queued message.</summary>
/// <param name="BodyChecksum">CRC-32C over the row of the body table, whichever the place.</param>
internal sealed record StoredEnvelope(
    Envelope Envelope,
    ContentTraits Traits,
    long Octets,
    int HeaderOctets,
    DateTimeOffset ReceivedAt,
    string Origin,
    string MessageId,
    BodyPlace BodyPlace,
    uint BodyChecksum,
    string TraceParent = "");

/// <summary>
/// The column <c>message.envelope</c>. A new property of <see cref="Envelope"/> is appended at the end, and read only if there is
/// something left to read: old rows then have its default, and an older program skips it.
/// </summary>
internal static class EnvelopeCodec
{
    private const byte Version = 1;
    private const int HasSender = 1;
    private const int Declared8BitMime = 2;
    private const int DeclaredSmtpUtf8 = 4;

    public static byte[] Encode(QueueId id, NewMessage message, long octets, BodyPlace place, uint bodyChecksum)
    {
        Envelope envelope = message.Envelope;
        var blob = new BlobWriter(id.Value);
        blob.Byte(Version);
        blob.Byte((byte)((envelope.Sender is null ? 0 : HasSender)
            | (envelope.Declared8BitMime ? Declared8BitMime : 0)
            | (envelope.DeclaredSmtpUtf8 ? DeclaredSmtpUtf8 : 0)));
        if (envelope.Sender is { } sender)
        {
            blob.Text(sender.LocalPart);
            blob.Text(sender.Domain);
        }

        blob.OptionalText(envelope.EnvelopeId);
        blob.Byte((byte)envelope.Return);
        blob.Number((ulong)message.Traits);
        blob.Number((ulong)octets);
        blob.Number((ulong)message.HeaderOctets);
        blob.Time(message.ReceivedAt);
        blob.Text(message.Origin);
        blob.Text(message.MessageId);
        blob.Byte((byte)place);
        blob.UInt32(bodyChecksum);
        blob.Text(message.TraceParent);
        return blob.Seal();
    }

    /// <summary><c>null</c> if the blob is damaged.</summary>
    public static StoredEnvelope? Decode(QueueId id, ReadOnlySpan<byte> blob)
    {
        if (!BlobReader.TryOpen(id.Value, blob, out BlobReader reader) || reader.Byte() < Version)
        {
            return null;
        }

        byte flags = reader.Byte();
        var envelope = new Envelope
        {
            Sender = (flags & HasSender) != 0 ? new Mailbox(reader.Text(), reader.Text()) : null,
            EnvelopeId = reader.OptionalText(),
            Return = (DsnReturn)reader.Byte(),
            Declared8BitMime = (flags & Declared8BitMime) != 0,
            DeclaredSmtpUtf8 = (flags & DeclaredSmtpUtf8) != 0,
        };
        var stored = new StoredEnvelope(
            envelope,
            (ContentTraits)reader.Count(),
            (long)reader.Number(),
            reader.Count(),
            reader.Time(),
            reader.Text(),
            reader.Text(),
            (BodyPlace)reader.Byte(),
            reader.UInt32(),
            reader.AtEnd ? "" : reader.Text());
        return reader.Failed || stored.Octets < 0 ? null : stored;
    }
}
