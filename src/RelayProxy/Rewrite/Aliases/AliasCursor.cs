namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// Walks through the text of an aliases file. Knows where lines end and where they go on: behind a backslash, and where the next line that
/// says something begins with a blank. Comments begin at a <c>#</c> that begins a word and end with their line.
/// </summary>
internal sealed class AliasCursor(string source, string text)
{
    private int _lineStart;
    private int _line = 1;

    public int At { get; private set; }

    public bool IsAtEnd => At >= text.Length;

    public char Current => At < text.Length ? text[At] : '\n';

    public AliasPlace Place => new(source, _line, At - _lineStart + 1);

    public ReadOnlySpan<char> Rest => text.AsSpan(At);

    public bool IsAtLineEnd => At >= text.Length || text[At] == '\n' || (text[At] == '\r' && (At + 1 == text.Length || text[At + 1] == '\n'));

    /// <summary>A word ends at blanks, line ends and commas, and at a backslash that ends its line.</summary>
    public bool IsAtWordEnd => IsAtLineEnd || Current is ' ' or '\t' or ',' || IsAtContinuation(At);

    public string From(int start) => text[start..At];

    public char Next()
    {
        char letter = text[At++];
        if (letter == '\n')
        {
            _line++;
            _lineStart = At;
        }

        return letter;
    }

    /// <summary>Passes what separates words within one entry: blanks, comments, and the ends of lines that go on.</summary>
    /// <returns>True if what follows stands on a line of its own, begun with a blank.</returns>
    public bool SkipBlanks()
    {
        bool indented = false;
        while (!IsAtEnd)
        {
            if (Current is ' ' or '\t')
            {
                Next();
            }
            else if (Current == '#')
            {
                SkipToLineEnd();
            }
            else if (IsAtContinuation(At))
            {
                SkipToLineEnd();
                NextLine();
            }
            else if (IsAtLineEnd && TryPassLineEnd())
            {
                indented = true;
            }
            else
            {
                break;
            }
        }

        return indented;
    }

    /// <summary>Passes empty lines and comments between entries, and the blanks before the next.</summary>
    public void SkipToEntry()
    {
        while (!IsAtEnd)
        {
            if (Current == '#')
            {
                SkipToLineEnd();
            }
            else if (Current is ' ' or '\t' || IsAtLineEnd)
            {
                Next();
            }
            else
            {
                break;
            }
        }
    }

    /// <summary>Passes the rest of an entry that cannot be read, the lines on which it goes on included.</summary>
    public void SkipEntry()
    {
        while (!IsAtEnd)
        {
            if (IsAtContinuation(At))
            {
                Next();
                NextLine();
            }
            else if (!IsAtLineEnd)
            {
                Next();
            }
            else if (!TryPassLineEnd())
            {
                break;
            }
        }
    }

    public void SkipToLineEnd()
    {
        while (!IsAtLineEnd)
        {
            Next();
        }
    }

    /// <summary>Takes a quoted string, its quotes and backslashes included.</summary>
    /// <returns>False if the line ends before the string does; the cursor then is at the line's end.</returns>
    public bool TryTakeQuoted()
    {
        for (Next(); !IsAtLineEnd; Next())
        {
            if (Current == '"')
            {
                Next();
                return true;
            }

            if (Current == '\\')
            {
                Next();
                if (IsAtLineEnd)
                {
                    return false;
                }
            }
        }

        return false;
    }

    private void NextLine()
    {
        while (!IsAtEnd && Next() != '\n')
        {
        }
    }

    private bool TryPassLineEnd()
    {
        if (ContentAfterLine() is not { } content)
        {
            return false;
        }

        while (At < content)
        {
            Next();
        }

        return true;
    }

    private bool IsAtContinuation(int at) =>
        at + 1 < text.Length
        && text[at] == '\\'
        && (text[at + 1] == '\n' || (text[at + 1] == '\r' && at + 2 < text.Length && text[at + 2] == '\n'));

    /// <summary>At a line's end: where the entry goes on; <c>null</c> if the next line that says something begins at its edge.</summary>
    private int? ContentAfterLine()
    {
        int at = At;
        while (at < text.Length)
        {
            int start = text.IndexOf('\n', at) + 1;
            if (start == 0)
            {
                return null;
            }

            int content = start;
            while (content < text.Length && text[content] is ' ' or '\t')
            {
                content++;
            }

            if (content >= text.Length)
            {
                return null;
            }

            if (text[content] is not ('\n' or '\r' or '#'))
            {
                return content > start ? content : null;
            }

            at = content;
        }

        return null;
    }
}
