using System.Globalization;
using System.Text;

namespace RelayProxy.Commands.Manual;

/// <summary>Text as roff(7) wants it, so that it is printed as it was written and can be copied from the screen.</summary>
internal static class Roff
{
    /// <summary>Plain text. A hyphen stays the hyphen that options begin with, and no line begins with what roff takes for a request.</summary>
    public static string Text(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => escaped.Append(@"\e"),
                '-' => escaped.Append(@"\-"),
                '\'' => escaped.Append(@"\(aq"),
                '"' => escaped.Append(@"\(dq"),
                '`' => escaped.Append(@"\(ga"),
                '^' => escaped.Append(@"\(ha"),
                '~' => escaped.Append(@"\(ti"),
                > '~' => escaped.Append(CultureInfo.InvariantCulture, $@"\[u{rune.Value:X4}]"),
                _ => escaped.Append(rune),
            };
        }

        return escaped.ToString() is ['.', ..] request ? @"\&" + request : escaped.ToString();
    }

    /// <summary>What is typed as it stands.</summary>
    public static string Bold(string text) => $@"\fB{Text(text)}\fR";

    /// <summary>What stands for something else.</summary>
    public static string Italic(string text) => $@"\fI{Text(text)}\fR";

    /// <summary>Sentences, in which backquotes stand around what is typed as it stands.</summary>
    public static string Prose(string text)
    {
        string[] parts = text.Split('`');
        return string.Concat(parts.Select((part, i) => i % 2 == 1 ? Bold(part) : Text(part)));
    }
}
