namespace RelayProxy.Submission.Handing;

/// <summary>What the relay offered in its EHLO reply: only that is made use of, for a setting may have taken something away.</summary>
[Flags]
internal enum RelayOffers
{
    None = 0,
    Pipelining = 1,
    Size = 2,
    EightBitMime = 4,
    SmtpUtf8 = 8,
    Dsn = 16,
}

/// <summary>Reads them.</summary>
internal static class EhloReply
{
    /// <param name="text">The reply's lines; the first is a greeting.</param>
    public static RelayOffers Read(string text)
    {
        RelayOffers offers = RelayOffers.None;
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            int blank = line.IndexOf(' ');
            offers |= Offer(blank < 0 ? line : line[..blank]);
        }

        return offers;
    }

    private static RelayOffers Offer(ReadOnlySpan<char> keyword) =>
        Is(keyword, "PIPELINING") ? RelayOffers.Pipelining
        : Is(keyword, "SIZE") ? RelayOffers.Size
        : Is(keyword, "8BITMIME") ? RelayOffers.EightBitMime
        : Is(keyword, "SMTPUTF8") ? RelayOffers.SmtpUtf8
        : Is(keyword, "DSN") ? RelayOffers.Dsn
        : RelayOffers.None;

    private static bool Is(ReadOnlySpan<char> keyword, string other) => keyword.Equals(other, StringComparison.OrdinalIgnoreCase);
}
