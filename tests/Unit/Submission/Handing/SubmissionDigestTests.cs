using System.Text;
using RelayProxy.Harness;
using RelayProxy.Intake;
using RelayProxy.Submission.Handing;

namespace RelayProxy.Unit.Submission.Handing;

public class SubmissionDigestTests
{
    private static readonly SubmissionDigest s_digest = new()
    {
        Endpoints = [new("127.0.0.1:25", [2, 0, 0, 25, 127, 0, 0, 1]), new("unix:/run/with a blank", [1, 0, 0x2f, 0xab])],
        HostName = "web1.example.net",
        LongLines = LongLines.Refuse,
        MaxMessageOctets = 1_000_000,
        TrustedUsers = ["root", "www-data"],
    };

    [Fact]
    public void What_is_written_is_read()
    {
        SubmissionDigest read = SubmissionDigest.Parse(Encoding.UTF8.GetBytes(s_digest.ToString()))!;

        Assert.Equivalent(s_digest, read, strict: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("relayproxy-sendmail 2\nhost x\n")]         // what it means, nobody here knows
    [InlineData("relayproxy-sendmail 1\nhost web1.exam")]   // cut short
    public void What_is_not_whole_or_not_ours_is_nothing(string text) => Assert.Null(SubmissionDigest.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_file_of_any_length_is_read_and_none_is_nothing()
    {
        using var folder = new TemporaryFolder();
        string[] many = [.. Enumerable.Range(0, 1000).Select(number => $"user{number}")];
        var digest = new SubmissionDigest { Endpoints = [], HostName = "h", TrustedUsers = many };
        File.WriteAllText(folder["sendmail"], digest.ToString());

        Assert.Equal(many, SubmissionDigest.Read(folder["sendmail"])!.TrustedUsers);
        Assert.Null(SubmissionDigest.Read(folder["none"]));
    }
}
