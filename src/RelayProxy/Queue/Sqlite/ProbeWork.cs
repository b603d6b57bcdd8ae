namespace RelayProxy.Queue.Sqlite;

/// <summary>Writes a number for the sake of the commit. It tells why it was not committed, or nothing.</summary>
internal sealed class ProbeWork : WriteWork<string?>
{
    public override void Run(Ledger ledger) => ledger.WriteProbe(StoreProbe.NextValue());

    public override void Committed() => Finish(null);

    public override void Failed(CommitStatus status, string reason) => Finish(reason);
}
