using System.Globalization;
using System.Text;

namespace RelayProxy.Smtp;

/// <summary>
/// Makes what the far side said fit for a log, a report or a reply: one line, nothing that moves a cursor, ends a line or turns
/// the reading direction round. What is not printable is written as its octets, <c>\x0d</c>.
/// </summary>
internal static class Printable
{
    /// <param name="allowUtf8">Keep letters beyond ASCII; otherwise they are written as octets too.</param>
    /// <param name="maxOctets">How much of the input to take; an ellipsis shows that there was more.</param>
    public static string Of(ReadOnlySpan<byte> octets, bool allowUtf8 = false, int maxOctets = int.MaxValue)
    {
        bool cut = octets.Length > maxOctets;
        octets = cut ? octets[..maxOctets] : octets;
        if (!cut && !octets.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return Encoding.ASCII.GetString(octets);
        }

        var text = new StringBuilder(octets.Length + 16);
        while (!octets.IsEmpty)
        {
            bool whole = Rune.DecodeFromUtf8(octets, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (whole && (rune.Value is >= ' ' and <= '~' || (allowUtf8 && IsGraphic(rune))))
            {
                text.Append(rune);
            }
            else if (rune.Value == '\t')
            {
                text.Append(' ');
            }
            else
            {
                foreach (byte octet in octets[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
                }
            }

            octets = octets[length..];
        }

        return text.Append(cut ? "..." : "").ToString();
    }

    private static bool IsGraphic(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control
        or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);
}
