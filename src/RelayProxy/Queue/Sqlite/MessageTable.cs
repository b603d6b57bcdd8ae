using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>The tables <c>message</c> and <c>body</c>, as the writer uses them. Keeps count of what it changes.</summary>
internal sealed class MessageTable(SqliteDatabase database) : IDisposable
{
    /// <summary>What <see cref="Read"/> expects.</summary>
    public const string Columns =
        "id, lease_token, lease_until, octets, waiting, held, parked, damaged, envelope, recipients";

    public const int EnvelopeColumn = 8;
    public const int RecipientsColumn = 9;

    private readonly SqliteStatement _insert = database.Prepare(
        """
        INSERT INTO message (id, due_at, overdue_at, lease_token, lease_until, octets, waiting, held, parked, deferred, envelope, recipients,
                             address_bits, local_due_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """);

    private readonly SqliteStatement _insertBody = database.Prepare("INSERT OR REPLACE INTO body (id, octets) VALUES (?1, ?2)");
    private readonly SqliteStatement _find = database.Prepare($"SELECT {Columns} FROM message WHERE id = ?1");
    private readonly SqliteStatement _body = database.Prepare("SELECT octets FROM body WHERE id = ?1");

    private readonly SqliteStatement _due = database.Prepare(
        "SELECT id FROM message INDEXED BY message_due WHERE lease_until IS NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2");

    private readonly SqliteStatement _localDue = database.Prepare(
        "SELECT id FROM message INDEXED BY message_local_due WHERE lease_until IS NULL AND local_due_at <= ?1 ORDER BY local_due_at LIMIT ?2");

    private readonly SqliteStatement _overdue = database.Prepare(
        "SELECT id FROM message INDEXED BY message_overdue WHERE lease_until IS NULL AND overdue_at <= ?1 ORDER BY overdue_at LIMIT ?2");

    private readonly SqliteStatement _lapsed = database.Prepare(
        "SELECT id FROM message INDEXED BY message_leased WHERE lease_until <= ?1 LIMIT ?2");

    private readonly SqliteStatement _update = database.Prepare(
        """
        UPDATE message SET due_at = ?2, overdue_at = ?3, lease_token = ?4, lease_until = ?5, waiting = ?6, held = ?7, parked = ?8,
               deferred = ?9, recipients = ?10, local_due_at = ?11 WHERE id = ?1
        """);

    private readonly SqliteStatement _lease = database.Prepare("UPDATE message SET lease_token = ?2, lease_until = ?3 WHERE id = ?1");

    private readonly SqliteStatement _setAside = database.Prepare(
        """
        UPDATE message SET damaged = 1, due_at = NULL, local_due_at = NULL, overdue_at = NULL, lease_token = 0, lease_until = NULL, waiting = 0,
               held = 0, parked = 0, deferred = 0 WHERE id = ?1
        """);

    private readonly SqliteStatement _delete = database.Prepare("DELETE FROM message WHERE id = ?1");
    private readonly SqliteStatement _deleteBody = database.Prepare("DELETE FROM body WHERE id = ?1");

    /// <summary>What has changed in the sums since they were last written down.</summary>
    public Tally Change { get; set; }

    /// <exception cref="SqliteFault">There is a message of this id (a constraint); nothing was inserted.</exception>
    public void Insert(SqlitePreparedMessage message, long leaseToken, long? leaseUntil)
    {
        Standing standing = message.Standing;
        _insert.Bind(1, message.Id.Value).Bind(2, standing.DueAt).Bind(3, standing.OverdueAt)
            .Bind(4, leaseToken).Bind(5, leaseUntil).Bind(6, message.Octets)
            .Bind(7, standing.Waiting).Bind(8, standing.Held).Bind(9, standing.Parked).Bind(10, standing.Deferred)
            .Bind(11, message.EnvelopeBlob).Bind(12, message.RecipientsBlob).Bind(13, message.AddressBits).Bind(14, standing.LocalDueAt)
            .Run();
        _insertBody.Bind(1, message.Id.Value).Bind(2, message.BodyRow.Span).Run();
        Change += Tally.Of(message.Octets, standing.Waiting, standing.Held, standing.Parked, leaseUntil is not null);
    }

