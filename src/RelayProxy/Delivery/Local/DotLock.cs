using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Delivery.Local;

/// <summary>The lock that all mail programs know, on any disk: a file <c>NAME.lock</c> that only one can make.</summary>
internal sealed class DotLock : IDisposable
{
    /// <summary>Postfix's stale_lock_time. Nobody holds a mailbox that long, so that whoever made it is dead.</summary>
    private static readonly TimeSpan s_stale = TimeSpan.FromSeconds(500);

    /// <summary>Ours, that could not be deleted when we had done: as few as there are mailboxes.</summary>
    private static readonly ConcurrentDictionary<string, DateTimeOffset> s_left = new();

    private readonly string _path;

    private DotLock(string path) => _path = path;

    /// <summary><c>null</c> where we may not make files beside the mailbox: then neither may others, and they lock as we do, with
    /// fcntl.</summary>
    /// <exception cref="MailboxBusyException">Somebody has it.</exception>
    /// <exception cref="PosixException"/>
    public static DotLock? Take(string mailbox, DateTimeOffset now)
    {
        string path = mailbox + ".lock";
        try
        {
            return Make(path) ?? (RemoveIfStale(path, now) ? Make(path) : null) ?? throw new MailboxBusyException(mailbox);
        }
        catch (PosixException fault) when (fault.Error is PosixException.NotAllowed or PosixException.NotPermitted or PosixException.ReadOnlyDisk)
        {
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            Posix.Delete(_path);
        }
        catch (PosixException fault) when (fault.Error == PosixException.NoEntry)
        {
            // Gone already: somebody took it for stale. What was written is written.
        }
        catch (PosixException)
        {
            Remember();
        }
    }

    /// <summary>Nobody is to wait for it until it is stale: our next turn deletes it.</summary>
    private void Remember()
    {
        try
        {
            s_left[_path] = Posix.Facts(_path, followLinks: false)?.Modified ?? default;
        }
        catch (PosixException)
        {
            // Then it becomes stale.
        }
    }

    /// <summary><c>null</c> if there is one.</summary>
    private static DotLock? Make(string path)
    {
        try
        {
            using SafeFileHandle file = Posix.Open(path, Posix.WriteOnly | Posix.CreateNew, mode: 0x124); // 0444
            var taken = new DotLock(path);
            try
            {
                Posix.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), path);
                return taken;
            }
            catch
            {
                taken.Dispose();
                throw;
            }
        }
        catch (PosixException fault) when (fault.Error == PosixException.Exists)
        {
            return null;
        }
    }

    private static bool RemoveIfStale(string path, DateTimeOffset now)
    {
        if (Posix.Facts(path, followLinks: false) is not { } facts)
        {
            return true;
        }

        bool isLeft = s_left.TryRemove(path, out DateTimeOffset modified) && facts.Modified == modified;
        if (!isLeft && now - facts.Modified < s_stale)
        {
            return false;
        }

        Posix.Delete(path);
        return true;
    }
}
