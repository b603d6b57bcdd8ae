using System.Globalization;

namespace RelayProxy.Proof.Client;

/// <summary>A control group whose processes may hold so much memory and no more, files in the cache included: the kernel ends what cannot be held.
/// Where this machine has none that we may make (it takes root, and a hierarchy for memory), there is no such wall.</summary>
internal sealed class MemoryCell : IDisposable
{
    private readonly string _folder = "";

    public MemoryCell(long octets)
    {
        foreach ((string kind, string root, string limit) in new[]
        {
            ("cgroup v1", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("cgroup v2", "/sys/fs/cgroup", "memory.max"),
        })
        {
            string folder = Path.Combine(root, $"relayproxy-proof-{Guid.NewGuid():N}");
            try
            {
                Directory.CreateDirectory(folder);
                _folder = folder;
                if (File.Exists(Path.Combine(folder, limit)))
                {
                    File.WriteAllText(Path.Combine(folder, limit), octets.ToString(CultureInfo.InvariantCulture));
                    Kind = kind;
                    return;
                }

                Dispose();
            }
            catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
            {
                // Not here.
            }
        }
    }

    /// <summary>What holds it.</summary>
    public string Kind { get; } = "none";

    /// <summary>Starts a program inside.</summary>
    public string[] Launcher => Kind == "none" ? [] : ["/bin/sh", "-c", $"echo $$ > {_folder}/cgroup.procs && exec \"$@\"", "sh"];

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder);
        }
    }
}
