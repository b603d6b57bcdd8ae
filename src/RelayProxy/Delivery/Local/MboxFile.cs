using Microsoft.Win32.SafeHandles;
using RelayProxy.Queue;

namespace RelayProxy.Delivery.Local;

/// <summary>Who must own an mbox, and how a new one is made.</summary>
/// <param name="Owner"><c>null</c>: whoever does.</param>
/// <param name="Mode">Of a new file.</param>
/// <param name="GivenTo">To whom a new file is given, where the one who makes it is another.</param>
/// <param name="MakerMustBe">Who alone can make it, where nobody can be made its owner afterwards.</param>
internal readonly record struct MboxRules(uint? Owner, uint Mode, Identity? GivenTo = null, uint? MakerMustBe = null)
{
    private const uint OwnerOnly = 0x180; // 0600

    /// <summary>A file that an alias names: anybody's, but not where others could put another in its place.</summary>
    /// <exception cref="MailboxRefusedException"/>
    public static MboxRules OfAlias(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        return Posix.Facts(folder) is { } facts && (facts.Mode & FileFacts.OthersMayWrite) != 0
            ? throw new MailboxRefusedException($"Others may write in {folder}: mail is not written to files there")
            : new MboxRules(Owner: null, OwnerOnly);
    }
}

/// <summary>
/// Appends a message to an mbox (RFC 4155) so that no reader, and no other program that delivers, ever sees half of it: alone, under both
/// locks that there are (dotlock first, as everybody does), to the end, synced; or not at all.
/// </summary>
internal static class MboxFile
{
    /// <exception cref="PosixException"/>
    /// <exception cref="MailboxBusyException">Somebody has it locked.</exception>
    /// <exception cref="MailboxRefusedException">It is not a file that may be written to.</exception>
    public static void Append(string path, MboxRules rules, Letter letter, Stream content, Patient patient)
    {
        using SafeFileHandle file = Open(path, rules, out bool isNew);
        using DotLock? dotLock = DotLock.Take(path, letter.Now);
        if (!Posix.TryLock(file, path))
        {
            throw new MailboxBusyException(path);
        }

        long octets = Posix.Facts(file, path).Octets;
        try
        {
            if (octets > 0 && !EndsWithLine(path, octets))
            {
                // Somebody was cut short here. What follows begins a line of its own all the same.
                Posix.Write(file, "\n\n"u8, path);
            }

            foreach (ReadOnlyMemory<byte> piece in letter.Pieces(content, isMbox: true, hasFromLine: true))
            {
                patient.Check();
                Posix.Write(file, piece.Span, path);
            }

            Posix.Sync(file, path);
            patient.Check();
        }
        catch
        {
            // As it was: no half message stays, and the next attempt does not come behind it.
            Posix.Truncate(file, octets, path);
            Posix.Sync(file, path);
            throw;
        }
        finally
        {
            Posix.Unlock(file);
        }

        if (isNew)
        {
            Posix.SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    private static SafeFileHandle Open(string path, MboxRules rules, out bool isNew)
    {
        isNew = false;
        SafeFileHandle file;
        try
        {
            file = Posix.Open(path, Posix.WriteOnly | Posix.Append);
        }
        catch (PosixException fault) when (fault.Error == PosixException.NoEntry)
        {
            file = Create(path, rules);
            isNew = true;
        }
        catch (PosixException fault) when (fault.Error == PosixException.Loop)
        {
            throw new MailboxRefusedException($"{path} is a symbolic link: mail is not written through one");
        }

        try
        {
            Check(Posix.Facts(file, path), rules, path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SafeFileHandle Create(string path, MboxRules rules)
    {
        if (rules.MakerMustBe is { } maker && maker != FileOwner.Ourselves)
        {
            throw new MailboxRefusedException(
                $"There is no {path} yet, and only root or uid {maker} can make it: install -o {maker} -g mail -m 0660 /dev/null {path}");
        }

        SafeFileHandle file = Posix.Open(path, Posix.WriteOnly | Posix.Append | Posix.CreateNew, rules.Mode);
        try
        {
            if (rules.GivenTo is { } owner)
            {
                Posix.ChangeOwner(file, owner.User, owner.Group, path);
            }

            Posix.ChangeMode(file, rules.Mode, path);
            return file;
        }
        catch
        {
            file.Dispose();
            Posix.Delete(path);
            throw;
        }
    }

    private static void Check(FileFacts facts, MboxRules rules, string path)
    {
        if (!facts.IsRegular)
        {
            throw new MailboxRefusedException($"{path} is not a file");
        }

        // A second name could be that of any file of whoever made it.
        if (facts.Links > 1)
        {
            throw new MailboxRefusedException($"{path} has {facts.Links} names (hard links): mail is not written to such a file");
        }

        if (rules.Owner is { } owner && facts.User != owner)
        {
            throw new MailboxRefusedException($"{path} belongs to uid {facts.User} and should belong to uid {owner}: chown {owner} {path}");
        }
    }

    /// <summary>True also where we may write and not read.</summary>
    private static bool EndsWithLine(string path, long octets)
    {
        try
        {
            using SafeFileHandle file = Posix.Open(path, Posix.ReadOnly);
            Span<byte> last = stackalloc byte[1];
            return RandomAccess.Read(file, last, octets - 1) == 0 || last[0] == '\n';
        }
        catch (PosixException)
        {
            return true;
        }
    }
}

/// <summary>Somebody has the mailbox locked.</summary>
internal sealed class MailboxBusyException(string path) : Exception($"{path} is locked");

/// <summary>What is there is no mailbox to write to. The message says why, for the operator.</summary>
internal sealed class MailboxRefusedException(string message) : Exception(message);
