using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Intake;

/// <summary>What holds for every message, whatever it is made of.</summary>
public partial class IntakePropertyTests
{
    /// <summary>What headers, seams and line ends are made of, and what is none of these.</summary>
    private static readonly string[] s_scraps =
    [
        "\r\n", "\r", "\n", "\r\n\r\n", ":", " ", "\t", ".", "\r\n.\r\n", "Subject: x\r\n", "Received: y\r\n", "From: a@b\r\n",
        "To: c@localhost, d\r\n", "(", "\"", "<", ",",
        "Message-ID: <1@x>\r\n", "Date:", "From ", ">From x\r\n", "Bcc: z\r\n", "text", "\0", "\u00ff", new string('w', 1200),
        "X: " + new string('v', 16_000) + "\r\n",
    ];

    private static readonly Gen<string> s_message =
        Gen.Frequency((9, Gen.Elements(s_scraps)), (1, ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "")))
            .ListOf().Select(scraps => string.Concat(scraps.Select(Latin1)));

    private static readonly Gen<int[]> s_cuts = Gen.Choose(0, 5000).ArrayOf();

    [Fact]
    public void D13_Below_the_trace_field_stands_what_came_and_at_most_one_empty_line_more() => Check(s_message, message =>
    {
        // What becomes of addresses is said elsewhere.
        string content = AddressField().Replace(message, "X-$0");
        var intake = new TestIntake();
        intake.EditNothing();
        string below = TestIntake.BelowTrace(Store(intake, [Sequences.Octets(content)]));
        string expected = Normalised(content);
        if (below.StartsWith("X-Mailbox-Line: ", StringComparison.Ordinal) && !expected.StartsWith("X-Mailbox-Line: ", StringComparison.Ordinal))
        {
            below = below["X-Mailbox-Line: ".Length..];
        }

        bool isAdded = Enumerable.Range(0, below.Length - 1)
            .Any(at => below.AsSpan(at).StartsWith("\r\n") && below.Remove(at, 2) == expected);
        Assert.True(below == expected || isAdded, $"{Quoted(content)} became {Quoted(below)}");
    });

    [Fact]
    public void Any_chunking_gives_the_same_octets() => Check(Gen.Zip(s_message, s_cuts), pair =>
    {
        (string content, int[] cuts) = pair;
        var whole = new TestIntake();
        var cut = new TestIntake();
        whole.EditNothing();
        cut.EditNothing();
        cut.Options.RemoveBcc = whole.Options.RemoveBcc = true;
        cut.Options.MaxHeaderOctets = whole.Options.MaxHeaderOctets = 15_000;

        Assert.Equal(
            TestIntake.BelowTrace(Store(whole, [Sequences.Octets(content)])),
            TestIntake.BelowTrace(Store(cut, Pieces(Sequences.Octets(content), cuts))));
        Assert.Equal(whole.Store.Messages[0].HeaderOctets, cut.Store.Messages[0].HeaderOctets);
        Assert.Equal(whole.Store.Messages[0].Traits, cut.Store.Messages[0].Traits);
    });

    [Fact]
    public void What_is_stored_has_CRLF_line_ends_only_and_the_three_fields_that_a_message_must_have() => Check(s_message, content =>
    {
        var intake = new TestIntake();
        intake.Options.MaxHeaderOctets = 1 << 30;
        string stored = Store(intake, [Sequences.Octets(content)]);
        FakeContent.Check(Sequences.Octets(stored), Assert.Fail);
        string header = stored[..stored.IndexOf("\r\n\r\n", StringComparison.Ordinal)];

        Assert.EndsWith("\r\n", stored, StringComparison.Ordinal);
        Assert.All(["Date", "From", "Message-ID"], name => Assert.Matches($"(?mi)^{name}[ \t]*:", header));
    });

    private static void Check<T>(Gen<T> generator, Action<T> property) =>
        Prop.ForAll(Arb.From(generator), property).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true));

    private static string Store(TestIntake intake, IEnumerable<byte[]> pieces) => intake.StoreAsync(pieces).GetAwaiter().GetResult();

    private static IEnumerable<byte[]> Pieces(byte[] content, int[] cuts)
    {
        int at = 0;
        foreach (int length in cuts)
        {
            int end = Math.Min(content.Length, at + length);
            yield return content[at..end];
            at = end;
        }

        yield return content[at..];
    }

    private static string Normalised(string content)
    {
        string normalised = content
            .Replace("\r\n", "\n", StringComparison.Ordinal)
            .Replace('\r', '\n')
            .Replace("\n", "\r\n", StringComparison.Ordinal);
        return normalised.Length == 0 || normalised.EndsWith('\n') ? normalised : normalised + "\r\n";
    }

    private static string Latin1(string text) => string.Concat(text.Select(letter => (char)(letter & 0xff)));

    private static string Quoted(string text) =>
        text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    [GeneratedRegex("(From|To|Bcc)(?=[ \t]*:)")]
    private static partial Regex AddressField();
}
