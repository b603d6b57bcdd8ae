using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Machine;

/// <summary>A file system of its own, mounted for a test and gone with it: an image with ext4, or memory. Needs root.</summary>
internal sealed class Volume : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private bool _isMounted;

    private Volume() => Directory.CreateDirectory(Path);

    /// <summary>Where it is mounted.</summary>
    public string Path => _folder["mounted"];

    /// <summary>A folder on it that can be a queue's.</summary>
    public string Queue => System.IO.Path.Combine(Path, "queue");

    private string Image => _folder["image"];

    public static async Task<Volume> MountExt4Async(int mebibytes)
    {
        var volume = new Volume();
        await RunAsync("truncate", "-s", string.Create(CultureInfo.InvariantCulture, $"{mebibytes}M"), volume.Image);

        // Nothing is kept for root, who the tests run as.
        await RunAsync("mkfs.ext4", "-q", "-m", "0", volume.Image);
        await volume.MountAsync();
        return volume;
    }

    /// <summary>In memory: <c>size=8m</c>, <c>nr_inodes=600</c>.</summary>
    public static async Task<Volume> MountMemoryAsync(string options)
    {
        var volume = new Volume();
        await RunAsync("mount", "-t", "tmpfs", "-o", options, "none", volume.Path);
        volume._isMounted = true;
        return volume;
    }

    public async Task MountAsync()
    {
        await RunAsync("mount", "-o", "loop", Image, Path);
        _isMounted = true;
    }

    public async Task UnmountAsync()
    {
        await RunAsync("umount", Path);
        _isMounted = false;
    }

    /// <summary>As the kernel does when it can trust the disk no more: nothing can be written until it is mounted anew.</summary>
    public Task AbortAsync() => RunAsync("mount", "-o", "remount,abort", Path);

    /// <summary>What whoever looks after the machine does then.</summary>
    public async Task RepairAsync()
    {
        await UnmountAsync();
        (int status, string output) = await ChildProcess.RunAsync("fsck.ext4", ["-y", Image]);
        Assert.True(status <= 1, output);
        await MountAsync();
    }

    /// <summary>Nothing can be written for a while: whoever tries waits. It thaws by itself, whatever becomes of the test.</summary>
    /// <returns>Ends when it is frozen; what it returns, when it has thawed.</returns>
    public async Task<Task> FreezeAsync(TimeSpan duration)
    {
        ChildProcess freezer = ChildProcess.Start(
            "setsid",
            ["--fork", "sh", "-c", string.Create(CultureInfo.InvariantCulture, $"fsfreeze -f {Path} && echo frozen; sleep {duration.TotalSeconds}; fsfreeze -u {Path}; echo thawed")]);
        await freezer.WaitForLineAsync(line => line == "frozen");
        return ThawedAsync();

        async Task ThawedAsync()
        {
            await freezer.WaitForLineAsync(line => line == "thawed");
            await freezer.DisposeAsync();
        }
    }

    /// <summary>Writes until there is no more room.</summary>
    public void Fill()
    {
        using FileStream filler = File.Create(System.IO.Path.Combine(Path, "filler"), bufferSize: 0);
        foreach (int piece in (int[])[1024 * 1024, 4096])
        {
            try
            {
                while (true)
                {
                    filler.Write(new byte[piece]);
                }
            }
            catch (IOException)
            {
                // There is none for such a piece.
            }
        }
    }

    /// <summary>Makes files until there can be no more.</summary>
    public void FillWithFiles()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "files"));
        try
        {
            for (int file = 0; ; file++)
            {
                File.Create(System.IO.Path.Combine(Path, "files", string.Create(CultureInfo.InvariantCulture, $"{file}"))).Dispose();
            }
        }
        catch (IOException)
        {
            // That was the last.
        }
    }

    /// <summary>Undoes <see cref="Fill"/> and <see cref="FillWithFiles"/>.</summary>
    public void MakeRoom()
    {
        File.Delete(System.IO.Path.Combine(Path, "filler"));
        if (Directory.Exists(System.IO.Path.Combine(Path, "files")))
        {
            Directory.Delete(System.IO.Path.Combine(Path, "files"), recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            // Lazily: a test that failed may have left somebody in it.
            await ChildProcess.RunAsync("fsfreeze", ["-u", Path]);
            await RunAsync("umount", "-l", Path);
        }

        _folder.Dispose();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int status, string output) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {output}");
    }
}
