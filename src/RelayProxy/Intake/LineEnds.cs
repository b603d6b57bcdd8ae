using System.Numerics;
using System.Runtime.InteropServices;

namespace RelayProxy.Intake;

/// <summary>
/// What is stored holds no lone CR and no lone LF, whoever brought it. Those who read mail off a wire have seen to it already
/// (<see cref="Smtp.DotReader"/>, <see cref="Smtp.CrLfWriter"/>); here is the one wall that no mail gets round. Looking costs next
/// to nothing; mending, by turning each into CRLF, is for whoever forgot.
/// </summary>
internal static class LineEnds
{
    /// <summary>Whether a CR or LF stands alone, as far as these octets tell.</summary>
    /// <param name="afterCarriageReturn">The octet before the first was a CR. If the last one is, the next call will judge it.</param>
    public static bool AnyLone(ReadOnlySpan<byte> octets, bool afterCarriageReturn)
    {
        if (octets.IsEmpty)
        {
            return false;
        }

        if (afterCarriageReturn != (octets[0] == '\n'))
        {
            return true;
        }

        // All is well if, and only if, behind each octet that is a CR stands an LF, and behind each that is not, none does.
        ReadOnlySpan<byte> befores = octets[..^1];
        ReadOnlySpan<byte> afters = octets[1..];
        int done = 0;
        if (Vector.IsHardwareAccelerated)
        {
            ReadOnlySpan<Vector<byte>> firsts = MemoryMarshal.Cast<byte, Vector<byte>>(befores);
            ReadOnlySpan<Vector<byte>> seconds = MemoryMarshal.Cast<byte, Vector<byte>>(afters);
            var carriageReturn = new Vector<byte>((byte)'\r');
            var lineFeed = new Vector<byte>((byte)'\n');
            for (int i = 0; i < firsts.Length; i++)
            {
                if (Vector.Equals(firsts[i], carriageReturn) != Vector.Equals(seconds[i], lineFeed))
                {
                    return true;
                }
            }

            done = firsts.Length * Vector<byte>.Count;
        }

        for (int i = done; i < befores.Length; i++)
        {
            if ((befores[i] == '\r') != (afters[i] == '\n'))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies, and makes every lone CR or LF a CRLF. A CR at the very end waits for what comes next.</summary>
    /// <param name="output">Has room for twice the octets and one more.</param>
    /// <returns>How many octets were written.</returns>
    public static int Mend(ReadOnlySpan<byte> octets, bool afterCarriageReturn, Span<byte> output)
    {
        int length = 0;
        foreach (byte octet in octets)
        {
            if (octet == '\n' && !afterCarriageReturn)
            {
                output[length++] = (byte)'\r';
            }
            else if (octet != '\n' && afterCarriageReturn)
            {
                output[length++] = (byte)'\n';
            }

            output[length++] = octet;
            afterCarriageReturn = octet == '\r';
        }

        return length;
    }
}
