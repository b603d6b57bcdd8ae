using System.Buffers;
using System.Text;
using SQLitePCL;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A prepared statement, used again and again. Parameters are numbered from 1, columns from 0, as in SQLite itself.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    private const int StackOctets = 512;

    public SqliteStatement Bind(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, long? value)
    {
        database.Check(value is long number
            ? raw.sqlite3_bind_int64(handle, parameter, number)
            : raw.sqlite3_bind_null(handle, parameter));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, which SQLite would read as NULL.
        database.Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(handle, parameter, 0)
            : raw.sqlite3_bind_blob(handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        byte[]? rented = most > StackOctets ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> octets = rented ?? stackalloc byte[StackOctets];
        int length = Encoding.UTF8.GetBytes(value, octets);
        int code = length == 0
            ? raw.sqlite3_bind_text(handle, parameter, "")
            : raw.sqlite3_bind_text(handle, parameter, octets[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        database.Check(code);
        return this;
    }

    /// <summary>Moves to the next row; false if there is none. Reset when done.</summary>
    /// <exception cref="SqliteFault">The statement failed; it is reset.</exception>
    public bool Step()
    {
        int code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            try
            {
                database.Check(code);
            }
            finally
            {
                Reset();
            }
        }

        return false;
    }

    /// <summary>Runs a statement that answers no rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public void Reset() => raw.sqlite3_reset(handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public int Int32(int column) => raw.sqlite3_column_int(handle, column);

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public long? NullableInt64(int column) => IsNull(column) ? null : Int64(column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    public void Dispose() => handle.Dispose();
}
