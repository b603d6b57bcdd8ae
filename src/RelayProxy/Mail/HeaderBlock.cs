using System.Runtime.InteropServices;
using System.Text;

namespace RelayProxy.Mail;

/// <summary>How far a header section has been read.</summary>
internal enum HeaderStatus
{
    /// <summary>It may go on.</summary>
    NeedMore,

    /// <summary>An empty line ends it. The line itself is not part of <see cref="HeaderBlock.Octets"/>.</summary>
    EmptyLine,

    /// <summary>A line that cannot be a header field ends it: the body begins there, without an empty line before it.</summary>
    NoField,

    /// <summary>There is no more content: the message is all header.</summary>
    EndOfContent,
}

/// <summary>One field of a header section: where it is.</summary>
/// <param name="Start">Offset of its first octet.</param>
/// <param name="NameLength">Octets of the name.</param>
/// <param name="ValueStart">Offset of what follows the colon.</param>
/// <param name="Length">Octets in all, folded lines and final CRLF included.</param>
internal readonly record struct HeaderField(int Start, int NameLength, int ValueStart, int Length)
{
    public int End => Start + Length;
}

/// <summary>
/// The index of a header section (RFC 5322 §2.2): which fields stand where. It holds offsets and never octets, so that an edit is a
/// splice and whatever no edit names stays as it came. Reads on where it stopped, in linear time, however the octets arrive.
/// Tolerant as mail is: blanks before the colon (§4.5.8), any octets in a value, lines of any length.
/// </summary>
internal sealed class HeaderBlock
{
    /// <summary>A line may have 998 octets (RFC 5322 §2.1.1), so a name without a colon within them is none.</summary>
    private const int MaxNameOctets = 998;

    private readonly List<HeaderField> _fields = new(16);
    private int _lineStart;
    private int _searched;

    /// <summary>The fields, in the order in which they stand.</summary>
    public ReadOnlySpan<HeaderField> Fields => CollectionsMarshal.AsSpan(_fields);

    /// <summary>How many octets have been indexed, whole lines only. At the end: where the empty line or the body begins.</summary>
    public int Octets => _lineStart;

    /// <summary>The first line is the <c>From </c> line of an mbox (also quoted, <c>&gt;From </c>). It is no field, but it counts among
    /// <see cref="Octets"/> since fields follow it; where none does it is text, and the body begins there.</summary>
    public bool HasMailboxLine { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="content">The message from its first octet, at least as long as at the last call. CRLF line ends only.</param>
    /// <param name="isAll">No more content will come.</param>
    public HeaderStatus Read(ReadOnlySpan<byte> content, bool isAll)
    {
        while (_lineStart < content.Length)
        {
            ReadOnlySpan<byte> rest = content[_lineStart..];
            int lineFeed = content[_searched..].IndexOf((byte)'\n');
            int lineEnd = lineFeed >= 0 ? _searched + lineFeed + 1 : isAll ? content.Length : -1;
            _searched = lineEnd >= 0 ? lineEnd : content.Length;
            bool isWhole = lineEnd >= 0;
            ReadOnlySpan<byte> line = isWhole ? content[_lineStart..lineEnd] : rest;

            switch (Judge(line, isWhole, out int nameLength, out int colon))
            {
                case LineKind.Unclear:
                    return HeaderStatus.NeedMore;
                case LineKind.Empty:
                    return End(HeaderStatus.EmptyLine);
                case LineKind.Other:
                    return End(HeaderStatus.NoField);
                case LineKind.Field when isWhole:
                    _fields.Add(new HeaderField(_lineStart, nameLength, _lineStart + colon + 1, line.Length));
                    break;
                case LineKind.Continuation when isWhole:
                    if (_fields.Count > 0)
                    {
                        _fields[^1] = _fields[^1] with { Length = lineEnd - _fields[^1].Start };
                    }

                    break;
                case LineKind.MailboxLine when isWhole:
                    HasMailboxLine = true;
                    break;
                case LineKind.Field or LineKind.Continuation or LineKind.MailboxLine:
                    return HeaderStatus.NeedMore;
            }

            _lineStart = lineEnd;
        }

        return isAll ? End(HeaderStatus.EndOfContent) : HeaderStatus.NeedMore;
    }

    /// <summary>How many fields have this name.</summary>
    /// <param name="name">Without the colon; compared without regard to case.</param>
    public int Count(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        int count = 0;
        foreach (HeaderField field in _fields)
        {
            count += IsNamed(content, field, name) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The first field of this name; <c>null</c> if there is none.</summary>
    public HeaderField? Find(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        foreach (HeaderField field in _fields)
        {
            if (IsNamed(content, field, name))
            {
                return field;
            }
        }

        return null;
    }

    public static bool IsNamed(ReadOnlySpan<byte> content, HeaderField field, ReadOnlySpan<byte> name) =>
        field.NameLength == name.Length && Ascii.EqualsIgnoreCase(content.Slice(field.Start, field.NameLength), name);

    /// <summary>What a field says: unfolded, without blanks at its ends. Octets that are not UTF-8 become U+FFFD.</summary>
    public static string Value(ReadOnlySpan<byte> content, HeaderField field) =>
        Encoding.UTF8.GetString(content[field.ValueStart..field.End])
            .Replace("\r\n", "", StringComparison.Ordinal)
            .Trim(' ', '\t');

    private enum LineKind
    {
        Unclear,
        Empty,
        Field,
        Continuation,
        MailboxLine,
        Other,
    }

    private HeaderStatus End(HeaderStatus status)
    {
        if (!HasMailboxLine || _fields.Count > 0)
        {
            return status;
        }

        HasMailboxLine = false;
        _lineStart = 0;
        return HeaderStatus.NoField;
    }

    private LineKind Judge(ReadOnlySpan<byte> line, bool isWhole, out int nameLength, out int colon)
    {
        nameLength = 0;
        colon = -1;
        if (line[0] is (byte)' ' or (byte)'\t')
        {
            // Before any field there is nothing that it could continue; and it must not continue ours.
            return _lineStart > 0 ? LineKind.Continuation : LineKind.Other;
        }

        if (line[0] == '\r')
        {
            return line.Length == 1 && !isWhole ? LineKind.Unclear : LineKind.Empty;
        }

        // field = field-name *WSP ":" …, field-name = 1*%d33-126 without the colon (RFC 5322 §3.6.8, §4.5.8)
        int limit = Math.Min(line.Length, MaxNameOctets);
        while (nameLength < limit && line[nameLength] is > 32 and < 127 and not (byte)':')
        {
            nameLength++;
        }

        int end = nameLength;
        while (end < limit && line[end] is (byte)' ' or (byte)'\t')
        {
            end++;
        }

        if (end == limit && !isWhole && limit < MaxNameOctets)
        {
            return LineKind.Unclear;
        }

        if (nameLength > 0 && end < limit && line[end] == ':')
        {
            colon = end;
            return LineKind.Field;
        }

        return _lineStart == 0 && line.TrimStart((byte)'>').StartsWith("From "u8) ? LineKind.MailboxLine : LineKind.Other;
    }
}
