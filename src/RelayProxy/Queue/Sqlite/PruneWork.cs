namespace RelayProxy.Queue.Sqlite;

/// <summary>Forgets old history, and gives pages that nobody uses back to the disk, a bounded number of each.</summary>
internal sealed class PruneWork(DateTimeOffset before) : WriteWork<bool>
{
    private const int MostRows = 1000;

    /// <summary>8 MiB: pages that come free at one moment are used again at the next, and are not worth giving back.</summary>
    private const int FreePagesKept = 2048;

    private bool _more;

    public override void Run(Ledger ledger)
    {
        bool moreHistory = ledger.History.Prune(before, MostRows);
        bool morePages = false;
        if (ledger.Database.QueryInt64("PRAGMA freelist_count") > FreePagesKept)
        {
            ledger.Database.Execute("PRAGMA incremental_vacuum(512)");
            morePages = ledger.Database.QueryInt64("PRAGMA freelist_count") > FreePagesKept;
        }

        _more = moreHistory || morePages;
    }

    public override void Committed() => Finish(_more);

    public override void Failed(CommitStatus status, string reason) => Finish(false);
}
