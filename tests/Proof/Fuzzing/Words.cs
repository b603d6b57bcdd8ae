using System.Text;
using System.Text.Unicode;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Smtp;
using RelayProxy.Submission.Text;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>The parts of a command.</summary>
internal static class Words
{
    /// <summary>An address that is read is read the same from what is written of it, and holds nothing that ends a line.</summary>
    public static string ReadPath(byte[] input)
    {
        PathStatus status = MailboxParser.TryParsePath(input, allowUtf8: input.Length % 2 == 0, out Mailbox? mailbox, out ReadOnlySpan<byte> rest);
        if (mailbox is null)
        {
            Assert.NotEqual(PathStatus.Ok, status);
            return status.ToString();
        }

        string written = mailbox.ToString();
        Assert.DoesNotContain(written, letter => letter < ' ' || letter == '\x7f');
        Assert.Equal(PathStatus.Ok, MailboxParser.TryParsePath(Encoding.UTF8.GetBytes($"<{written}>"), allowUtf8: true, out Mailbox? second, out ReadOnlySpan<byte> none));
        Assert.Equal((mailbox, 0), (second, none.Length));
        Assert.True(rest.IsEmpty || rest[0] is (byte)' ' or (byte)'\t');
        return $"{status} {written.Contains('"', StringComparison.Ordinal)} {mailbox.Domain.StartsWith('[')} {mailbox.IsBare} {rest.IsEmpty}";
    }

    /// <summary>Parameters that are read are read the same from what is written of them.</summary>
    public static string ReadParameters(byte[] input)
    {
        var parameters = new List<SmtpParameter>();
        if (!SmtpParameters.TryParse(input, allowUtf8: true, parameters))
        {
            return "no";
        }

        Assert.Equal(parameters.Count, parameters.DistinctBy(parameter => parameter.Keyword, StringComparer.OrdinalIgnoreCase).Count());
        var second = new List<SmtpParameter>();
        string written = string.Concat(parameters.Select(parameter => $" {parameter.Keyword}{(parameter.Value is null ? "" : "=")}{parameter.Value}"));
        Assert.True(SmtpParameters.TryParse(Encoding.UTF8.GetBytes(written), allowUtf8: true, second));
        Assert.Equal(parameters, second);
        return string.Join(' ', parameters.Select(parameter => parameter.Keyword.Length).Order());
    }

    /// <summary>What is decoded holds no control character, and is decoded again from what is encoded of it. What is text can be encoded.</summary>
    public static string ReadXtext(byte[] input)
    {
        string xtext = Sequences.Text(input);
        bool isXtext = Xtext.TryDecode(xtext, out string text);
        Assert.DoesNotContain(text, char.IsControl);
        string plain = isXtext ? text : string.Concat(xtext.Where(letter => !char.IsControl(letter)));
        string encoded = Xtext.Encode(plain);
        Assert.All(encoded, letter => Assert.InRange(letter, '!', '~'));
        Assert.True(Xtext.TryDecode(encoded, out string again));
        Assert.Equal(plain, again);
        return $"{isXtext} {xtext.Contains('+', StringComparison.Ordinal)} {Ascii.IsValid(plain)}";
    }

    /// <summary>What is UTF-8 is so in any pieces, and as the framework sees it.</summary>
    public static string ReadUtf8(byte[] input)
    {
        bool expected = Utf8.IsValid(input);
        foreach (int piece in (int[])[Math.Max(1, input.Length), 1, 2, 3])
        {
            Utf8Check check = default;
            foreach (byte[] octets in input.Chunk(piece))
            {
                check.Add(octets);
            }

            Assert.Equal(expected, check.IsValid);
        }

        return $"{expected} {input.Length / 8}";
    }
}
