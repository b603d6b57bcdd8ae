using RelayProxy.Harness;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public sealed class KeptOctetsTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0, false)]
    [InlineData(MiB, false)]
    [InlineData(MiB + 1, true)]
    [InlineData((3 * MiB) + 5, true)]
    public void Are_all_there_again_and_again(int length, bool isInFile)
    {
        byte[] octets = new byte[length];
        new Random(1).NextBytes(octets);
        using var kept = new KeptOctets(_folder.Path);
        for (int at = 0; at < length; at += 10_007)
        {
            kept.Append(octets.AsSpan(at, Math.Min(10_007, length - at)));
        }

        Assert.Equal(length, kept.Length);
        Assert.Equal(octets, All(kept));
        Assert.Equal(octets, All(kept));
        Assert.Equal(isInFile, OpenFiles().Count > 0);
    }

    [Fact]
    public void The_file_has_no_name_and_is_its_owners_alone()
    {
        using var kept = new KeptOctets(_folder.Path);
        kept.Append(new byte[MiB + 1]);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        string file = Assert.Single(OpenFiles());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        kept.Dispose();
        Assert.Empty(OpenFiles());
    }

    [Fact]
    public void A_folder_without_room_is_named_with_the_way_out()
    {
        using var kept = new KeptOctets(_folder["nowhere"]);
        kept.Append(new byte[MiB]);

        SubmissionException refusal = Assert.Throws<SubmissionException>(() => kept.Append([0]));

        Assert.Equal(75, refusal.ExitCode);
        Assert.Contains(_folder["nowhere"], refusal.Message, StringComparison.Ordinal);
        Assert.Contains("TMPDIR", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] All(KeptOctets kept)
    {
        using var all = new MemoryStream();
        while (all.Length < kept.Length)
        {
            all.Write(kept.From(all.Length));
        }

        return all.ToArray();
    }

    /// <summary>Files of the folder that this process has open, by way of their descriptors.</summary>
    private List<string> OpenFiles() =>
        [.. Directory.EnumerateFiles("/proc/self/fd").Where(link => new FileInfo(link).LinkTarget?.StartsWith(_folder.Path, StringComparison.Ordinal) ?? false)];
}
