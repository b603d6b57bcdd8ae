using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>
/// Gathers the lines at the top of a text for as long as they are a header section. It ends where <see cref="HeaderBlock"/> says, and at a line
/// of nothing but blanks, or lone CRs, too: to mail that is a continuation, but to whoever wrote it the end of the header, and what follows may be
/// a stranger's words, which must not become recipients.
/// </summary>
internal sealed class HeaderSection
{
    /// <summary>More than any smarthost takes, and no more memory than a body may have.</summary>
    private const int MaxOctets = 1024 * 1024;

    /// <summary>As many octets of a line tell whether it is a field (RFC 5322 §2.1.1).</summary>
    private const int TellingOctets = 998;

    /// <summary>Stands for a lone CR until it is known whose it is: no text holds a NUL. In a field it becomes a blank, as in Postfix: it must
    /// not begin another field. In a body it ends a line, as in all mail that comes in here.</summary>
    private const byte LoneCarriageReturn = 0;

    private readonly HeaderBlock _block = new();
    private byte[] _octets = new byte[4 * 1024];
    private int _length;
    private int _lineStart;
    private bool _isBlankLine = true;
    private HeaderStatus _status;

    public bool IsEnded => _status != HeaderStatus.NeedMore;

    public ReadOnlySpan<HeaderField> Fields => _block.Fields;

    /// <summary>The section once it has ended, without the empty line.</summary>
    public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _block.Octets);

    public int Length => _length;

    /// <summary>Octets of a line, without its end.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        bool wasTold = _length - _lineStart > TellingOctets && !_isBlankLine;
        Add(text);
        _isBlankLine = _isBlankLine && text.IndexOfAnyExcept((byte)' ', (byte)'\t', LoneCarriageReturn) < 0;
        if (!wasTold && !_isBlankLine && _length - _lineStart > TellingOctets)
        {
            Judge(isAll: false);
        }
    }

    public void AppendLoneCarriageReturn() => Append([LoneCarriageReturn]);

    public void EndLine()
    {
        _length = _isBlankLine ? _lineStart : _length;
        Add("\r\n"u8);
        _lineStart = _length;
        _isBlankLine = true;
        Judge(isAll: false);
    }

    /// <summary>There is no more text.</summary>
    public void End()
    {
        if (_length > _lineStart)
        {
            EndLine();
        }

        if (!IsEnded)
        {
            Judge(isAll: true);
        }
    }

    /// <summary>Gives away what was read as header and is none: lines, the last of which may go on.</summary>
    public void MoveRestTo(BodyText body)
    {
        ReadOnlySpan<byte> rest = _status == HeaderStatus.NoField ? _octets.AsSpan(_block.Octets, _length - _block.Octets) : [];
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOfAny((byte)'\r', LoneCarriageReturn);
            body.Append(end < 0 ? rest : rest[..end]);
            if (end < 0)
            {
                break;
            }

            body.EndLine();
            rest = rest[(end + (rest[end] == '\r' ? 2 : 1))..];
        }

        _octets.AsSpan(0, _block.Octets).Replace(LoneCarriageReturn, (byte)' ');
    }

    /// <summary>The line of the input on which something stands.</summary>
    public int LineOf(int offset) => _octets.AsSpan(0, offset).Count((byte)'\n') + 1;

    public HeaderField? Find(ReadOnlySpan<byte> name) => _block.Find(_octets, name);

    public bool IsNamed(HeaderField field, ReadOnlySpan<byte> name) => HeaderBlock.IsNamed(_octets, field, name);

    private void Judge(bool isAll) => _status = _block.Read(_octets.AsSpan(0, _length), isAll);

    private void Add(ReadOnlySpan<byte> octets)
    {
        if (_length + octets.Length > _octets.Length)
        {
            if (_length + octets.Length > MaxOctets)
            {
                throw TextRefusals.HeaderTooLong;
            }

            Array.Resize(ref _octets, Math.Min(MaxOctets, Math.Max(2 * _octets.Length, _length + octets.Length)));
        }

        octets.CopyTo(_octets.AsSpan(_length));
        _length += octets.Length;
    }
}
