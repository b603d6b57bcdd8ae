using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Packaging;

/// <summary>The package as a file.</summary>
[Collection(nameof(Debian))]
public sealed class PackageTests(DebianPackage package)
{
    [Fact]
    public async Task Lintian_finds_nothing_to_complain_of()
    {
        await Programs.RequireAsync("lintian");

        Assert.Empty(await Programs.RunAsync("lintian", "--allow-root", "--fail-on", "error,warning", package.Path));
    }

    [Theory]
    [InlineData("./usr/sbin/relayproxy -> ../lib/relayproxy/relayproxy")]
    [InlineData("./usr/sbin/sendmail -> ../lib/relayproxy/relayproxy")]
    [InlineData("./usr/lib/sendmail -> ../sbin/sendmail")]
    [InlineData("./usr/bin/mailq -> ../lib/relayproxy/relayproxy")]
    [InlineData("./usr/bin/newaliases -> ../lib/relayproxy/relayproxy")]
    [InlineData("./usr/sbin/rmail -> ../lib/relayproxy/relayproxy")]
    [InlineData("./usr/share/man/man8/relayproxy.8.gz")]
    [InlineData("./usr/share/man/man5/relayproxy.json.5.gz")]
    [InlineData("./usr/share/man/man8/sendmail.8.gz")]
    [InlineData("./usr/share/man/man1/mailq.1.gz")]
    [InlineData("./usr/share/man/man1/newaliases.1.gz")]
    [InlineData("./usr/share/bash-completion/completions/relayproxy")]
    [InlineData("./usr/share/zsh/vendor-completions/_relayproxy")]
    [InlineData("./usr/share/fish/vendor_completions.d/relayproxy.fish")]
    [InlineData("./usr/lib/systemd/system/relayproxy.service")]
    [InlineData("./usr/lib/systemd/system/relayproxy.socket")]
    [InlineData("./usr/lib/sysusers.d/relayproxy.conf")]
    [InlineData("./usr/lib/tmpfiles.d/relayproxy.conf")]
    [InlineData("./etc/apparmor.d/usr.lib.relayproxy")]
    public void It_brings_what_a_mail_transport_agent_has(string file) => Assert.Contains(package.Contents, line => line.EndsWith(' ' + file, StringComparison.Ordinal));

    [Fact]
    public async Task It_is_all_roots_of_the_time_that_the_build_was_told_and_of_no_folder_that_it_was_built_in()
    {
        using var folder = new TemporaryFolder();
        string time = DateTimeOffset.FromUnixTimeSeconds(DebianPackage.Time).UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

        Assert.All(package.Contents, line => Assert.Contains(" root/root ", line, StringComparison.Ordinal));
        Assert.All(package.Contents, line => Assert.Contains($" {time} ", line, StringComparison.Ordinal));
        await Programs.RunAsync("dpkg-deb", "--raw-extract", package.Path, folder["tree"]);
        (int status, string files) = await ChildProcess.RunAsync(
            "grep", ["-rlaF", "-e", Repository.Root, "-e", "/tmp/relayproxy-deb", folder["tree"]]);
        Assert.True(status == 1, files);
    }

    [Fact]
    public async Task The_build_leaves_the_sources_as_they_are()
    {
        string[] later =
        [
            .. Directory.EnumerateFiles(Repository.Path("src", "RelayProxy"), "*", SearchOption.AllDirectories)
                .Where(file => File.GetLastWriteTimeUtc(file) > package.BuildBegan),
        ];

        Assert.Empty(later);
        Assert.Equal(package.Version, (await RelayProcess.RunAsync("version")).Output.Split(' ')[1]);
    }
}
