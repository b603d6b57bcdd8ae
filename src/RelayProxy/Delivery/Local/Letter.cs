using System.Buffers;
using System.Globalization;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// One message as one recipient of this machine gets it: what Postfix's local(8) puts before it (<c>Return-Path</c>, RFC 5321 §4.4,
/// <c>X-Original-To</c>, <c>Delivered-To</c>), then the message with LF line ends.
/// </summary>
internal sealed class Letter(QueueLease lease, Recipient recipient, DateTimeOffset now)
{
    public const string DeliveredTo = "Delivered-To";

    private const int PieceOctets = 64 * 1024;

    public Recipient Recipient => recipient;

    /// <summary>Local time.</summary>
    public DateTimeOffset Now => now;

    public QueuedMessage Message => lease.Message;

    /// <summary>Whom the message is from, for this recipient; <c>null</c> for the null sender.</summary>
    public Mailbox? Sender => ReturnPaths.Of(lease.Message.Envelope, recipient);

    /// <summary>The address that the sender wrote.</summary>
    public string OriginalRecipient =>
        recipient.OriginalRecipient is { } given && given.IndexOf(';', StringComparison.Ordinal) is >= 0 and var at
            && Xtext.TryDecode(given.AsSpan(at + 1), out string plain) && !plain.Any(char.IsControl)
            ? plain
            : recipient.Address.ToString();

    /// <summary>Opens the octets. Apart from <see cref="Pieces"/>, because the queue's files are the relay's, and nobody else's to open.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="InvalidDataException">They are not what was accepted.</exception>
    public Stream Open() => lease.Content.OpenRead();

    /// <summary>Whether the message has been delivered to this address before: it goes in a circle.</summary>
    public static bool WasDeliveredTo(ReadOnlySpan<byte> header, Mailbox address)
    {
        var block = new HeaderBlock();
        block.Read(header, isAll: true);
        string wanted = address.ToString();
        foreach (HeaderField field in block.Fields)
        {
            if (Ascii.EqualsIgnoreCase(header.Slice(field.Start, field.NameLength), DeliveredTo)
                && Encoding.UTF8.GetString(header[field.ValueStart..field.End]).Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Everything, a piece at a time; each is good until the next.</summary>
    /// <param name="isMbox">With quoting, and the blank line that ends a message in an mbox.</param>
    /// <param name="hasFromLine">With the line that begins one.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="InvalidDataException">The octets are not what was accepted.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces(Stream content, bool isMbox, bool hasFromLine)
    {
        var output = new ArrayBufferWriter<byte>(PieceOctets + 1024);
        if (hasFromLine)
        {
            Encoding.UTF8.GetBytes(FromLine(), output);
        }

        Encoding.UTF8.GetBytes(
            $"Return-Path: <{Sender?.ToString() ?? ""}>\nX-Original-To: {OriginalRecipient}\n{DeliveredTo}: {recipient.Address}\n", output);
        var lines = new UnixLines(quoteFrom: isMbox);
        byte[] piece = new byte[PieceOctets];
        bool isFirst = true;
        for (int count; (count = content.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false)) > 0; isFirst = false)
        {
            int begin = isFirst ? MailboxLine(piece.AsSpan(0, count)) : 0;
            lines.Write(piece.AsSpan(begin, count - begin), output);
            if (output.WrittenCount >= PieceOctets)
            {
                yield return output.WrittenMemory;
                output.ResetWrittenCount();
            }
        }

        lines.Finish(output);
        if (isMbox)
        {
            output.Write("\n"u8);
        }

        yield return output.WrittenMemory;
    }

    /// <summary><c>From sender Sun Nov 22 09:16:39 2026</c>, in local time as mail readers expect it. The sender must be one word.</summary>
    private string FromLine()
    {
        string sender = string.Concat((Sender?.ToString() ?? "MAILER-DAEMON").Select(letter => letter <= ' ' ? '-' : letter));
        return string.Create(CultureInfo.InvariantCulture, $"From {sender} {now:ddd MMM} {now.Day,2} {now:HH:mm:ss yyyy}\n");
    }

    /// <summary>How long the line is that some other mailbox has put before the header, which it would end here.</summary>
    private static int MailboxLine(ReadOnlySpan<byte> octets)
    {
        var header = new HeaderBlock();
        header.Read(octets, isAll: true);
        return header.HasMailboxLine ? octets.IndexOf((byte)'\n') + 1 : 0;
    }
}
