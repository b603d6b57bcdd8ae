using RelayProxy.Harness;
using RelayProxy.Harness.Transcripts;

namespace RelayProxy.Integration;

/// <summary>Every golden dialogue under <c>Transcripts/</c>, played with what is said in one piece, and again octet by octet.</summary>
public class TranscriptTests
{
    private static readonly string s_folder = Repository.Path("tests", "Integration", "Transcripts");

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(s_folder, "*.smtp", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_folder, file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public Task Whole(string file) => TranscriptPlayer.PlayAsync(Path.Combine(s_folder, file), Pace.Whole);

    [Theory]
    [MemberData(nameof(Files))]
    public Task Byte_by_byte(string file) => TranscriptPlayer.PlayAsync(Path.Combine(s_folder, file), Pace.ByteByByte);
}
