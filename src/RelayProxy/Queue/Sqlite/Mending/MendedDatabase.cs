using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite.Mending;

/// <summary>A new database that takes over what could be read of a damaged one.</summary>
internal sealed class MendedDatabase : IDisposable
{
    private const int RowsInTransaction = 1000;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insertMessage;
    private readonly SqliteStatement _insertBody;
    private readonly SqliteStatement _insertHistory;
    private int _rows;

    public MendedDatabase(string path)
    {
        _database = StoreOpening.NewDatabase(path);
        _insertMessage = _database.Prepare(
            """
            INSERT INTO message
                (id, due_at, overdue_at, octets, waiting, held, parked, deferred, damaged, envelope, recipients, lease_token, lease_until,
                 address_bits, local_due_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """);
        _insertBody = _database.Prepare("INSERT INTO body (id, octets) VALUES (?1, ?2)");
        _insertHistory = HistoryTable.PrepareInsert(_database, withPlace: true);
        _database.Execute("BEGIN");
    }

    /// <summary>Takes over a message. One whose row cannot be read is set aside, so that an operator sees that there was one.</summary>
    /// <returns>Whether its row could be read.</returns>
    public bool Add(QueueId id, MessageRemains remains, byte[]? body)
    {
        StoredEnvelope? readEnvelope = EnvelopeCodec.Decode(id, remains.Envelope);
        StoredRecipients? readRecipients = RecipientsCodec.Decode(id, remains.Recipients);
        bool damaged = readEnvelope is null || readRecipients is null;
        Standing standing = damaged ? default : Standing.Of(readRecipients!);
        _insertMessage.Bind(1, id.Value).Bind(2, standing.DueAt).Bind(3, standing.OverdueAt)
            .Bind(4, readEnvelope?.Octets ?? 0)
            .Bind(5, standing.Waiting).Bind(6, standing.Held).Bind(7, standing.Parked).Bind(8, standing.Deferred)
            .Bind(9, damaged ? 1 : 0).Bind(10, remains.Envelope).Bind(11, remains.Recipients)
            .Bind(12, damaged ? 0 : remains.LeaseToken).Bind(13, damaged ? null : remains.LeaseUntil)
            .Bind(14, damaged ? AddressBits.All : AddressBits.Of(readEnvelope!.Envelope.Sender, readRecipients!.Recipients)).Bind(15, standing.LocalDueAt)
            .Run();
        if (body is not null)
        {
            // A message without its octets is set aside when it is to be delivered.
            _insertBody.Bind(1, id.Value).Bind(2, body).Run();
        }

        Count();
        return !damaged;
    }

    public void Add(HistoryRow row)
    {
        HistoryTable.Bind(_insertHistory, row.Entry).Bind(HistoryTable.PlaceParameter, row.Place).Run();
        Count();
    }

    /// <summary>Sums up, and puts everything into the one file, which is not yet durable.</summary>
    /// <exception cref="IOException">Some of it is still in the log.</exception>
    public void Complete()
    {
        _database.Execute(
            """
            COMMIT;
            UPDATE store SET (messages, octets, waiting, in_delivery, held, parked) =
                (SELECT count(*), coalesce(sum(octets), 0),
                        coalesce(sum(iif(lease_until IS NULL, waiting, 0)), 0), coalesce(sum(iif(lease_until IS NULL, 0, waiting)), 0),
                        coalesce(sum(held), 0), coalesce(sum(parked), 0)
                 FROM message);
            """);
        if (_database.Checkpoint(out int pagesInLog) != pagesInLog)
        {
            throw new IOException("The mended database could not be completed.");
        }
    }

    public void Dispose()
    {
        _insertMessage.Dispose();
        _insertBody.Dispose();
        _insertHistory.Dispose();
        _database.Dispose();
    }

    private void Count()
    {
        if (++_rows % RowsInTransaction == 0)
        {
            _database.Execute("COMMIT; BEGIN");
        }
    }
}
