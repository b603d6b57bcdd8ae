using FsCheck;
using FsCheck.Fluent;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;

namespace RelayProxy.Unit.Rewrite.Aliases;

/// <summary>What is true of every text, and not only of those that somebody thought of.</summary>
public class AliasPropertyTests
{
    /// <summary>Pieces that mean something, in any order, give the reader more to stumble over than random letters.</summary>
    private static readonly Gen<string> s_texts = Gen.Elements(
        "root", "a@x.example", "\"a b\"", "\"|prog x\"", "|prog x", "/f", "/d/", ":include:/f", ":fail: no", ":defer:", "error:550 5.1.1 x", ":blackhole:",
        "\\root", "<a@x>", "Jo <j@x>", "(c)", "\"|x\"@y", "[IPv6:::1]", "u@[IPv6:::1]", ":", ": ", ", ", ",", " ", "\t", "\n", "\n\n", "\r\n", "\r", "\n ", "\\\n", "\\", "\"", "<", ">", "(", ")",
        "#", " # c", "*", "@", "@x.example", "+tag", "\0", "\ufffd", "\u00fc", "error:", "|", "/", "owner-l")
        .ListOf().Select(pieces => string.Concat(pieces));

    [Fact]
    public void No_text_crashes_the_reader_or_is_half_understood() =>
        Prop.ForAll(Arb.From(s_texts), text =>
        {
            AliasFile file = AliasFile.Read("f", text);
            Assert.All(file.Entries, entry => Assert.NotEmpty(entry.Destinations));
            Assert.All(
                file.Entries.SelectMany(entry => entry.Destinations),
                destination => Assert.Equal(
                    destination.Kind == AliasDestinationKind.Broken,
                    file.Problems.Any(problem => problem.Place == destination.Place && !problem.IsWarning)));
            Assert.All(file.Problems, problem => Assert.InRange(problem.Place.Line, 1, text.Count(letter => letter == '\n') + 1));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void What_is_read_printed_and_read_again_is_the_same() =>
        Prop.ForAll(Arb.From(s_texts), text =>
        {
            AliasFile first = AliasFile.Read("f", text);
            string printed = string.Concat(first.Entries.Select(entry => entry + "\n"));
            AliasFile second = AliasFile.Read("f", printed);

            Assert.False(second.HasErrors, $"{printed}: {string.Join("; ", second.Problems)}");
            Assert.Equal(printed, string.Concat(second.Entries.Select(entry => entry + "\n")));
            Assert.Equal(first.Entries.Select(Meaning), second.Entries.Select(Meaning));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    /// <summary>No more than 400 letters of it are said, and a blank at their end would not be read again.</summary>
    [Fact]
    public void A_refusal_that_is_cut_short_is_read_as_it_is_printed()
    {
        string printed = Assert.Single(AliasFile.Read("f", $"a: :fail: {new string('x', 399)} and more\n").Entries).ToString();

        Assert.Equal(printed, Assert.Single(AliasFile.Read("f", printed).Entries).ToString());
    }

    [Fact]
    public void Aliases_of_aliases_always_come_to_an_end() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 9).ListOf(30)), numbers =>
        {
            int[] links = [.. numbers];
            string aliases = string.Concat(links.Chunk(3).Select((chunk, n) => $"a{n}: {string.Join(", ", chunk.Select(m => $"a{m}"))}, x{n}@x.example\n"));
            AliasFile file = AliasFile.Read("f", aliases);
            var options = new RewriteOptions { Origin = "example.net" };
            var names = new LocalNames(Origin.From(options, "web1.example"), options, "", null);
            var book = new AliasBook(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

            ExpandedName expanded = new AliasExpansion(names, AliasTable.Of(file.Entries), book, options).Run(new Mailbox("a0", ""));

            Assert.Null(expanded.Refusal);
            Assert.Equal(Reachable(links), expanded.Recipients.Select(recipient => recipient.Address.LocalPart).Order(StringComparer.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    /// <summary>Work and memory grow with the file and not with what it could be unfolded to: 2^40 recipients, or a million.</summary>
    [Fact]
    public void Bombs_do_not_go_off()
    {
        string doubling = string.Concat(Enumerable.Range(1, 40).Select(n => $"a{n}: a{n + 1}, a{n + 1}, a{n + 1}\n"));
        string wide = string.Concat(Enumerable.Range(0, 18).Select(level =>
            string.Concat(Enumerable.Range(0, 50).Select(n => $"l{level}n{n}: {string.Join(", ", Enumerable.Range(0, 50).Select(m => $"l{level + 1}n{m}"))}\n"))))
            + string.Concat(Enumerable.Range(0, 50).Select(n => $"l18n{n}: u{n}@x.example\n"));
        string many = string.Concat(Enumerable.Range(0, 200_000).Select(n => $"n{n}: n{n}@x.example\n"));
        string same = string.Concat(Enumerable.Repeat("s: s@x.example\n", 100_000));
        string blank = "b:" + new string('\n', 300_000) + " b@x.example\nbad" + new string('\n', 300_000) + " c\n";
        string quotes = string.Concat(Enumerable.Repeat("\"(<[|\\", 50_000)) + "\n";
        using var names = new TestNames(doubling + wide + many + same + blank + quotes);
        string self = names.Write("self", "");
        File.WriteAllText(self, string.Concat(Enumerable.Repeat($":include:{self}\n", 10_000)) + "i@x.example\n");
        File.AppendAllText(names.AliasFile, $"\ni: :include:{self}\n");
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.StartsWith("550 5.2.4 ", names.Who("a1"), StringComparison.Ordinal);
        Assert.Equal(50, names.Expand("l0n0").Recipients.Count);
        Assert.Equal("n199999@x.example", names.Who("n199999"));
        Assert.Equal("s@x.example", names.Who("s"));
        Assert.Equal("b@x.example", names.Who("b"));
        Assert.Equal("i@x.example", names.Who("i"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    [Fact]
    public void A_lookup_allocates_nothing_however_many_aliases_there_are()
    {
        AliasTable table = AliasTable.Of(AliasFile.Read(
            "f", string.Concat(Enumerable.Range(0, 1000).Select(n => $"n{n}: n{n}@x.example\n")) + "v@shop.example: v@x.example\n").Entries);
        Mailbox[] names = [new("N999", ""), new("n5+tag", ""), new("nosuch", ""), new("V+1", "shop.example"), new("w", "shop.example")];
        int found = Array.FindAll(names, name => table.Find(name, "example.net", isOurs: name.IsBare) is not null).Length;

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Mailbox name in names)
        {
            table.Find(name, name.IsBare ? "example.net" : name.Domain, isOurs: name.IsBare);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, found);
    }

    private static string Meaning(AliasEntry entry) => $"{entry.Key.LocalPart}|{entry.Key.Domain}: " + string.Join(
        ", ", entry.Destinations.Select(destination => destination.Kind is AliasDestinationKind.Refusal or AliasDestinationKind.Broken
            ? $"refusal {destination.Reply}"
            : $"{destination.Kind} {destination.Text} {destination.Address?.LocalPart} {destination.Address?.Domain}"));

    private static IEnumerable<string> Reachable(int[] links)
    {
        var seen = new HashSet<int> { 0 };
        var next = new Queue<int>(seen);
        while (next.TryDequeue(out int n))
        {
            foreach (int m in links[(3 * n)..((3 * n) + 3)].Where(seen.Add))
            {
                next.Enqueue(m);
            }
        }

        return seen.Select(n => $"x{n}").Order(StringComparer.Ordinal);
    }
}
