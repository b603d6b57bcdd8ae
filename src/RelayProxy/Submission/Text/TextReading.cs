using RelayProxy.Intake;

namespace RelayProxy.Submission.Text;

/// <summary>Reads a text to its end, and divides it into header section and body.</summary>
internal sealed class TextReading(TextRequest request)
{
    private const int BlockOctets = 32 * 1024;

    private readonly TextLines _lines = new(request.DotEndsText);

    public HeaderSection Header { get; } = new();

    public BodyText Body { get; } = new();

    public void Read(Stream input)
    {
        byte[] block = new byte[BlockOctets];
        for (int read; (read = ReadBlock(input, block)) > 0;)
        {
            if (!Take(block.AsSpan(0, read)))
            {
                break;
            }
        }

        if (_lines.EndsInCarriageReturn)
        {
            EndLine();
        }

        if (!Header.IsEnded)
        {
            Header.End();
            Header.MoveRestTo(Body);
        }

        Body.End();
    }

    private static int ReadBlock(Stream input, byte[] block)
    {
        try
        {
            return input.Read(block, 0, block.Length);
        }
        catch (IOException fault)
        {
            throw TextRefusals.Unreadable(fault);
        }
    }

    /// <summary>False if the text is over, whatever the input still holds.</summary>
    private bool Take(ReadOnlySpan<byte> octets)
    {
        while (true)
        {
            switch (_lines.Next(ref octets, out ReadOnlySpan<byte> text))
            {
                case TextToken.None:
                    CheckLength();
                    return true;
                case TextToken.LastDot:
                    return false;
                case TextToken.Text:
                    Append(text);
                    break;
                case TextToken.LineEnd:
                    EndLine();
                    break;
                case TextToken.LoneCarriageReturn when Header.IsEnded:
                    Body.EndLine();
                    break;
                case TextToken.LoneCarriageReturn:
                    Header.AppendLoneCarriageReturn();
                    DivideIfEnded();
                    break;
                case TextToken.Nul:
                    throw TextRefusals.Nul(_lines.Line);
            }
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        if (Header.IsEnded)
        {
            Body.Append(text);
        }
        else
        {
            Header.Append(text);
            DivideIfEnded();
        }

        if (Body.HasLongLine && request.LongLines == LongLines.Refuse)
        {
            throw TextRefusals.LongLine(_lines.Line);
        }
    }

    private void EndLine()
    {
        if (Header.IsEnded)
        {
            Body.EndLine();
            return;
        }

        Header.EndLine();
        DivideIfEnded();
    }

    private void DivideIfEnded()
    {
        if (Header.IsEnded)
        {
            Header.MoveRestTo(Body);
        }
    }

    private void CheckLength()
    {
        long octets = (Header.IsEnded ? Header.Octets.Length : Header.Length) + Body.Octets.Length;
        if (request.MaxOctets > 0 && octets > request.MaxOctets)
        {
            throw TextRefusals.TooLong(request.MaxOctets);
        }
    }
}
