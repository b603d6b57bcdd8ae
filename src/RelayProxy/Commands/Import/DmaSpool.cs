using System.Text;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Import;

/// <summary>
/// dma's spool: for each recipient of a message a file <c>Q…</c> with its envelope and a file <c>M…</c>, a link to its text. Who has the lock of a
/// Q file delivers it; dma itself passes over one of the two without the other.
/// </summary>
internal static class DmaSpool
{
    /// <summary>Three lines of at most 1,000 octets each.</summary>
    private const int MostOctets = 4096;

    /// <summary>The names of the Q files, oldest first.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static IReadOnlyList<string> Names(string folder) =>
        [.. Directory.EnumerateFiles(folder, "Q*").OrderBy(File.GetLastWriteTimeUtc).Select(path => Path.GetFileName(path)!)];

    /// <summary>Takes the lock of a Q file and reads it; <c>null</c> if dma has it, or if it is gone meanwhile.</summary>
    /// <param name="trouble">Why there is nothing to take over.</param>
    public static DmaSpoolEntry? TryOpen(string folder, string name, out string trouble)
    {
        string path = Path.Combine(folder, name);
        string text = Path.Combine(folder, "M" + name[1..]);
        SafeFileHandle? file = null;
        try
        {
            file = DurableFile.OpenWrite(path);
            if (!DurableFile.TryLock(file))
            {
                trouble = "dma is delivering it; stop dma first (its processes are called dma)";
            }
            else if (!File.Exists(text))
            {
                trouble = $"its text, {Path.GetFileName(text)}, is not there";
            }
            else if (Read(file) is var (sender, recipient))
            {
                trouble = "";
                var entry = new DmaSpoolEntry(file, path, text, sender, recipient);
                file = null;
                return entry;
            }
            else
            {
                trouble = "it names no sender and recipient";
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            trouble = fault.Message;
        }
        finally
        {
            file?.Dispose();
        }

        return null;
    }

    /// <summary><c>Sender:</c> may be empty: a bounce. Other lines are none of ours.</summary>
    private static (string Sender, string Recipient)? Read(SafeFileHandle file)
    {
        string? sender = null;
        string recipient = "";

        // By the handle that has the lock: the runtime would want a lock of its own for another.
        byte[] octets = new byte[MostOctets];
        int length = RandomAccess.Read(file, octets, fileOffset: 0);
        foreach (string line in Encoding.UTF8.GetString(octets, 0, length).Split('\n'))
        {
            if (line.StartsWith("Sender:", StringComparison.Ordinal))
            {
                sender = line["Sender:".Length..].Trim();
            }
            else if (line.StartsWith("Recipient:", StringComparison.Ordinal))
            {
                recipient = line["Recipient:".Length..].Trim();
            }
        }

        return sender is null || recipient.Length == 0 ? null : (sender, recipient);
    }
}

/// <summary>One message to one recipient, locked until it is disposed.</summary>
/// <param name="lockedFile">The Q file.</param>
internal sealed class DmaSpoolEntry(SafeFileHandle lockedFile, string path, string textPath, string sender, string recipient) : IDisposable
{
    /// <summary>Empty for the null sender.</summary>
    public string Sender => sender;

    /// <summary>Without a domain for a user of this machine.</summary>
    public string Recipient => recipient;

    /// <summary>Lines end in LF.</summary>
    public string TextPath => textPath;

    /// <summary>When dma took it.</summary>
    public DateTimeOffset Since { get; } = File.GetLastWriteTimeUtc(path);

    /// <summary>Both files go, the envelope first: without it the text is nothing to dma.</summary>
    public void Remove()
    {
        File.Delete(path);
        File.Delete(textPath);
        DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    public void Dispose() => lockedFile.Dispose();
}
