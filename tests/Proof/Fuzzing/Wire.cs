using System.Buffers;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Proof.Client;
using RelayProxy.Session;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>What comes over a wire, from clients and from smarthosts.</summary>
internal static partial class Wire
{
    private static readonly SessionOptions[] s_options =
    [
        new() { MaxErrors = 1000, MaxCommandOctets = 600, MaxMessageOctets = 2000 },
        new() { MaxErrors = 1000, MaxCommandOctets = 600, MaxMessageOctets = 2000, BareNewlines = BareNewlines.Reject },
    ];

    /// <summary>A session answers each thing in lines of a reply's form, leaves nothing behind, stores no lone CR or LF, and does the same however the
    /// octets come.</summary>
    public static string Converse(byte[] input)
    {
        SessionOptions options = s_options[input.Length % 2];
        (string replies, string stored, SessionEnd end) = Converse(options, [input]);
        Assert.NotEqual(SessionEnd.Fault, end);
        Assert.All(replies.Split("\r\n")[..^1], line => Assert.Matches(@"^[2345]\d\d[ -][\x20-\x7e]*$", line));
        Assert.False(ReferenceServer.HasLone(stored));

        // What stands behind a DATA that is refused is judged by whether it was there already (E06).
        int half = input.Length / 2;
        (string, string, SessionEnd) parted = Converse(options, [input[..half], input[half..]]);
        Assert.True(
            (HasData(input) && DataRefused().IsMatch(replies + parted.Item1)) || (replies, stored, end) == parted, $"whole: {replies}\n{end}\nparted: {parted.Item1}\n{parted.Item3}");
        return string.Join(' ', replies.Split("\r\n").Select(line => line.Length > 8 ? line[..9] : line).Distinct().Order(StringComparer.Ordinal)) + end;
    }

    /// <summary>Content is read as the reference reads it, however it comes, and goes out again as content that is read as the same.</summary>
    public static string ReadContent(byte[] input)
    {
        string wire = Sequences.Text(input) + "\r\n.\r\n";
        (string message, string behind) = ReferenceServer.TakeMessage(wire) ?? throw new InvalidOperationException("There is an end.");
        var reference = new ReferenceServer(rejects: false);
        reference.Take(wire[..^behind.Length]);
        byte[] octets = Sequences.Octets(wire);
        foreach (int piece in (int[])[octets.Length, 1, 2, 3, 7])
        {
            var content = new ArrayBufferWriter<byte>();
            var reader = new DotReader();
            ReadOnlySequence<byte> pieces = Sequences.Of([.. octets.Chunk(piece).Select(chunk => (ReadOnlyMemory<byte>)chunk)]);
            Assert.Equal(DotStatus.End, reader.Read(pieces, content, out SequencePosition consumed));
            Assert.Equal(reference.Messages[0], Sequences.Text(content.WrittenSpan));
            Assert.Equal(behind.Length, pieces.Slice(consumed).Length);
            Assert.Equal(ReferenceServer.HasLone(message), reader.SawBareNewline);
        }

        var sent = new ArrayBufferWriter<byte>();
        var writer = new DotWriter();
        foreach (byte[] piece in input.Chunk(5))
        {
            writer.Write(piece, sent);
        }

        writer.Finish(sent);
        string onTheWire = Sequences.Text(sent.WrittenSpan);
        Assert.False(ReferenceServer.HasLone(onTheWire));
        Assert.Equal((ReferenceServer.Normalized(Sequences.Text(input)), ""), ReferenceServer.TakeMessage(onTheWire));
        Scan(reference.Messages[0]);
        return string.Concat(wire.Where(octet => octet is '\r' or '\n' or '.').Take(12));
    }

    /// <summary>What content needs of the smarthost is seen, however it streams past.</summary>
    private static void Scan(string content)
    {
        ContentTraits expected = (content.Any(octet => octet > 127) ? ContentTraits.EightBit : 0)
            | (content.Contains('\0', StringComparison.Ordinal) ? ContentTraits.Nul : 0)
            | (content.Split("\r\n").Any(line => line.Length > 998) ? ContentTraits.LongLine : 0);
        byte[] octets = Sequences.Octets(content);
        var whole = new ContentScanner();
        whole.Scan(octets);
        Assert.Equal(expected, whole.Traits & ~ContentTraits.Utf8Header);
        foreach (int piece in (int[])[1, 2, 5])
        {
            var scanner = new ContentScanner();
            foreach (byte[] part in octets.Chunk(piece))
            {
                scanner.Scan(part);
            }

            Assert.Equal((whole.Traits, whole.EndsInCrLf, whole.HeaderOctets), (scanner.Traits, scanner.EndsInCrLf, scanner.HeaderOctets));
        }
    }

    /// <summary>A reply has a code and text without control characters; what is none is refused as such; both however the octets come.</summary>
    public static string ReadReply(byte[] input)
    {
        string whole = Reply(new ReadOnlySequence<byte>(input), input.Length % 2 == 0);
        Assert.Equal(whole, Reply(Sequences.Of([.. input.Chunk(1).Select(octet => (ReadOnlyMemory<byte>)octet)]), input.Length % 2 == 0));
        return whole.Length > 14 ? whole[..14] : whole;
    }

    private static string Reply(ReadOnlySequence<byte> octets, bool allowUtf8)
    {
        var reader = new ReplyReader(PipeReader.Create(octets)) { AllowUtf8 = allowUtf8 };
        try
        {
            SmtpReply reply = reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            Assert.InRange(reply.Code, 200, 599);
            Assert.DoesNotContain(reply.Text, letter => char.IsControl(letter) && letter != '\n');
            SmarthostCapabilities offers = SmarthostCapabilities.Parse(reply, ["SIZE"]);
            Assert.Null(offers.MaxMessageOctets);
            return reply.ToString();
        }
        catch (Exception refusal) when (refusal is ReplyFormatException or IOException)
        {
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            return refusal.Message;
        }
    }

    private static (string Replies, string Stored, SessionEnd End) Converse(SessionOptions options, IEnumerable<byte[]> pieces)
    {
        var session = new SessionUnderTest(options);
        string replies = string.Concat(pieces.Select(piece => session.Say(Sequences.Text(piece)))) + session.HangUp();
        SessionEnd end = session.Ended.GetAwaiter().GetResult();
        session.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Assert.Equal((0, 0L), (session.Store.Open, session.InFlight.Octets));
        string stored = string.Concat(session.Store.Messages.Select(message => Sequences.Text(session.Store.Octets(message.Id)) + "\0\r\n"));
        return (QueueIds().Replace(replies, "ID"), QueueIds().Replace(stored, "ID"), end);
    }

    private static bool HasData(byte[] input) => Sequences.Text(input).Contains("DATA", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"(?m)^50[13] |^554 5\.5\.")]
    private static partial Regex DataRefused();

    [GeneratedRegex(@"[0-9A-HJKMNP-TV-Z]{13}(\.[0-9a-f]{16})?")]
    private static partial Regex QueueIds();
}
