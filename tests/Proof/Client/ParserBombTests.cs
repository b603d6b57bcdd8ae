using System.Globalization;
using System.Runtime.InteropServices;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;
using RelayProxy.Rewrite.Header;
using RelayProxy.Smtp;
using RelayProxy.Submission.Text;

namespace RelayProxy.Proof.Client;

/// <summary>What is made to keep a parser busy keeps it as long as its length says, and needs no stack: thirty-two times the octets are thirty-two times
/// the work, give or take, and not a thousand times.</summary>
public partial class ParserBombTests
{
    private const int Small = 4 * 1024;
    private const int Larger = 32;

    /// <summary>Linear is 32, quadratic 1024; what a processor's cache no longer holds costs some more, and so do others on the machine.</summary>
    private const double Bound = 256;

    private const int StackOctets = 192 * 1024;

    private static readonly RewriteOptions s_rules = new() { Origin = "hamlet.example", Masquerade = "example.net" };
    private static readonly HeaderRewriter s_rewriter = new(new SenderRewriter(s_rules, Origin.From(s_rules, "hamlet.example")));

    /// <summary>What is said over and over, and what stands behind all of it.</summary>
    private static readonly (string Again, string End)[] s_bombs =
    [
        ("(", ""), ("(", ")"), ("((x)", " root"), ("<@a,", ":root@localhost>"), ("@a,", ":root>"), ("\"", ""), ("\\\"", "\""), ("q", "\"@localhost"), ("g:", ";"), ("g:a@b;,", ""),
        ("<", ""), ("<", ">"), ("root,", ""), ("root ", "@x"), ("a.", "b@x"), ("[", ""), ("=?utf-8?q?", "?="), ("\r\n ", "root"), ("\u00c3\u00bc", ""), ("(\\", ")"), (":", ""), (";", ""), ("\"(<[|\\", "\n"),
    ];

    /// <summary>What stands around a bomb, and who reads it, as octets or as text.</summary>
    private static readonly Dictionary<string, (string Before, string Behind, Action<byte[], string> Parse)> s_parsers = new()
    {
        ["a masqueraded From"] = ("From: ", "\r\n\r\n", (octets, _) => Rewrite(octets)),
        ["a path"] = ("<", ">", (octets, _) => MailboxParser.TryParsePath(octets, allowUtf8: true, out Mailbox? _, out ReadOnlySpan<byte> _)),
        ["parameters"] = (" ", "", (octets, _) => SmtpParameters.TryParse(octets, allowUtf8: true, [])),
        ["xtext"] = ("", "", (_, text) => Xtext.TryDecode(text, out string _)),
        ["To of a submitted text"] = ("To: ", "\n\nx\n", (octets, _) => Submit(octets)),
        ["a submitted body"] = ("Subject: x\n\n", "", (octets, _) => Submit(octets)),
        ["an alias"] = ("a: ", "", (_, text) => AliasFile.Read("f", text)),
        ["an included list"] = ("", "", (_, text) => AliasFile.ReadList("f", text)),
    };

    public static TheoryData<string> Names => [.. s_parsers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_work_grows_with_the_length_and_the_stack_does_not(string parser)
    {
        (double Ratio, string Bomb) worst = default;
        var apart = new Thread(() => worst = s_bombs.Select(bomb => (Ratio(parser, bomb.Again, bomb.End), bomb.Again)).Max(), StackOctets);
        apart.Start();
        apart.Join();

        Figures.Note(
            "parser bombs", ("in", parser), ("bombs", s_bombs.Length), ("octets", Small * Larger),
            ("32 times as long took at most", worst.Ratio.ToString("0.0", CultureInfo.InvariantCulture) + " times as long"));
        Assert.True(worst.Ratio < Bound, $"{worst.Bomb} takes {worst.Ratio} times as long");
    }

    private static double Ratio(string parser, string again, string end)
    {
        (string before, string behind, Action<byte[], string> parse) = s_parsers[parser];
        string small = Bomb(Small), large = Bomb(Small * Larger);
        Time(parse, small, times: 1);
        return Time(parse, large, times: 3) / Time(parse, small, times: 8);

        string Bomb(int octets) => before + string.Concat(Enumerable.Repeat(again, Math.Max(1, octets / again.Length))) + end + behind;
    }

    private static double Time(Action<byte[], string> parse, string bomb, int times)
    {
        byte[] octets = Sequences.Octets(bomb);
        return Enumerable.Range(0, times).Min(_ => Time(() => parse(octets, bomb)));
    }

    /// <summary>Processor time of this thread, in ns: what others do on this machine does not count.</summary>
    private static double Time(Action parse)
    {
        const double shortest = 20_000;
        const int threadTime = 3;
        long times = 0;
        _ = Clock(threadTime, out Elapsed began);
        double taken;
        do
        {
            try
            {
                parse();
            }
            catch (Submission.SubmissionException)
            {
                // Refused, after it has been read.
            }

            times++;
            _ = Clock(threadTime, out Elapsed now);
            taken = ((now.Seconds - began.Seconds) * 1e9) + now.Nanoseconds - began.Nanoseconds;
        }
        while (taken < shortest);

        return taken / times;
    }

    private static void Rewrite(byte[] content)
    {
        var header = new HeaderBlock();
        header.Read(content, isAll: true);
        s_rewriter.Rewrite(content.AsSpan(0, header.Octets), header, isReport: false);
    }

    private static void Submit(byte[] text)
    {
        using var submitted = SubmittedText.Read(new MemoryStream(text), new TextRequest { RecipientsFromHeader = true });
        submitted.WriteTo(static _ => { });
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Clock(int clock, out Elapsed time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Elapsed
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
