using System.Globalization;
using System.Text.RegularExpressions;
using RelayProxy.Harness;

namespace RelayProxy.Unit;

/// <summary>
/// The conformance checklist, row by row: server sessions (S), addresses (A), content (D), extensions (E) and the client towards the smarthost
/// (C). Each row is shown by a test method or a transcript whose name begins with the row's id, such as <c>S24_A_second_MAIL…</c> or
/// <c>S24-second-mail.smtp</c>, or stands below with the reason why it cannot be.
/// </summary>
public partial class ProtocolRowsTests
{
    private static readonly (char Part, int Rows)[] s_parts = [('S', 34), ('A', 20), ('D', 19), ('E', 48), ('C', 48)];

    private static readonly Dictionary<string, string> s_excepted = new()
    {
        ["D19"] = "An Authentication-Results field that claims to be ours is to be removed by whoever adds one; this relay adds none.",
        ["E24"] = "BDAT where CHUNKING is not announced: it always is, and no setting takes it away.",
        ["C43"] = "A message accepted with REQUIRETLS must be kept to it; none is, because the parameter is refused (E45).",
    };

    [Fact]
    public void Every_row_names_a_test_or_has_a_reason_why_not()
    {
        string[] rows = [.. Rows()];
        HashSet<string> named = [.. Names().SelectMany(RowsIn)];

        Assert.Equal(169, rows.Length);
        Assert.Equal([], rows.Where(row => !named.Contains(row) && !s_excepted.ContainsKey(row)));
    }

    [Fact]
    public void No_exception_stays_once_there_is_a_test() =>
        Assert.Equal([], Names().Where(name => RowsIn(name).Any(s_excepted.ContainsKey)));

    [Fact]
    public void No_test_names_a_row_that_does_not_exist()
    {
        HashSet<string> rows = [.. Rows()];

        Assert.Equal([], Names().Where(name => !RowsIn(name).All(rows.Contains)));
    }

    [Theory]
    [InlineData("S24_A_second_MAIL_is_refused", "S24")]
    [InlineData("C17-C21-one-login", "C17 C21")]
    [InlineData("E17_E26_S28_Every_reply_is_short", "E17 E26 S28")]
    [InlineData("An_answer_of_C17_does_not_count", "")]
    [InlineData("S2400_is_no_row", "")]
    public void Rows_are_read_from_the_beginning_of_a_name(string name, string rows) => Assert.Equal(rows, string.Join(' ', RowsIn(name)));

    private static IEnumerable<string> Rows() => s_parts.SelectMany(
        part => Enumerable.Range(1, part.Rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"{part.Part}{row:00}")));

    /// <summary>Test methods and transcripts.</summary>
    private static IEnumerable<string> Names()
    {
        foreach (string project in (string[])["Unit", "Integration", "Proof"])
        {
            string folder = Repository.Path("tests", project);
            foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                switch (Path.GetExtension(file))
                {
                    case ".smtp" or ".cli":
                        yield return Path.GetFileNameWithoutExtension(file);
                        break;
                    case ".cs" when Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"):
                        foreach (Match method in TestMethod().Matches(File.ReadAllText(file)))
                        {
                            yield return method.Groups["name"].Value;
                        }

                        break;
                }
            }
        }
    }

    private static IEnumerable<string> RowsIn(string name) => LeadingRows().Match(name).Groups["row"].Captures.Select(row => row.Value);

    [GeneratedRegex(@"^[ ]+(public|internal) (async )?(void|Task) (?<name>\w+)\(", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"^(?:(?<row>[SADEC][0-9]{2})[-_])*")]
    private static partial Regex LeadingRows();
}
