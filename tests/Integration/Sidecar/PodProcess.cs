using System.Text.Json.Nodes;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Sidecar;

/// <summary>The relay of a manifest, in a network and with mounts as a pod would have them, and with exactly the settings that stand there.</summary>
internal sealed class PodProcess : IAsyncDisposable
{
    /// <summary>Mounts as kubelet makes them: empty volumes, and secrets behind a link that is replaced when they change.</summary>
    private const string Kubelet =
        """
        set -e
        hosts=$1 secret=$2; shift 2
        mount -t tmpfs -o size=1g none /var/lib
        mount -t tmpfs none /run
        mount --bind "$hosts" /etc/hosts
        for volume in $VOLUMES; do mkdir -p -m 2770 "$volume"; done
        for folder in $SECRETS; do
            mkdir -p "$folder/..1"
            printf %s "$secret" >"$folder/..1/smtp_password"
            ln -s ..1 "$folder/..data"
            ln -s ..data/smtp_password "$folder/smtp_password"
        done
        exec "$@"
        """;

    private const string Rotate =
        """
        cd "$1" && mkdir ..2 && printf %s "$2" >..2/smtp_password && ln -s ..2 ..data_tmp && mv -T ..data_tmp ..data && rm -r ..1
        """;

    private readonly ChildProcess _process;

    private PodProcess(ChildProcess process) => _process = process;

    /// <summary>What the relay logged.</summary>
    public string Log => _process.Output;

    /// <summary>Starts it, and waits until it is ready.</summary>
    /// <param name="hosts">A file for <c>/etc/hosts</c>: services and the world by name.</param>
    /// <param name="environment">On top of the manifest's.</param>
    public static async Task<PodProcess> StartAsync(
        Manifest manifest, NetworkNamespace network, string hosts, string secret, IReadOnlyDictionary<string, string> environment)
    {
        JsonNode[] mounts = [.. manifest.Relay["volumeMounts"]!.AsArray().Select(mount => mount!)];
        var all = new Dictionary<string, string>(manifest.Environment().Concat(environment))
        {
            ["VOLUMES"] = string.Join(' ', mounts.Where(mount => mount["readOnly"] is null).Select(mount => Manifest.Text(mount, "mountPath"))),
            ["SECRETS"] = string.Join(' ', mounts.Where(mount => mount["readOnly"] is not null).Select(mount => Manifest.Text(mount, "mountPath"))),
        };
        string[] line = network.Enter(
            "unshare", "--mount", "sh", "-c", Kubelet, "sh", hosts, secret,
            "setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "dotnet", RelayProcess.Assembly, "serve");
        var pod = new PodProcess(ChildProcess.Start(line[0], line[1..], all));
        try
        {
            await pod._process.WaitForLineAsync(text => text.Contains("ready: ", StringComparison.Ordinal));
            return pod;
        }
        catch
        {
            await pod.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new secret is mounted.</summary>
    public async Task RotateAsync(string folder, string secret)
    {
        string mounts = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--mount=/proc/{_process.Id}/ns/mnt");
        await Foreign.Programs.RunAsync("nsenter", mounts, "sh", "-c", Rotate, "sh", folder, secret);
    }

    /// <summary>SIGTERM; its exit status.</summary>
    public Task<int> StopAsync() => _process.TerminateAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
