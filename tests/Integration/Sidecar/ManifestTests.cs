using System.Text.Json.Nodes;
using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Sidecar;

/// <summary>What Kubernetes would find fault with in <c>deploy/kubernetes</c>, as far as its documentation says so, and what the relay would.</summary>
public sealed class ManifestTests : IDisposable
{
    private const int RelaysUser = 1654;

    private static readonly Dictionary<string, string> s_versions = new()
    {
        ["Secret"] = "v1",
        ["Service"] = "v1",
        ["Deployment"] = "apps/v1",
        ["StatefulSet"] = "apps/v1",
        ["NetworkPolicy"] = "networking.k8s.io/v1",
    };

    private readonly TemporaryFolder _machine = new();

    public static TheoryData<string> Files => [.. Manifest.Names];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void There_is_one_for_each_way_to_run_it() =>
        Assert.Equal(["hub.yaml", "sidecar-durable.yaml", "sidecar-to-hub.yaml", "sidecar.yaml"], Manifest.Names);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Its_parts_fit_together(string file)
    {
        Manifest manifest = await Manifest.ReadAsync(file);
        Assert.All(manifest.Documents, document => Assert.Equal(s_versions[Manifest.Text(document, "kind")], Manifest.Text(document, "apiVersion")));
        Assert.All(manifest.Documents, document => Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", Manifest.Text(document["metadata"]!, "name")));

        // A selector that does not select what it makes is refused.
        JsonObject labels = manifest.Workload["spec"]!["template"]!["metadata"]!["labels"]!.AsObject();
        foreach (JsonNode selector in Selectors(manifest))
        {
            Assert.All(selector.AsObject(), pair => Assert.Equal((string?)pair.Value, (string?)labels[pair.Key]));
        }

        string[] volumes =
        [
            .. manifest.Pod["volumes"]!.AsArray().Select(volume => Manifest.Text(volume!, "name")),
            .. manifest.Workload["spec"]!["volumeClaimTemplates"]?.AsArray().Select(claim => Manifest.Text(claim!["metadata"]!, "name")) ?? [],
        ];
        string[] mounts = [.. manifest.Relay["volumeMounts"]!.AsArray().Select(mount => Manifest.Text(mount!, "name"))];
        Assert.Equal(volumes.Order(), mounts.Order());
        Assert.All(
            manifest.Pod["volumes"]!.AsArray().Select(volume => volume!["secret"]).OfType<JsonNode>(),
            secret => Assert.Contains(manifest.Documents, document =>
                Manifest.Text(document, "kind") == "Secret" && Manifest.Text(document["metadata"]!, "name") == Manifest.Text(secret, "secretName")));
        Assert.EndsWith($":{typeof(Relay).Assembly.GetName().Version!.ToString(3)}", Manifest.Text(manifest.Relay, "image"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task It_gives_the_relay_no_right_it_does_not_need(string file)
    {
        Manifest manifest = await Manifest.ReadAsync(file);

        Assert.Contains($"USER {RelaysUser}:{RelaysUser}", File.ReadAllText(Repository.Path("Dockerfile")), StringComparison.Ordinal);
        Assert.True((bool)manifest.Pod["securityContext"]!["runAsNonRoot"]!);
        Assert.Equal(RelaysUser, (int)manifest.Pod["securityContext"]!["fsGroup"]!);
        JsonNode sysctl = Assert.Single(manifest.Pod["securityContext"]!["sysctls"]!.AsArray())!;
        Assert.Equal(("net.ipv4.ip_unprivileged_port_start", "0"), (Manifest.Text(sysctl, "name"), Manifest.Text(sysctl, "value")));
        JsonNode rights = manifest.Relay["securityContext"]!;
        Assert.True((bool)rights["readOnlyRootFilesystem"]!);
        Assert.False((bool)rights["allowPrivilegeEscalation"]!);
        Assert.Equal("ALL", (string?)Assert.Single(rights["capabilities"]!["drop"]!.AsArray()));

        // An application whose image says root, or a name, is refused with runAsNonRoot.
        Assert.All(
            manifest.Containers("containers").Where(container => container != manifest.Relay),
            application => Assert.True((int)application["securityContext"]!["runAsUser"]! > 0));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_sidecar_is_there_before_its_application_and_a_stop_is_long_enough(string file)
    {
        Manifest manifest = await Manifest.ReadAsync(file);
        Assert.True(Duration.TryParse(manifest.Environment()["RELAYPROXY_ShutdownGrace"], out TimeSpan grace));

        Assert.InRange((int)manifest.Pod["terminationGracePeriodSeconds"]!, grace.TotalSeconds + 10, 600);
        Assert.Equal(file != "hub.yaml", manifest.Containers("initContainers").Contains(manifest.Relay));
        Assert.Equal(file == "hub.yaml" ? null : "Always", (string?)manifest.Relay["restartPolicy"]);
        Assert.NotNull(manifest.Relay["startupProbe"]);
        Assert.Equal(file is "sidecar.yaml" or "sidecar-to-hub.yaml", manifest.Pod["volumes"]!.AsArray().Any(volume => volume!["emptyDir"] is not null));
        Assert.Equal(
            file is "sidecar.yaml" or "sidecar-to-hub.yaml", manifest.Environment().GetValueOrDefault("RELAYPROXY_Queue__Ephemeral") == "true");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Its_probes_are_commands_that_the_relay_has(string file)
    {
        Manifest manifest = await Manifest.ReadAsync(file);
        foreach (string probe in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
        {
            string[] command = [.. manifest.Relay[probe]!["exec"]!["command"]!.AsArray().Select(word => (string)word!)];

            Assert.Equal("relayproxy", command[0]);
            (int exit, _, string error) = await RelayProcess.RunAsync([.. command[1..], "--help"]);
            Assert.True(exit == 0, error);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Its_settings_are_good(string file)
    {
        Manifest manifest = await Manifest.ReadAsync(file);
        Dictionary<string, string> environment = manifest.Environment();
        foreach (JsonNode? mount in manifest.Relay["volumeMounts"]!.AsArray().Where(mount => mount!["readOnly"] is not null))
        {
            string secret = _machine.Write($"{Manifest.Text(mount!, "mountPath")}/smtp_password".TrimStart('/'), "secret\n");
            Assert.Equal($"{Manifest.Text(mount!, "mountPath")}/smtp_password", environment["RELAYPROXY_Smarthost__PasswordFile"]);
            environment["RELAYPROXY_Smarthost__PasswordFile"] = secret;
        }

        RelayConfiguration read = RelayConfiguration.Read(new ConfigurationInputs { Root = _machine.Path, WorkingFolder = _machine.Path, Environment = environment });

        Assert.Empty(read.ProblemsForSending);
        Assert.Empty(read.Warnings);
        Assert.StartsWith(
            Manifest.Text(manifest.Relay["volumeMounts"]!.AsArray().First(mount => Manifest.Text(mount!, "name") == "queue")!, "mountPath") + "/",
            read.Options.Queue.Path,
            StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Selectors(Manifest manifest)
    {
        yield return manifest.Workload["spec"]!["selector"]!["matchLabels"]!;
        foreach (JsonObject document in manifest.Documents)
        {
            if (Manifest.Text(document, "kind") is "Service" or "NetworkPolicy")
            {
                yield return document["spec"]!["selector"] ?? document["spec"]!["podSelector"]!["matchLabels"]!;
            }
        }
    }
}
