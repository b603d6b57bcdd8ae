namespace RelayProxy.Mail;

/// <summary>What stands at one place of a structured field (RFC 5322 §3.2).</summary>
internal enum HeaderTokenKind
{
    /// <summary>The text is over.</summary>
    End,

    /// <summary>1*atext; anything beyond ASCII is one too (RFC 6532).</summary>
    Atom,

    /// <summary>A quoted string, with its quotes.</summary>
    Quoted,

    /// <summary>A domain literal, with its brackets.</summary>
    Literal,

    /// <summary>One of <c>&lt; &gt; , ; : @ .</c></summary>
    Mark,

    /// <summary>An octet that may not stand there. What follows may be good again.</summary>
    Stray,

    /// <summary>A quoted string, comment or literal without an end: nothing that follows can be told apart.</summary>
    Unended,
}

/// <summary>Divides the text of a structured field into tokens, in linear time; blanks, folds and (nested) comments are passed over.</summary>
internal ref struct HeaderTokens(ReadOnlySpan<byte> text)
{
    private static readonly AsciiOctets s_notAtom = AsciiOctets.Except("!#$%&'*+-/=?^_`{|}~"u8);

    private readonly ReadOnlySpan<byte> _text = text;

    public HeaderTokenKind Kind { get; private set; }

    /// <summary>Where the token begins.</summary>
    public int Start { get; private set; }

    /// <summary>Behind its last octet.</summary>
    public int End { get; private set; }

    public readonly bool IsWord => Kind is HeaderTokenKind.Atom or HeaderTokenKind.Quoted;

    public readonly bool IsMark(char mark) => Kind == HeaderTokenKind.Mark && _text[Start] == mark;

    /// <summary>Goes on to the next token. Behind the end it stays there.</summary>
    public void Next()
    {
        if (Kind == HeaderTokenKind.Unended)
        {
            return;
        }

        bool isComplete = SkipBlanksAndComments();
        Start = End;
        if (!isComplete || Start == _text.Length)
        {
            Kind = isComplete ? HeaderTokenKind.End : HeaderTokenKind.Unended;
            return;
        }

        switch (_text[Start])
        {
            case (byte)'"':
                TakeUpTo((byte)'"', HeaderTokenKind.Quoted);
                break;
            case (byte)'[':
                TakeUpTo((byte)']', HeaderTokenKind.Literal);
                break;
            case (byte)'<' or (byte)'>' or (byte)',' or (byte)';' or (byte)':' or (byte)'@' or (byte)'.':
                Take(1, HeaderTokenKind.Mark);
                break;
            default:
                int length = s_notAtom.IndexIn(_text[Start..]);
                length = length < 0 ? _text.Length - Start : length;
                Take(Math.Max(length, 1), length > 0 ? HeaderTokenKind.Atom : HeaderTokenKind.Stray);
                break;
        }
    }

    private void Take(int length, HeaderTokenKind kind)
    {
        End = Start + length;
        Kind = kind;
    }

    private void TakeUpTo(byte end, HeaderTokenKind kind)
    {
        for (int at = Start + 1; at < _text.Length; at++)
        {
            if (_text[at] == '\\')
            {
                at++;
            }
            else if (_text[at] == end)
            {
                Take(at + 1 - Start, kind);
                return;
            }
        }

        Take(_text.Length - Start, HeaderTokenKind.Unended);
    }

    /// <summary>Leaves <see cref="End"/> at what follows; <c>false</c> if a comment has no end.</summary>
    private bool SkipBlanksAndComments()
    {
        int depth = 0;
        int at = End;
        while (at < _text.Length)
        {
            byte octet = _text[at];
            if (octet == '(')
            {
                depth++;
            }
            else if (depth > 0)
            {
                depth -= octet == ')' ? 1 : 0;
                at += octet == '\\' ? 1 : 0;
            }
            else if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                break;
            }

            at++;
        }

        End = Math.Min(at, _text.Length);
        return depth == 0;
    }
}
