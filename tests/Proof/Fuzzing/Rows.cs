using System.Buffers.Binary;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>The encoded columns of a row of the queue, as a disk may give them back.</summary>
internal static class Rows
{
    private static readonly QueueId s_id = new(4711);

    public static readonly string[] Seeds =
    [
        "E" + Sequences.Text(EnvelopeCodec.Encode(
            s_id,
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox("a b", "example.net"), EnvelopeId = "q", Declared8BitMime = true },
                Recipients = [],
                ReceivedAt = DateTimeOffset.UnixEpoch,
                ExpiresAt = DateTimeOffset.UnixEpoch,
                Origin = "127.0.0.1",
                MessageId = "<x@y>",
                TraceParent = "",
            },
            1234,
            BodyPlace.Row,
            bodyChecksum: 99)),
        "R" + Sequences.Text(RecipientsCodec.Encode(
            s_id,
            new StoredRecipients(
                DateTimeOffset.UnixEpoch,
                null,
                [
                    new QueuedRecipient { Ordinal = 0, Recipient = new Recipient(new Mailbox("b", "example.com")), LastReply = "450 x" },
                    new QueuedRecipient { Ordinal = 1, Recipient = new Recipient(new Mailbox("c", "")) { Local = new LocalDestination(LocalDestinationKind.User, "c") } },
                ]))),
    ];

    /// <summary>What is not as it was written is not read at all; and what has a checksum that fits is read without surprise, whoever wrote it.</summary>
    public static string Read(byte[] input)
    {
        if (input.Length < 5)
        {
            return "short";
        }

        bool isEnvelope = input[0] == (byte)'E';
        byte[] blob = input[1..];
        Assert.True(!Decodes(isEnvelope, blob) || Seeds.Any(seed => seed[1..] == Sequences.Text(blob)), "an altered row was read");
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(blob.Length - 4), BlobWriter.Checksum(s_id.Value, blob.AsSpan(0, blob.Length - 4)));
        return $"{isEnvelope} {Decodes(isEnvelope, blob)} {blob.Length / 4}";
    }

    private static bool Decodes(bool isEnvelope, byte[] blob) =>
        isEnvelope ? EnvelopeCodec.Decode(s_id, blob) is not null : RecipientsCodec.Decode(s_id, blob) is not null;
}
