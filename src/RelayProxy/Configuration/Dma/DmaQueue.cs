namespace RelayProxy.Configuration.Dma;

/// <summary>When mail is sent, what comes back, and where it waits.</summary>
internal static class DmaQueue
{
    private const string DefaultFolder = "/var/spool/dma";

    /// <summary>FULLBOUNCE knows no limit; a bounce larger than this is refused by many, and then says nothing at all.</summary>
    private const string MaxReturned = "10MiB";

    public static void Map(DmaDirectives directives, DmaReport report, string root)
    {
        if (directives.Find("DEFER") is { } defer)
        {
            report.Set(defer, "Queue:SendWhenAsked", "true");
            report.Warn(defer, "keeps new mail until relayproxy queue retry --all sends it, which is the dma -q of this relay");
        }

        if (directives.Find("FULLBOUNCE") is { } fullBounce)
        {
            report.Set(fullBounce, "Delivery:ReturnWhole", "true");
            report.Set(fullBounce, "Delivery:MaxReturnedOctets", MaxReturned);
        }

        // The queue is this relay's own. dma's usual folder is a package's, and a service may not write there; one that somebody chose is on a
        // disk that was meant for mail.
        DmaDirective? spool = directives.Find("SPOOLDIR");
        string folder = spool?.Value ?? Path.Combine(root, DefaultFolder[1..]);
        if (spool is not null && spool.Value.TrimEnd('/') != DefaultFolder)
        {
            report.Set(spool, "Queue:Path", Path.Combine(spool.Value, "relayproxy"));
        }

        if (HoldsMail(folder))
        {
            report.Warn("SPOOLDIR", report.SourceOf(spool), $"is {folder}, and dma has left mail there; relayproxy queue import {folder} takes it over");
        }
    }

    /// <summary>Whether there is a Q file. A folder that may not be read says nothing.</summary>
    private static bool HoldsMail(string folder)
    {
        try
        {
            return Directory.Exists(folder) && Directory.EnumerateFiles(folder, "Q*").Any();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
