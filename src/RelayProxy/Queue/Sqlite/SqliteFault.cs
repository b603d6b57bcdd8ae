using SQLitePCL;

namespace RelayProxy.Queue.Sqlite;

/// <summary>What SQLite answered instead of doing as it was told.</summary>
/// <param name="code">The extended result code (https://sqlite.org/rescode.html).</param>
internal sealed class SqliteFault(int code, string message) : Exception(message)
{
    private readonly int _primary = code & 0xFF;

    public int Code { get; } = code;

    public bool IsFull => _primary == raw.SQLITE_FULL;

    public bool IsConstraint => _primary == raw.SQLITE_CONSTRAINT;

    public bool IsBusy => _primary is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public bool IsDamage => _primary is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    public bool IsInterrupt => _primary == raw.SQLITE_INTERRUPT;

    /// <summary>Damage that SQLite does not look for.</summary>
    public static SqliteFault Damage(string what) => new(raw.SQLITE_CORRUPT, what);
}
