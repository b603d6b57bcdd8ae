using System.Buffers;
using System.Text;
using RelayProxy.Intake;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>
/// <c>From: Full Name &lt;address&gt;</c> for a message that does not say who it is from. The name is somebody's own choice: whatever it holds, it
/// stays a name (RFC 5322 §3.2.5), and is encoded where it is not ASCII (RFC 2047 §5). Nothing is written where there is no name: without one,
/// intake does the same.
/// </summary>
internal static class AuthorField
{
    /// <summary>Longer ones are cut.</summary>
    private const int MaxNameLetters = 200;

    private static readonly AsciiOctets s_notAtom = AsciiOctets.Except("!#$%&'*+-/=?^_`{|}~ "u8);

    public static void Write(IBufferWriter<byte> output, string fullName, string sender)
    {
        string name = Plain(fullName);
        if (name.Length == 0 || !MailboxParser.TryParse(sender, out Mailbox? address))
        {
            return;
        }

        var field = new FieldWriter(output, "From");
        if (!Ascii.IsValid(name))
        {
            foreach (string word in EncodedWords.Of(Encoding.UTF8.GetBytes(name), EncodedWords.Utf8))
            {
                field.Word(word);
            }
        }
        else if (name.Contains("=?", StringComparison.Ordinal) || s_notAtom.IndexIn(Encoding.ASCII.GetBytes(name)) >= 0)
        {
            string escaped = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            field.Word($"\"{escaped}\"");
        }
        else
        {
            field.Word(name);
        }

        field.Word($"<{address}>");
        field.End();
    }

    /// <summary>Without what is no letter: one blank for each run of blanks and control characters between words.</summary>
    private static string Plain(string name)
    {
        var plain = new StringBuilder();
        int letters = 0;
        bool isBehindBlank = false;
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                isBehindBlank = plain.Length > 0;
                continue;
            }

            if (++letters > MaxNameLetters)
            {
                break;
            }

            plain.Append(isBehindBlank ? " " : "").Append(rune.ToString());
            isBehindBlank = false;
        }

        return plain.ToString();
    }
}
