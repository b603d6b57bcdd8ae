using System.Runtime.Intrinsics;

namespace RelayProxy.Smtp;

/// <summary>
/// How much of some content can be copied as it is: most of it, in most messages. What stops a run is rare, and is looked at
/// octet by octet by whoever asked.
/// </summary>
internal static class PlainRun
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    /// <summary>Octets.</summary>
    private const int WorthVectors = 256;

    /// <summary>The length of the run at the front: it ends before a lone CR or LF, before a dot behind a CRLF, and before a CR whose
    /// LF, if it has one, has not come yet. Zero only if there is such a CR or LF at the very front.</summary>
    public static int Length(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content[0] == Lf)
        {
            return 0;
        }

        // Each octet is seen together with the one behind it: CR must come with LF, LF with CR, and not LF with a dot.
        int at = content.Length < WorthVectors ? 0 : LengthOfPlainBlocks(content);
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

    /// <summary>In vectors of a size that every processor has: it is compiled ahead of time then, which code that takes the size as it finds it
    /// cannot be, and a program that lives for one message would wait for that.</summary>
    private static int LengthOfPlainBlocks(ReadOnlySpan<byte> content)
    {
        var cr = Vector128.Create(Cr);
        var lf = Vector128.Create(Lf);
        var dot = Vector128.Create((byte)'.');

        int at = 0;
        while (at + Vector128<byte>.Count < content.Length)
        {
            var octets = Vector128.Create(content[at..]);
            var nexts = Vector128.Create(content[(at + 1)..]);
            Vector128<byte> lone = Vector128.Equals(octets, cr) ^ Vector128.Equals(nexts, lf);
            Vector128<byte> dots = Vector128.Equals(octets, lf) & Vector128.Equals(nexts, dot);
            if ((lone | dots) != Vector128<byte>.Zero)
            {
                break;
            }

            at += Vector128<byte>.Count;
        }

        return at;
    }
}
