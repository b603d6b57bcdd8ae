using System.Runtime.CompilerServices;

namespace RelayProxy.Harness;

/// <summary>Exceptions of tasks that nobody has looked at, which the relay logs as faults of its own.</summary>
internal static class UnseenFaults
{
    /// <summary>Those that say this, of what was done and is over.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<IReadOnlyList<string>> OfAsync(string text, Func<Task> done)
    {
        var unseen = new List<string>();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, fault) => unseen.Add(fault.Exception.ToString());
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            await Task.Run(done);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }

        return unseen.FindAll(fault => fault.Contains(text, StringComparison.Ordinal));
    }
}
