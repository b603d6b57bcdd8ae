using System.Text.Json.Nodes;
using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Sidecar;

/// <summary>A file of <c>deploy/kubernetes</c>, read by Python as Kubernetes' own reader would (YAML 1.1).</summary>
internal sealed class Manifest
{
    private const string ToJson = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";

    private Manifest(IReadOnlyList<JsonObject> documents) => Documents = documents;

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Repository.Path("deploy", "kubernetes"), "*.yaml").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    public IReadOnlyList<JsonObject> Documents { get; }

    /// <summary>What runs pods.</summary>
    public JsonObject Workload => Assert.Single(Documents, document => Text(document, "kind") is "Deployment" or "StatefulSet");

    public JsonObject Pod => Workload["spec"]!["template"]!["spec"]!.AsObject();

    /// <summary>The relay's container, a sidecar or not.</summary>
    public JsonObject Relay => Assert.Single(
        [.. Containers("initContainers"), .. Containers("containers")], container => Text(container, "image").Contains("relayproxy", StringComparison.Ordinal));

    /// <summary>As Debian's Python has it: another one on the path may lack the module.</summary>
    public static async Task<Manifest> ReadAsync(string name)
    {
        string json = await Programs.RunAsync("/usr/bin/python3", "-c", ToJson, Repository.Path("deploy", "kubernetes", name));
        return new Manifest([.. JsonNode.Parse(json)!.AsArray().Select(document => document!.AsObject())]);
    }

    public IEnumerable<JsonObject> Containers(string list) => Pod[list]?.AsArray().Select(container => container!.AsObject()) ?? [];

    /// <summary>The relay's environment: the image's, and what the manifest says.</summary>
    public Dictionary<string, string> Environment()
    {
        Dictionary<string, string> environment = ImageEnvironment();
        foreach (JsonNode? variable in Relay["env"]!.AsArray())
        {
            environment[Text(variable!, "name")] = Text(variable!, "value");
        }

        return environment;
    }

    public static string Text(JsonNode node, string name) => (string?)node[name] ?? throw new InvalidOperationException($"no {name} in {node}");

    /// <summary>The settings that the Dockerfile makes.</summary>
    private static Dictionary<string, string> ImageEnvironment() => File.ReadLines(Repository.Path("Dockerfile"))
        .Select(line => line.Trim().TrimEnd('\\').Trim())
        .Where(line => line.StartsWith("RELAYPROXY_", StringComparison.Ordinal))
        .Select(line => line.Split('=', 2))
        .ToDictionary(parts => parts[0], parts => parts[1]);
}
