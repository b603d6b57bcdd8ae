using System.Globalization;
using System.Text.RegularExpressions;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Install;

/// <summary>The files for service managers, read by the programs that they are for.</summary>
public sealed partial class ServiceFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Systemd_understands_every_line_of_the_units()
    {
        // Where the program is not installed, that it is not is all there is to say.
        string unit = await File.ReadAllTextAsync(Config("relayproxy.service"), TestContext.Current.CancellationToken);
        _folder.Write("relayproxy.service", unit.Replace("/usr/lib/relayproxy/relayproxy", "/bin/true", StringComparison.Ordinal));
        _folder.Write("relayproxy.socket", await File.ReadAllTextAsync(Config("relayproxy.socket"), TestContext.Current.CancellationToken));

        (int status, string output) = await ChildProcess.RunAsync(
            "systemd-analyze", ["verify", "--man=no", _folder["relayproxy.service"], _folder["relayproxy.socket"]]);

        Assert.Equal((0, ""), (status, output));
    }

    [Fact]
    public async Task The_service_is_as_confined_as_its_comment_says()
    {
        string unit = await File.ReadAllTextAsync(Config("relayproxy.service"), TestContext.Current.CancellationToken);

        (int status, string output) = await ChildProcess.RunAsync("systemd-analyze", ["security", "--offline=true", "--no-pager", Config("relayproxy.service")]);

        Assert.Equal(0, status);
        Assert.Equal(
            double.Parse(Stated().Match(unit).Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(Exposure().Match(output).Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_user_and_a_folder_are_made_of_the_snippets()
    {
        _folder.Write("root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        _folder.Write("root/etc/group", "root:x:0:\n");
        string root = _folder["root"];

        (int status, string output) = await ChildProcess.RunAsync("systemd-sysusers", [$"--root={root}", Config("relayproxy.sysusers")]);
        Assert.True(status == 0, output);
        Assert.Matches("(?m)^relayproxy:x:([0-9]+):\\1:RelayProxy:/var/lib/relayproxy:/usr/sbin/nologin$", await File.ReadAllTextAsync(_folder["root/etc/passwd"], TestContext.Current.CancellationToken));

        (status, output) = await ChildProcess.RunAsync("systemd-tmpfiles", ["--create", $"--root={root}", Config("relayproxy.tmpfiles")]);
        Assert.True(status == 0, output);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute,
            File.GetUnixFileMode(_folder["root/var/lib/relayproxy"]));
    }

    [Theory]
    [InlineData("sh", "relayproxy.rcd")]
    [InlineData("sh", "relayproxy.openrc")]
    [InlineData("bash", "../tests/Integration/Install/boot-machine.sh")]
    public async Task The_scripts_are_scripts(string shell, string name) => Assert.Equal((0, ""), await ChildProcess.RunAsync(shell, ["-n", Config(name)]));

    [Fact]
    public async Task AppArmor_understands_the_profile()
    {
        (int status, string output) = await ChildProcess.RunAsync("apparmor_parser", ["--skip-kernel-load", "--skip-cache", "--quiet", Config("apparmor/usr.lib.relayproxy")]);

        Assert.True(status == 0, output);
    }

    private static string Config(string name) => Path.GetFullPath(Repository.Path("config", name));

    [GeneratedRegex("security gives ([0-9.]+) ")]
    private static partial Regex Stated();

    [GeneratedRegex("Overall exposure level .*: ([0-9.]+) ")]
    private static partial Regex Exposure();
}
