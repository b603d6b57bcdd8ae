using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Power;

/// <summary>A file system in an image, from which the power can be cut: what nobody has synced is then as if it had never been written.</summary>
internal sealed partial class CutDisk : IAsyncDisposable
{
    private const string Needs = "This proof needs root, loop devices, ext4 and XFS (apt-get install e2fsprogs xfsprogs).";

    /// <summary>_IOR('X', 125, __u32): ext4's and XFS's own shutdown.</summary>
    private const nuint GoingDown = 0x8004587D;

    /// <summary>What has not reached the journal on the disk is not sent after it.</summary>
    private const uint NoLogFlush = 2;

    private readonly TemporaryFolder _folder = new();
    private readonly string _fileSystem;
    private readonly Process _attendant;

    private CutDisk(string fileSystem)
    {
        _fileSystem = fileSystem;
        Directory.CreateDirectory(_folder["mounted"]);

        // However the tests end, also by SIGKILL, their end of the pipe closes, and nothing stays mounted. Lazily: somebody may still be in it.
        _attendant = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", $"cat; umount -l '{_folder["mounted"]}'; rm -rf '{_folder.Path}'"])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        })!;
    }

    /// <summary>A folder on it that can be a queue's.</summary>
    public string Queue => Path.Combine(_folder["mounted"], "queue");

    /// <summary>The disk itself, for whoever mounts it.</summary>
    public string Image => _folder["image"];

    /// <param name="mount">It is mounted here.</param>
    public static async Task<CutDisk> MakeAsync(string fileSystem, bool mount = true)
    {
        var disk = new CutDisk(fileSystem);
        await RunAsync("truncate", "-s", "400M", disk.Image);
        await RunAsync($"mkfs.{fileSystem}", "-q", disk.Image);
        if (mount)
        {
            await disk.MountAsync();
        }

        return disk;
    }

    /// <summary>All that was written stays.</summary>
    public Task SyncAsync() => RunAsync("sync", "-f", _folder["mounted"]);

    /// <summary>Nothing is written from here on: whoever tries gets EIO.</summary>
    public void Cut()
    {
        using SafeFileHandle mounted = OpenFolder(_folder["mounted"]);
        uint how = NoLogFlush;
        Assert.True(IoCtl(mounted, GoingDown, ref how) == 0, $"{_fileSystem} cannot be shut down: {Marshal.GetLastPInvokeErrorMessage()}. {Needs}");
    }

    /// <summary>The power is back: the journal is gone through, as after every cut. Nobody may have a file open.</summary>
    public async Task RestoreAsync()
    {
        await RunAsync("umount", _folder["mounted"]);
        await MountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _attendant.StandardInput.Close();
        await _attendant.WaitForExitAsync();
        _attendant.Dispose();
    }

    /// <summary>The loop device goes when it is unmounted.</summary>
    public Task MountAsync() => RunAsync("mount", "-t", _fileSystem, "-o", "loop", Image, _folder["mounted"]);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        try
        {
            (int status, string output) = await ChildProcess.RunAsync(program, arguments);
            Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {output}\n{Needs}");
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            Assert.Fail($"{program}: {fault.Message}. {Needs}");
        }
    }

    private static SafeFileHandle OpenFolder(string path)
    {
        // A program that is started meanwhile would keep it open, and the disk from being unmounted.
        const int closeOnExec = 0x80000;
        int descriptor = Open(path, closeOnExec);
        Assert.True(descriptor >= 0, Marshal.GetLastPInvokeErrorMessage());
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoCtl(SafeFileHandle file, nuint request, ref uint argument);
}
