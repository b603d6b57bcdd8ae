using System.Buffers;

namespace RelayProxy.Submission.Text;

/// <summary>Folds the lines of a field that are too long, before white space, so that the field says what it said (RFC 5322 §2.2.3). A word that
/// is too long for any line keeps a line of its own.</summary>
internal static class LongHeaderLines
{
    /// <summary>Where the first line begins that is too long; negative if none is.</summary>
    /// <param name="field">Whole lines.</param>
    public static int First(ReadOnlySpan<byte> field)
    {
        for (int at = 0; at < field.Length;)
        {
            int length = field[at..].IndexOf((byte)'\n') + 1;
            if (length - 2 > BodyText.MaxLineOctets)
            {
                return at;
            }

            at += length;
        }

        return -1;
    }

    /// <param name="field">Whole lines.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> field)
    {
        // A name may have white space behind it, and must not part from its colon.
        int least = field.IndexOf((byte)':');
        while (!field.IsEmpty)
        {
            int end = field.IndexOf((byte)'\n') + 1;
            WriteLine(output, field[..end], least);
            field = field[end..];
            least = 0;
        }
    }

    /// <param name="least">It is not folded before, nor there.</param>
    private static void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<byte> line, int least)
    {
        while (line.Length - 2 > BodyText.MaxLineOctets && PlaceToFold(line, least) is var place && place > 0)
        {
            output.Write(line[..place]);
            output.Write("\r\n"u8);
            line = line[place..];
            least = 0;
        }

        output.Write(line);
    }

    /// <summary>The last place at which what stands before is short enough; if there is none, the first. Words stand before it, and
    /// behind.</summary>
    private static int PlaceToFold(ReadOnlySpan<byte> line, int least)
    {
        int first = Math.Max(least, line.IndexOfAnyExcept((byte)' ', (byte)'\t'));
        int last = line.LastIndexOfAnyExcept(" \t\r\n"u8);
        int place = Math.Min(BodyText.MaxLineOctets, last);
        while (place > first && !IsPlace(line, place))
        {
            place--;
        }

        if (place > first)
        {
            return place;
        }

        place = Math.Max(first, BodyText.MaxLineOctets) + 1;
        while (place < last && !IsPlace(line, place))
        {
            place++;
        }

        return place < last ? place : 0;
    }

    private static bool IsPlace(ReadOnlySpan<byte> line, int place) =>
        line[place] is (byte)' ' or (byte)'\t' && line[place - 1] is not ((byte)' ' or (byte)'\t');
}
