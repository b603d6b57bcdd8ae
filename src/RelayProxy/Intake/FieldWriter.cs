using System.Buffers;
using System.Text;

namespace RelayProxy.Intake;

/// <summary>Writes one header field, folded at white space before it grows past 78 octets (RFC 5322 §2.1.1). The words must hold
/// no CR or LF: whoever has them from outside sees to that.</summary>
internal struct FieldWriter
{
    private const int MaxColumns = 78;
    private readonly IBufferWriter<byte> _output;
    private int _column;

    /// <param name="name">Without the colon.</param>
    public FieldWriter(IBufferWriter<byte> output, string name)
    {
        _output = output;
        Append(name);
        Append(":");
    }

    /// <summary>A word, behind a blank or on a new line. A word that is too long for any line keeps the line for itself.</summary>
    public void Word(string word, bool onNewLine = false)
    {
        if (onNewLine || _column + 1 + word.Length > MaxColumns)
        {
            Append("\r\n\t");
            _column = 1;
        }
        else
        {
            Append(" ");
        }

        Append(word);
    }

    public void End() => Append("\r\n");

    private void Append(string text)
    {
        _column += (int)Encoding.UTF8.GetBytes(text, _output);
    }
}
