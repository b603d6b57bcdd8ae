using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Delivery.Reports;

/// <summary>What of a message comes back with a report: all of it where the sender asked for that, or did not say and the settings do, and it is small; else its header section.
/// Never more than <see cref="DeliveryOptions.MaxReturnedOctets"/>.</summary>
internal static class ReturnedContent
{
    /// <returns>The octets, and whether they are the whole message. Empty if it can no longer be read: the report goes out without.</returns>
    public static async ValueTask<(ReadOnlyMemory<byte> Octets, bool All)> ReadAsync(
        QueueLease lease, bool headersOnly, DeliveryOptions options, CancellationToken cancellationToken)
    {
        QueuedMessage message = lease.Message;
        int maxOctets = options.MaxReturnedOctets;
        bool wantsAll = message.Envelope.Return == DsnReturn.Full || (message.Envelope.Return == DsnReturn.Unspecified && options.ReturnWhole);
        bool all = !headersOnly && wantsAll && message.Octets <= maxOctets;
        long wanted = all || message.HeaderOctets == 0 ? message.Octets : message.HeaderOctets;
        byte[] octets = new byte[Math.Min(wanted, maxOctets)];
        int read;
        try
        {
            await using Stream stream = lease.Content.OpenRead();
            read = await stream.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            return (default, false);
        }

        return all ? (octets.AsMemory(0, read), true) : (HeaderSection(octets.AsMemory(0, read)), false);
    }

    // Without the empty line that ends it, and in whole lines where it is cut short.
    private static ReadOnlyMemory<byte> HeaderSection(ReadOnlyMemory<byte> octets)
    {
        int end = octets.Span.IndexOf("\r\n\r\n"u8);
        int length = end >= 0 ? end + 2 : octets.Span.LastIndexOf("\r\n"u8) + 2;
        return octets.Span.StartsWith("\r\n"u8) ? default : octets[..(length >= 2 ? length : 0)];
    }
}
