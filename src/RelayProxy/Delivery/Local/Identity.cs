using System.Runtime.InteropServices;
using RelayProxy.Queue;

namespace RelayProxy.Delivery.Local;

/// <summary>As whom files are written. Where the relay is root it takes on the user's identity for the moment, so that the system itself
/// sees to permissions, quotas and links; elsewhere it has but its own.</summary>
internal readonly partial record struct Identity(uint User, uint Group)
{
    // setgroups, setresuid and setresgid through libc would change every thread of the process.
    private static readonly (nint Groups, nint User, nint Group) s_calls = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (116, 117, 119),
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => (159, 147, 149),
        _ => (-1, -1, -1),
    };

    private const nint Unchanged = -1;

    public static bool CanChange => FileOwner.Ourselves == 0;

    /// <summary>
    /// Does something on a thread of its own, as this user; as ourselves where this process is not root. <paramref name="work"/> makes calls
    /// of the system and nothing else: whatever it left to other threads, new ones among them, might be done as the user too.
    /// </summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Identity identity = this;
        var thread = new Thread(() => identity.Run(work, done)) { IsBackground = true, Name = "local delivery" };
        thread.Start();
        return done.Task;
    }

    private void Run<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        T? result = default;
        Exception? fault = null;
        bool changes = CanChange && User != 0;
        try
        {
            if (changes)
            {
                Become(User, Group);
            }

            result = work();
        }
        catch (Exception caught)
        {
            fault = caught;
        }
        finally
        {
            if (changes)
            {
                Become(0, 0);
            }
        }

        // Ourselves again: whoever waits may go on from here.
        if (fault is null)
        {
            done.SetResult(result!);
        }
        else
        {
            done.SetException(fault);
        }
    }

    /// <summary>Changes the effective identity of this thread alone; the real one stays root's, to come back to.</summary>
    private static void Become(uint user, uint group)
    {
        if (s_calls.User < 0)
        {
            throw new PlatformNotSupportedException($"Mail cannot be delivered as another user on {RuntimeInformation.ProcessArchitecture}.");
        }

        // Back to root first: only root may change its groups.
        bool back = user == 0;
        if (back)
        {
            Check(Call(s_calls.User, Unchanged, 0, Unchanged), "setresuid");
        }

        Check(Call(s_calls.Groups, 0, 0, 0), "setgroups");
        Check(Call(s_calls.Group, Unchanged, (nint)group, Unchanged), "setresgid");
        if (!back)
        {
            Check(Call(s_calls.User, Unchanged, (nint)user, Unchanged), "setresuid");
        }
    }

    private static void Check(nint result, string call)
    {
        if (result != 0)
        {
            throw PosixException.Last(call, "of a user");
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third);
}
