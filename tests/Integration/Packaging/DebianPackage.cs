using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Packaging;

/// <summary>The package, built once for all tests of it, as anybody builds it.</summary>
public sealed class DebianPackage : IAsyncLifetime
{
    /// <summary>2026-01-01: what the package says of its time is what the build was told.</summary>
    public const long Time = 1767225600;

    /// <summary>Not in /tmp, of which a machine that boots has one of its own.</summary>
    private readonly string _folder = Directory.CreateDirectory($"/var/tmp/relayproxy-{Guid.NewGuid()}").FullName;

    /// <summary>When the build began.</summary>
    public DateTime BuildBegan { get; } = DateTime.UtcNow;

    /// <summary>The file.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Its version, which is the program's.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Each file in it, as <c>ls -l</c> shows it.</summary>
    public IReadOnlyList<string> Contents { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await Programs.RequireAsync("dpkg-deb");
        (int status, string output) = await ChildProcess.RunAsync(
            Repository.Path("packaging", "build-deb.sh"),
            [_folder],
            new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = Time.ToString(CultureInfo.InvariantCulture) },
            patience: TimeSpan.FromMinutes(10));
        Assert.True(status == 0, output);
        Assert.DoesNotContain("warning", output, StringComparison.Ordinal);
        Path = output.TrimEnd().Split('\n')[^1];
        Contents = (await Programs.RunAsync("dpkg-deb", "--contents", Path)).TrimEnd().Split('\n');
        Version = (await Programs.RunAsync("dpkg-deb", "--field", Path, "Version")).Trim();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
