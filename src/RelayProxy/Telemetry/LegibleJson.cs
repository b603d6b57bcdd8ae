using System.Globalization;
using System.Text.Encodings.Web;

namespace RelayProxy.Telemetry;

/// <summary>Strings of JSON that people read: nothing is escaped that need not be, but for format characters (U+202E and its kin), which would
/// turn the direction of the line on a terminal or hide in it.</summary>
internal sealed class LegibleJson : JavaScriptEncoder
{
    /// <summary><c>\u202e</c>; a letter beyond the basic plane is two of them.</summary>
    private const int EscapeLength = 6;

    private static readonly JavaScriptEncoder s_relaxed = UnsafeRelaxedJsonEscaping;

    public override int MaxOutputCharactersPerInputCharacter => s_relaxed.MaxOutputCharactersPerInputCharacter;

    public override bool WillEncode(int unicodeScalar) => IsFormat(unicodeScalar) || s_relaxed.WillEncode(unicodeScalar);

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        int first = s_relaxed.FindFirstCharacterToEncode(text, textLength);
        var plain = new ReadOnlySpan<char>(text, first < 0 ? textLength : first);
        for (int i = plain.IndexOfAnyExceptInRange('\0', '\x7f'); i >= 0 && i < plain.Length; i++)
        {
            if (IsFormat(plain[i]))
            {
                return i;
            }
        }

        return first;
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        if (!IsFormat(unicodeScalar) || unicodeScalar > char.MaxValue)
        {
            return s_relaxed.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        var escape = new Span<char>(buffer, bufferLength);
        numberOfCharactersWritten = 0;
        return bufferLength >= EscapeLength
            && escape.TryWrite(CultureInfo.InvariantCulture, $"\\u{unicodeScalar:x4}", out numberOfCharactersWritten);
    }

    private static bool IsFormat(int scalar) => scalar > 0x7f && CharUnicodeInfo.GetUnicodeCategory(scalar) == UnicodeCategory.Format;
}
