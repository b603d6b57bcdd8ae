namespace RelayProxy.Smtp;

/// <summary>A task that nobody waits for any more. Its exception is looked at all the same: one that nobody has seen is told as a fault of ours.</summary>
internal static class AbandonedTask
{
    public static void Abandon(this Task task) => _ = task.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
}
