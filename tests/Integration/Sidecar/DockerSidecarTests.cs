using System.Globalization;
using System.Text.RegularExpressions;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Sidecar;

/// <summary>The image and the composition, in a container engine. <c>./test.sh --containers</c> runs these; without it they are left out, for there
/// are machines where no engine can be started.</summary>
[Trait("needs", "engine")]
public sealed partial class DockerSidecarTests(DockerSidecarTests.Stage stage) : SidecarPromises(stage.Set), IClassFixture<DockerSidecarTests.Stage>
{
    private const string Image = "relayproxy";

    [Fact]
    public async Task The_relay_follows_its_application_into_a_new_network()
    {
        string before = await stage.Set.InspectAsync("mail", "{{.State.StartedAt}}");
        await stage.Set.RestartApplicationAsync();

        await UntilAsync(async () => await stage.Set.InspectAsync("mail", "{{.State.StartedAt}}") != before);

        await stage.Set.UntilReachedAsync();
        await SendAsync("moved@example.net");
        await ArrivedAsync("moved@example.net");
    }

    [Fact]
    public async Task It_runs_as_its_own_user_on_a_root_that_is_read_only_and_publishes_no_port()
    {
        Assert.Matches(@"Uid:\s+1654\s+1654\s+1654\s+1654", await stage.Set.RelayProcessStatusAsync());
        Assert.Equal("true {}", await stage.Set.InspectAsync("mail", "{{.HostConfig.ReadonlyRootfs}} {{json .NetworkSettings.Ports}}"));
    }

    [Fact]
    public async Task The_engine_asks_the_relay_itself_whether_it_is_well()
    {
        Assert.Equal("""["CMD","/usr/lib/relayproxy/relayproxy","health"]""", await InspectImageAsync("{{json .Config.Healthcheck.Test}}"));
        await UntilAsync(async () => await stage.Set.InspectAsync("mail", "{{.State.Health.Status}}") == "healthy");
    }

    [Fact]
    public async Task The_image_is_small_and_holds_no_shell()
    {
        Assert.Equal("1654:1654 SIGTERM", await InspectImageAsync("{{.Config.User}} {{.Config.StopSignal}}"));
        Assert.Equal("""{"/var/lib/relayproxy":{}}""", await InspectImageAsync("{{json .Config.Volumes}}"));
        Assert.InRange(long.Parse(await InspectImageAsync("{{.Size}}"), CultureInfo.InvariantCulture), 1, 80_000_000);
        await Assert.ThrowsAnyAsync<Exception>(() => DockerStage.DockerAsync("run", "--rm", "--entrypoint", "/bin/sh", Image, "-c", "exit 0"));
    }

    [Fact]
    public async Task Without_a_volume_and_without_settings_the_program_tells_what_it_lacks()
    {
        string said = (await Assert.ThrowsAnyAsync<Exception>(() => DockerStage.DockerAsync("run", "--rm", "--read-only", Image))).Message;

        Assert.Contains("ended with 78", said, StringComparison.Ordinal);
        Assert.Contains("Smarthost:Host (default): is not set", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lines_for_a_provider_make_a_configuration_without_a_fault()
    {
        using var folder = new TemporaryFolder();
        string password = folder.Write("smtp_password.txt", "secret\n");
        const int relaysUser = 1654;
        await Foreign.Programs.RunAsync("chown", relaysUser.ToString(CultureInfo.InvariantCulture), password);
        string[] lines = File.ReadAllLines(Repository.Path("docker-compose.yml"));
        string file = folder.Write("docker-compose.yml", string.Join('\n', lines
            .Where(line => !line.EndsWith("# stand-in", StringComparison.Ordinal))
            .Select(line => line.EndsWith("# provider", StringComparison.Ordinal) ? Mark().Replace(line, "", 1) : line)
            .Select(line => line.Replace("./smtp_password.txt", password, StringComparison.Ordinal))));

        await stage.Set.ComposeFileAsync(file, "up", "-d", "app");
        try
        {
            string said = await stage.Set.ComposeFileAsync(file, "run", "--rm", "-T", "--no-deps", "mail", "check");

            Assert.Contains("settings     good", said, StringComparison.Ordinal);
        }
        finally
        {
            await stage.Set.ComposeFileAsync(file, "down", "-v", "-t", "1");
        }
    }

    private static Task<string> InspectImageAsync(string format) => DockerStage.DockerAsync("image", "inspect", "-f", format, Image);

    [GeneratedRegex("# ")]
    private static partial Regex Mark();

    public sealed class Stage : IAsyncLifetime
    {
        public DockerStage Set { get; } = new();

        public async ValueTask InitializeAsync() => await Set.StartAsync();

        public ValueTask DisposeAsync() => Set.DisposeAsync();
    }
}
