using System.Numerics;

namespace RelayProxy.Smtp;

/// <summary>
/// How much of some content can be copied as it is: most of it, in most messages. What stops a run is rare, and is looked at
/// octet by octet by whoever asked.
/// </summary>
internal static class PlainRun
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    /// <summary>The length of the run at the front: it ends before a lone CR or LF, before a dot behind a CRLF, and before a CR whose
    /// LF, if it has one, has not come yet. Zero only if there is such a CR or LF at the very front.</summary>
    public static int Length(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content[0] == Lf)
        {
            return 0;
        }

        // Each octet is seen together with the one behind it: CR must come with LF, LF with CR, and not LF with a dot.
        int at = LengthOfPlainBlocks(content);
        for (; at + 1 < content.Length; at++)
        {
            (byte octet, byte next) = (content[at], content[at + 1]);
            if (octet == Cr != (next == Lf))
            {
                return octet == Cr ? at : at + 1;
            }

            if (octet == Lf && next == '.')
            {
                return at + 1;
            }
        }

        return content[^1] == Cr ? content.Length - 1 : content.Length;
    }

    private static int LengthOfPlainBlocks(ReadOnlySpan<byte> content)
    {
        var cr = new Vector<byte>(Cr);
        var lf = new Vector<byte>(Lf);
        var dot = new Vector<byte>((byte)'.');

        int at = 0;
        while (at + Vector<byte>.Count < content.Length)
        {
            var octets = new Vector<byte>(content[at..]);
            var nexts = new Vector<byte>(content[(at + 1)..]);
            Vector<byte> lone = Vector.Equals(octets, cr) ^ Vector.Equals(nexts, lf);
            Vector<byte> dots = Vector.Equals(octets, lf) & Vector.Equals(nexts, dot);
            if ((lone | dots) != Vector<byte>.Zero)
            {
                break;
            }

            at += Vector<byte>.Count;
        }

        return at;
    }
}
