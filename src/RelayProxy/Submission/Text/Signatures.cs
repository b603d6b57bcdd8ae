namespace RelayProxy.Submission.Text;

/// <summary>Whether somebody has signed a message, so that not an octet of it may change. A signature that is a part of the body (S/MIME,
/// RFC 3156) shows in its Content-Type, and such a body is no plain text.</summary>
internal static class Signatures
{
    /// <summary>RFC 6376 and RFC 8617.</summary>
    public static bool AreIn(HeaderSection header) =>
        header.Find("DKIM-Signature"u8) is not null || header.Find("ARC-Message-Signature"u8) is not null;

    /// <summary>The cleartext signature of RFC 9580 §7.</summary>
    public static bool AreIn(KeptOctets body)
    {
        ReadOnlySpan<byte> line = "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n"u8;
        for (long at = 0; at < body.Length;)
        {
            ReadOnlySpan<byte> piece = body.From(at);
            if (piece.IndexOf(line) >= 0 || (at == 0 && piece.StartsWith(line[2..])))
            {
                return true;
            }

            // What is cut off at its end is seen whole in the next.
            at += at + piece.Length < body.Length ? piece.Length - line.Length + 1 : piece.Length;
        }

        return false;
    }
}
