namespace RelayProxy.Submission.Text;

/// <summary>What comes next in a text.</summary>
internal enum TextToken
{
    /// <summary>Nothing, before there is more input.</summary>
    None,

    /// <summary>Octets of a line.</summary>
    Text,

    /// <summary>LF, however many CRs stand before it.</summary>
    LineEnd,

    /// <summary>A CR that belongs to no LF.</summary>
    LoneCarriageReturn,

    Nul,

    /// <summary>The line that is a lone dot, and ends the text.</summary>
    LastDot,
}

/// <summary>
/// Divides a text into lines as the programs of a Unix write them: LF ends one, and so does CRLF, in any mixture. CR CR LF is what becomes
/// of a CRLF that somebody took for an LF, and ends one line too. Survives any split of its input.
/// </summary>
/// <param name="dotEndsText">A line that is a lone dot is the end. It begins and ends as lines of the input do; a lone CR makes none.</param>
internal sealed class TextLines(bool dotEndsText)
{
    private long _carriageReturns;
    private bool _atLineStart = true;
    private bool _holdsDot;

    /// <summary>The line that is being read, counted from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>If the input is over now, its last line is ended by a CR.</summary>
    public bool EndsInCarriageReturn => _carriageReturns > 0 && !_holdsDot;

    /// <param name="input">Loses what was read of it.</param>
    /// <param name="text">The octets of <see cref="TextToken.Text"/>.</param>
    public TextToken Next(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> text)
    {
        text = default;
        while (!input.IsEmpty)
        {
            switch (input[0])
            {
                case (byte)'\r':
                    _carriageReturns++;
                    input = input[1..];
                    continue;
                case (byte)'\n':
                    input = input[1..];
                    return EndLine();
                case 0:
                    return TextToken.Nul;
                case (byte)'.' when dotEndsText && _atLineStart && _carriageReturns == 0:
                    _holdsDot = true;
                    _atLineStart = false;
                    input = input[1..];
                    continue;
            }

            _atLineStart = false;
            if (_holdsDot)
            {
                _holdsDot = false;
                text = "."u8;
                return TextToken.Text;
            }

            if (_carriageReturns > 0)
            {
                _carriageReturns--;
                return TextToken.LoneCarriageReturn;
            }

            int length = input.IndexOfAny((byte)'\n', (byte)'\r', (byte)0);
            text = length < 0 ? input : input[..length];
            input = input[text.Length..];
            return TextToken.Text;
        }

        return TextToken.None;
    }

    private TextToken EndLine()
    {
        if (_holdsDot)
        {
            return TextToken.LastDot;
        }

        _carriageReturns = 0;
        _atLineStart = true;
        Line++;
        return TextToken.LineEnd;
    }
}
