using RelayProxy.Harness;
using RelayProxy.Harness.Transcripts;

namespace RelayProxy.Integration;

/// <summary>Every <c>.cli</c> file under <c>Transcripts/</c>: commands, what they print, and how they end.</summary>
public class CliTranscriptTests
{
    private static readonly string s_folder = Repository.Path("tests", "Integration", "Transcripts");

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(s_folder, "*.cli", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_folder, file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public Task Plays(string file) => CliTranscript.PlayAsync(Path.Combine(s_folder, file));
}
