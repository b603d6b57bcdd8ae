using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Header;

/// <summary>Turns the edits of one field into splices. Folding stays as it is, but a line that would grow too long for SMTP is folded
/// before the address that does it.</summary>
internal ref struct FieldSplicer
{
    /// <summary>Without CRLF (RFC 5322 §2.1.1).</summary>
    private const int MaxLineOctets = 998;

    private readonly ReadOnlySpan<byte> _value;
    private readonly int _offset;
    private readonly List<HeaderSplice> _splices = [];
    private int _at;

    /// <summary>Where <see cref="_at"/> will stand in its line when all is done.</summary>
    private int _column;

    private FieldSplicer(ReadOnlySpan<byte> value, int offset, int column)
    {
        _value = value;
        _offset = offset;
        _column = column;
    }

    /// <param name="value">What follows the field's colon.</param>
    /// <param name="offset">What <paramref name="value"/>'s first octet is called in the splices.</param>
    /// <param name="column">How much stands before it in its line.</param>
    /// <param name="edits">Every address of the field, changed or not, in order; offsets into <paramref name="value"/>.</param>
    public static List<HeaderSplice> Splice(ReadOnlySpan<byte> value, int offset, int column, List<AddressEdit> edits)
    {
        var splicer = new FieldSplicer(value, offset, column);
        for (int i = 0; i < edits.Count; i++)
        {
            splicer.Add(edits[i], i + 1 < edits.Count ? edits[i + 1].Place.FoldAt : value.Length);
        }

        return splicer._splices;
    }

    /// <summary>A copy of the text with the splices in it.</summary>
    /// <param name="offset">As in <see cref="Splice"/>.</param>
    public static byte[] Apply(ReadOnlySpan<byte> value, int offset, IEnumerable<HeaderSplice> splices)
    {
        using var result = new MemoryStream(value.Length);
        int copied = 0;
        foreach (HeaderSplice splice in splices)
        {
            result.Write(value[copied..(splice.Start - offset)]);
            result.Write(splice.Replacement.Span);
            copied = splice.Start - offset + splice.Length;
        }

        result.Write(value[copied..]);
        return result.ToArray();
    }

    /// <param name="next">Where the line can be folded again.</param>
    private void Add(AddressEdit edit, int next)
    {
        GoTo(edit.Place.FoldAt);
        byte[] replacement = edit.IsChange ? edit.Replacement() : [];
        int segment = edit.IsChange
            ? edit.Start - _at + replacement.Length + RestOfLine(edit.End, next)
            : RestOfLine(_at, next);
        if (_column > 1 && _column + segment > MaxLineOctets)
        {
            _splices.Add(new HeaderSplice(_offset + _at, 0, "\r\n "u8.ToArray()));
            _column = 1;
        }

        if (edit.IsChange)
        {
            GoTo(edit.Start);
            _splices.Add(new HeaderSplice(_offset + edit.Start, edit.End - edit.Start, replacement));
            _column += replacement.Length;
            _at = edit.End;
        }
    }

    private readonly int RestOfLine(int start, int end)
    {
        int lineEnd = _value[start..end].IndexOf((byte)'\r');
        return lineEnd < 0 ? end - start : lineEnd;
    }

    private void GoTo(int place)
    {
        ReadOnlySpan<byte> passed = _value[_at..place];
        int lineFeed = passed.LastIndexOf((byte)'\n');
        _column = lineFeed < 0 ? _column + passed.Length : passed.Length - lineFeed - 1;
        _at = place;
    }
}
