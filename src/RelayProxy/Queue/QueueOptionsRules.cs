namespace RelayProxy.Queue;

/// <summary>What the settings of the queue must not say together.</summary>
internal static class QueueOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(QueueOptions options)
    {
        if (options.Path.Length > 0 && !System.IO.Path.IsPathRooted(options.Path))
        {
            yield return $"Queue:Path is \"{options.Path}\", which is relative; mail must not depend on the folder the relay was "
                + "started in: write the whole path, such as /var/lib/relayproxy";
        }

        if (options.DelayNoticeAfter > options.GiveUpAfter)
        {
            yield return "Queue:DelayNoticeAfter is longer than Queue:GiveUpAfter, so that the notice would come after the bounce; "
                + "shorten it, or set it to 0 for no notices";
        }
    }
}
