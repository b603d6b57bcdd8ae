using System.Text;
using RelayProxy.Configuration.Dma;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Proof.Client;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;
using RelayProxy.Rewrite.Header;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>What people and their programs write.</summary>
internal static class Texts
{
    private static readonly RewriteOptions s_rules = new() { Origin = "hamlet.example", MasqueradeDomains = ["isp.example"], SenderMap = ["joe \"j o\"@joe.example"] };
    private static readonly HeaderRewriter s_rewriter = new(new SenderRewriter(s_rules, Origin.From(s_rules, "hamlet.example")));

    /// <summary>A header that is rewritten is the same when it is rewritten again, has as many fields of the same names, no lone CR or LF, and no end
    /// that it did not have.</summary>
    public static string Splice(byte[] input)
    {
        byte[] content = Sequences.Octets(ReferenceServer.Normalized(Sequences.Text(input)) + "\r\n");
        (byte[] once, HeaderBlock before, int changes) = Rewrite(content);
        (byte[] twice, HeaderBlock after, _) = Rewrite(once);

        Assert.Equal(once, twice);
        Assert.False(ReferenceServer.HasLone(Sequences.Text(once)));
        Assert.Equal(before.Fields.Length, after.Fields.Length);
        Assert.Equal(Sequences.Text(content.AsSpan(before.Octets)), Sequences.Text(once.AsSpan(after.Octets)));
        for (int i = 0; i < before.Fields.Length; i++)
        {
            Assert.True(HeaderBlock.IsNamed(once, after.Fields[i], content.AsSpan(before.Fields[i].Start, before.Fields[i].NameLength)));
        }

        return $"{before.Fields.Length} {changes}";
    }

    /// <summary>What a program hands to sendmail is the same message in any pieces and when it is handed over once more; it has CRLF line ends only, and
    /// tells nobody of blind copies.</summary>
    public static string Submit(byte[] input)
    {
        try
        {
            string message = Submitted(input, input.Length, recipients: true);
            Assert.Equal(message, Submitted(input, 1, recipients: true));
            string plain = Submitted(input, 3, recipients: false);
            Assert.Equal(plain, Submitted(Sequences.Octets(plain), plain.Length, recipients: false));
            Assert.False(ReferenceServer.HasLone(plain));
            Assert.EndsWith("\r\n", plain, StringComparison.Ordinal);
            byte[] octets = Sequences.Octets(plain);
            var header = new HeaderBlock();
            Assert.Equal(HeaderStatus.EmptyLine, header.Read(octets, isAll: true));
            Assert.Equal(0, header.Count(octets, "Bcc"u8) + header.Count(octets, "Resent-Bcc"u8));
            return $"{header.Fields.Length} {message.Split('\0')[0].Split(' ').Length}";
        }
        catch (SubmissionException refusal)
        {
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            return refusal.Message;
        }
    }

    /// <summary>Aliases that are read, printed and read again are the same, and every mistake has a line.</summary>
    public static string ReadAliases(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        AliasFile first = AliasFile.Read("f", text);
        AliasFile.ReadList("f", text);
        string printed = string.Concat(first.Entries.Select(entry => entry + "\n"));
        AliasFile second = AliasFile.Read("f", printed);

        Assert.False(second.HasErrors, $"{printed}: {string.Join("; ", second.Problems)}");
        Assert.Equal(printed, string.Concat(second.Entries.Select(entry => entry + "\n")));
        Assert.All(first.Entries, entry => Assert.NotEmpty(entry.Destinations));
        Assert.All(first.Problems, problem => Assert.InRange(problem.Place.Line, 1, text.Count(letter => letter == '\n') + 1));
        return string.Join(' ', first.Entries.SelectMany(entry => entry.Destinations).Select(destination => destination.Kind).Distinct().Order()) + first.Problems.Count;
    }

    /// <summary>Each line of dma.conf is honoured, or told of: what is a word of dma's gives a directive, a refusal or a warning.</summary>
    public static string ReadDma(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        var report = new DmaReport("dma.conf", rank: 1);
        DmaDirectives directives = DmaDirectives.Read(text, report);
        DmaTransport.Map(directives, report);
        DmaNames.Map(directives, report);
        HashSet<string> told = [.. report.Directives.Select(directive => report.SourceOf(directive)), .. report.Problems.Concat(report.Warnings).Select(problem => problem.Source)];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.True(lines[i].Split('#')[0].TrimEnd('\r').TrimStart().Length == 0 || told.Contains(report.SourceOf(i + 1)), $"line {i + 1} is passed over");
        }

        return $"{string.Join(' ', report.Directives.Select(directive => directive.Name).Distinct().Order(StringComparer.Ordinal))} {report.Problems.Count} {report.Warnings.Count}";
    }

    private static (byte[] Result, HeaderBlock Header, int Changes) Rewrite(byte[] content)
    {
        var header = new HeaderBlock();
        header.Read(content, isAll: true);
        IReadOnlyList<FieldRewrite> fields = s_rewriter.Rewrite(content.AsSpan(0, header.Octets), header, isReport: false)?.Fields ?? [];
        return (FieldSplicer.Apply(content, 0, fields.SelectMany(field => field.Splices)), header, fields.Count);
    }

    /// <summary>The recipients, a NUL, and the message.</summary>
    private static string Submitted(byte[] text, int atMost, bool recipients)
    {
        using var input = new Drip(text, atMost);
        using var submitted = SubmittedText.Read(input, new TextRequest { RecipientsFromHeader = recipients });
        var message = new StringBuilder(recipients ? string.Join(' ', submitted.HeaderRecipients) + "\0" : "");
        submitted.WriteTo(octets => message.Append(Encoding.Latin1.GetString(octets)));
        return message.ToString();
    }

    private sealed class Drip(byte[] octets, int atMost) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, Math.Max(1, atMost)));
    }
}
