using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Unit.Queue.Sqlite;

/// <summary>The two blobs of a row: whatever happens to them on disk, they are read as they were written or not at all.</summary>
public class CodecTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);
    private static readonly QueueId s_id = new(123456789);

    [Fact]
    public void An_envelope_is_read_as_it_was_written()
    {
        NewMessage message = Message();

        StoredEnvelope? read = EnvelopeCodec.Decode(s_id, EnvelopeBlob(message));

        Assert.Equal(
            new StoredEnvelope(
                message.Envelope, message.Traits, 5_000_000_000, 321, message.ReceivedAt, "www-data (uid 33)", "<ü@x>", BodyPlace.File, 0xDEADBEEF, message.TraceParent),
            read);
    }

    [Fact]
    public void An_envelope_from_before_there_were_traces_belongs_to_none()
    {
        byte[] blob = EnvelopeBlob(Message() with { TraceParent = "" });
        byte[] before = Seal([.. blob.AsSpan(0, blob.Length - sizeof(uint) - 1)]);

        Assert.Equal(EnvelopeCodec.Decode(s_id, blob), EnvelopeCodec.Decode(s_id, before));
    }

    [Fact]
    public void Recipients_are_read_as_they_were_written()
    {
        StoredRecipients stored = Recipients();

        StoredRecipients? read = RecipientsCodec.Decode(s_id, RecipientsCodec.Encode(s_id, stored));

        Assert.Equal(stored.Recipients, read!.Recipients);
        Assert.Equal((stored.ExpiresAt, stored.DelayNoticeAt), (read.ExpiresAt, read.DelayNoticeAt));
    }

    [Fact]
    public void A_blob_of_another_message_is_not_read()
    {
        Assert.Null(EnvelopeCodec.Decode(new QueueId(s_id.Value + 1), EnvelopeBlob(Message())));
        Assert.Null(RecipientsCodec.Decode(new QueueId(s_id.Value + 1), RecipientsCodec.Encode(s_id, Recipients())));
    }

    [Fact]
    public void A_blob_with_any_bit_changed_is_not_read()
    {
        byte[] envelope = EnvelopeBlob(Message());
        byte[] recipients = RecipientsCodec.Encode(s_id, Recipients());

        Assert.All(WithOneBitChanged(envelope), damaged => Assert.Null(EnvelopeCodec.Decode(s_id, damaged)));
        Assert.All(WithOneBitChanged(recipients), damaged => Assert.Null(RecipientsCodec.Decode(s_id, damaged)));
    }

    [Fact]
    public void A_blob_cut_short_or_made_longer_is_not_read()
    {
        byte[] envelope = EnvelopeBlob(Message());
        byte[] recipients = RecipientsCodec.Encode(s_id, Recipients());

        for (int length = 0; length < envelope.Length; length++)
        {
            Assert.Null(EnvelopeCodec.Decode(s_id, envelope.AsSpan(0, length)));
        }

        for (int length = 0; length < recipients.Length; length++)
        {
            Assert.Null(RecipientsCodec.Decode(s_id, recipients.AsSpan(0, length)));
        }

        Assert.Null(EnvelopeCodec.Decode(s_id, [.. envelope, 0]));
        Assert.Null(RecipientsCodec.Decode(s_id, [.. recipients, 0]));
    }

    [Fact]
    public void Even_with_its_checksum_right_nonsense_is_refused_and_never_thrown_at()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] nonsense = new byte[random.Next(60)];
            random.NextBytes(nonsense);
            byte[] sealedNonsense = Seal([1, .. nonsense]);

            // What it happens to mean does not matter; that reading it ends does.
            EnvelopeCodec.Decode(s_id, sealedNonsense);
            StoredRecipients? read = RecipientsCodec.Decode(s_id, sealedNonsense);
            Assert.True(read is null || read.Recipients.Length <= nonsense.Length);
        }
    }

    [Fact]
    public void What_a_later_version_appends_is_skipped()
    {
        byte[] blob = EnvelopeBlob(Message());
        byte[] later = Seal([.. blob.AsSpan(0, blob.Length - sizeof(uint)), 1, 2, 3]);

        Assert.Equal(EnvelopeCodec.Decode(s_id, blob), EnvelopeCodec.Decode(s_id, later));
    }

    private static byte[] Seal(byte[] content)
    {
        var writer = new BlobWriter(s_id.Value);
        foreach (byte octet in content)
        {
            writer.Byte(octet);
        }

        return writer.Seal();
    }

    private static IEnumerable<byte[]> WithOneBitChanged(byte[] blob)
    {
        for (int bit = 0; bit < blob.Length * 8; bit++)
        {
            byte[] damaged = [.. blob];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return damaged;
        }
    }

    private static byte[] EnvelopeBlob(NewMessage message) =>
        EnvelopeCodec.Encode(s_id, message, 5_000_000_000, BodyPlace.File, 0xDEADBEEF);

    private static NewMessage Message() => new()
    {
        Envelope = new Envelope
        {
            Sender = new Mailbox("a b", "example.net"),
            EnvelopeId = "QQ+2B1",
            Return = DsnReturn.Full,
            Declared8BitMime = true,
        },
        Recipients = [],
        Traits = ContentTraits.EightBit | ContentTraits.Nul,
        HeaderOctets = 321,
        ReceivedAt = s_now,
        ExpiresAt = s_now,
        Origin = "www-data (uid 33)",
        MessageId = "<ü@x>",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    private static StoredRecipients Recipients() => new(
        s_now + TimeSpan.FromDays(5),
        DelayNoticeAt: null,
        [
            new QueuedRecipient
            {
                Ordinal = 0,
                Recipient = new Recipient(new Mailbox("ops", "example.net"), DsnNotify.Never, "rfc822;root@web1"),
                State = RecipientState.Parked,
                Attempts = 300,
                NextAttempt = s_now,
                LastReply = "550 5.1.1 Nö",
                MayHaveBeenDelivered = true,
            },
            new QueuedRecipient
            {
                Ordinal = 1,
                Recipient = new Recipient(new Mailbox(new string('x', 3000), "")),
                NextAttempt = DateTimeOffset.MaxValue,
            },
        ]);
}
