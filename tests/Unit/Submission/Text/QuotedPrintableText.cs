namespace RelayProxy.Unit.Submission.Text;

/// <summary>The decoder of RFC 2045 §6.7, strict: nothing passes that an encoder must not write.</summary>
internal static class QuotedPrintableText
{
    public static string Decoded(string encoded)
    {
        var text = new System.Text.StringBuilder();
        string[] lines = encoded.Split("\r\n");
        for (int number = 0; number < lines.Length; number++)
        {
            string line = lines[number];
            Assert.True(line.Length <= 76, $"a line of {line.Length}");
            Assert.False(line.EndsWith(' ') || line.EndsWith('\t'), $"a blank at the end of {line}");
            Assert.False(line == "." || line.StartsWith("From ", StringComparison.Ordinal), line);
            Assert.DoesNotContain(line, letter => letter is not ('\t' or (>= ' ' and <= '~')));
            bool isSoft = line.EndsWith('=');
            for (int i = 0; i < line.Length - (isSoft ? 1 : 0); i++)
            {
                text.Append(line[i] == '=' ? (char)Octet(line.Substring(i + 1, 2)) : line[i]);
                i += line[i] == '=' ? 2 : 0;
            }

            text.Append(isSoft || number == lines.Length - 1 ? "" : "\r\n");
        }

        return text.ToString();
    }

    private static byte Octet(string digits)
    {
        Assert.All(digits, digit => Assert.Contains(digit, "0123456789ABCDEF"));
        return Convert.ToByte(digits, 16);
    }
}