    public MessageRow? Find(QueueId id)
    {
        _find.Bind(1, id.Value);
        MessageRow? row = _find.Step() ? Read(_find) : null;
        _find.Reset();
        return row;
    }

    /// <summary>The row of the body table; <c>null</c> if there is none.</summary>
    public byte[]? FindBody(QueueId id)
    {
        _body.Bind(1, id.Value);
        byte[]? octets = _body.Step() ? _body.Blob(0).ToArray() : null;
        _body.Reset();
        return octets;
    }

    /// <summary>Messages with a recipient of this route due, that nobody has leased, longest due first.</summary>
    public List<QueueId> Due(MailRoute route, long ticks, int limit) => Ids(route == MailRoute.Local ? _localDue : _due, ticks, limit);

    /// <summary>Messages past a notice or their expiry, that nobody has leased.</summary>
    public List<QueueId> Overdue(long ticks, int limit) => Ids(_overdue, ticks, limit);

    /// <summary>Messages whose lease has lapsed.</summary>
    public List<QueueId> Lapsed(long ticks, int limit) => Ids(_lapsed, ticks, limit);

    /// <summary>Writes down how the recipients stand now.</summary>
    public void Update(MessageRow row, StoredRecipients recipients, long leaseToken, long? leaseUntil)
    {
        Standing standing = Standing.Of(recipients);
        _update.Bind(1, row.Id.Value).Bind(2, standing.DueAt).Bind(3, standing.OverdueAt).Bind(4, leaseToken).Bind(5, leaseUntil)
            .Bind(6, standing.Waiting).Bind(7, standing.Held).Bind(8, standing.Parked).Bind(9, standing.Deferred)
            .Bind(10, RecipientsCodec.Encode(row.Id, recipients)).Bind(11, standing.LocalDueAt)
            .Run();
        Change += Tally.Of(row.Tally.Octets, standing.Waiting, standing.Held, standing.Parked, leaseUntil is not null) - row.Tally;
    }

    /// <summary>Leases a message, or lets a lease lapse (<paramref name="until"/> is <c>null</c>).</summary>
    public void Lease(MessageRow row, long token, long? until)
    {
        _lease.Bind(1, row.Id.Value).Bind(2, token).Bind(3, until).Run();
        Tally tally = row.Tally;
        Change += Tally.Of(
            tally.Octets, (int)(tally.Waiting + tally.InDelivery), (int)tally.Held, (int)tally.Parked, until is not null) - tally;
    }

    /// <summary>Leaves a row that cannot be read as it is, and out of every list of things to do.</summary>
    public void SetAside(MessageRow row)
    {
        _setAside.Bind(1, row.Id.Value).Run();
        Change += Tally.Of(row.Tally.Octets, 0, 0, 0, leased: false) - row.Tally;
    }

    public void Delete(MessageRow row)
    {
        _delete.Bind(1, row.Id.Value).Run();
        _deleteBody.Bind(1, row.Id.Value).Run();
        Change -= row.Tally;
    }

    public static MessageRow Read(SqliteStatement row)
    {
        var id = new QueueId(row.Int64(0));
        long? leaseUntil = row.NullableInt64(2);
        return new MessageRow
        {
            Id = id,
            LeaseToken = row.Int64(1),
            LeaseUntil = leaseUntil,
            Tally = Tally.Of(row.Int64(3), row.Int32(4), row.Int32(5), row.Int32(6), leaseUntil is not null),
            Damaged = row.Int32(7) != 0,
            Envelope = EnvelopeCodec.Decode(id, row.Blob(EnvelopeColumn)),
            Recipients = RecipientsCodec.Decode(id, row.Blob(RecipientsColumn)),
        };
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in (ReadOnlySpan<SqliteStatement>)
            [_insert, _insertBody, _find, _body, _due, _localDue, _overdue, _lapsed, _update, _lease, _setAside, _delete, _deleteBody])
        {
            statement.Dispose();
        }
    }

    private static List<QueueId> Ids(SqliteStatement statement, long ticks, int limit)
    {
        var ids = new List<QueueId>();
        statement.Bind(1, ticks).Bind(2, limit);
        while (statement.Step())
        {
            ids.Add(new QueueId(statement.Int64(0)));
        }

        statement.Reset();
        return ids;
    }
}
