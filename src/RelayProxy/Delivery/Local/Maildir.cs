using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Delivery.Local;

/// <summary>Puts a message into a Maildir: written and synced in <c>tmp</c>, where nobody looks, then moved into <c>new</c> in one step that is
/// synced too.</summary>
internal static class Maildir
{
    private const uint OwnerOnlyFolder = 0x1c0; // 0700
    private const uint OwnerOnlyFile = 0x180; // 0600
    private static long s_count;

    /// <summary>A name that no other delivery ever has: time, this process and its count, the queue id, the host.</summary>
    public static string UniqueName(Letter letter, string hostName, DateTimeOffset now)
    {
        string host = hostName.Replace("/", "\\057", StringComparison.Ordinal).Replace(":", "\\072", StringComparison.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{now.ToUnixTimeSeconds()}.M{now.Millisecond * 1000}P{Environment.ProcessId}Q{Interlocked.Increment(ref s_count)}_{letter.Message.Id}.{host}");
    }

    /// <exception cref="PosixException"/>
    /// <exception cref="MailboxRefusedException">What is there is no folder.</exception>
    public static void Deliver(string path, string name, Letter letter, Stream content, Patient patient)
    {
        string written = Path.Combine(path, "tmp", name);
        string delivered = Path.Combine(path, "new", name);
        bool isNew = EnsureFolder(path);
        foreach (string part in (ReadOnlySpan<string>)["tmp", "new", "cur"])
        {
            isNew |= EnsureFolder(Path.Combine(path, part));
        }

        try
        {
            using (SafeFileHandle file = Posix.Open(written, Posix.WriteOnly | Posix.CreateNew, OwnerOnlyFile))
            {
                foreach (ReadOnlyMemory<byte> piece in letter.Pieces(content, isMbox: false, hasFromLine: false))
                {
                    patient.Check();
                    Posix.Write(file, piece.Span, written);
                }

                Posix.Sync(file, written);
            }

            patient.Check();
            Posix.Rename(written, delivered);
        }
        catch
        {
            DeleteIfThere(written);
            throw;
        }

        try
        {
            Posix.SyncFolder(Path.Combine(path, "new"));
            if (isNew)
            {
                Posix.SyncFolder(path);
                Posix.SyncFolder(Path.GetDirectoryName(path)!);
            }
        }
        catch (PosixException)
        {
            // It will be tried again, and must not be there twice.
            DeleteIfThere(delivered);
            throw;
        }
    }

    /// <summary>True if it had to be made.</summary>
    private static bool EnsureFolder(string path)
    {
        if (Posix.Facts(path) is { } facts)
        {
            return facts.IsFolder ? false : throw new MailboxRefusedException($"{path} is not a folder");
        }

        try
        {
            Posix.MakeFolder(path, OwnerOnlyFolder);
            return true;
        }
        catch (PosixException fault) when (fault.Error == PosixException.Exists)
        {
            return false;
        }
    }

    private static void DeleteIfThere(string path)
    {
        try
        {
            Posix.Delete(path);
        }
        catch (PosixException)
        {
            // What is left of it in tmp is swept up by mail readers after 36 hours, as the format has it.
        }
    }
}
