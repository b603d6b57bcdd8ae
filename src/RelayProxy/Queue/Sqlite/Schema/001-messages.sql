-- Times are UTC ticks (100 ns). What is not asked for by a query lives in the two blobs of a message (MessageCodec), each with
-- its own checksum; the columns beside them only say where to look.

CREATE TABLE message (
    id          INTEGER PRIMARY KEY,            -- QueueId: grows with time, so new rows go to the end
    due_at      INTEGER,                        -- earliest next attempt of a waiting recipient; NULL: none waits
    overdue_at  INTEGER,                        -- delay notice or expiry, whichever is next; NULL: none waits
    lease_token INTEGER NOT NULL DEFAULT 0,     -- the latest lease; 0: never leased, or settled
    lease_until INTEGER,                        -- NULL: not leased
    octets      INTEGER NOT NULL,
    waiting     INTEGER NOT NULL,               -- recipients in this state; likewise:
    held        INTEGER NOT NULL,
    parked      INTEGER NOT NULL,
    deferred    INTEGER NOT NULL,               -- waiting recipients that have been tried
    damaged     INTEGER NOT NULL DEFAULT 0,     -- 1: the row cannot be read, and is set aside
    envelope    BLOB NOT NULL,                  -- never changes
    recipients  BLOB NOT NULL                   -- changes with every attempt
);

-- A message stands in exactly one of the first two lists or in that of leases: a fresh message that is handed over when it is
-- committed enters one index and leaves one.
CREATE INDEX message_due      ON message (due_at)      WHERE lease_until IS NULL AND due_at IS NOT NULL;
CREATE INDEX message_overdue  ON message (overdue_at)  WHERE lease_until IS NULL AND overdue_at IS NOT NULL;
CREATE INDEX message_leased   ON message (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX message_aside    ON message (id)          WHERE held + parked + damaged > 0;
CREATE INDEX message_deferred ON message (id)          WHERE deferred > 0;

-- The octets of a small message; for a large one, the checksums of its file's blocks. Apart from message, so that an attempt
-- does not rewrite them and a listing does not read them.
CREATE TABLE body (
    id     INTEGER PRIMARY KEY,
    octets BLOB NOT NULL
);

-- What became of recipients. Rows are added in order of time, so that the oldest are the first.
CREATE TABLE history (
    n             INTEGER PRIMARY KEY,
    message_id    INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    sender_key    INTEGER NOT NULL,             -- AddressKey of the sender; likewise:
    recipient_key INTEGER NOT NULL,
    sender        TEXT NOT NULL,
    recipient     TEXT NOT NULL,
    smarthost     TEXT NOT NULL,
    stage         TEXT NOT NULL,
    outcome       TEXT NOT NULL,
    reply         TEXT NOT NULL,
    tls           TEXT NOT NULL,
    delay         INTEGER NOT NULL
);

CREATE INDEX history_message   ON history (message_id);
CREATE INDEX history_sender    ON history (sender_key);
CREATE INDEX history_recipient ON history (recipient_key);

-- One row: the sums over all messages, kept in the same transactions that change them; what operators ask of the daemon; and
-- a number that a probe writes and reads back.
CREATE TABLE store (
    messages         INTEGER NOT NULL DEFAULT 0,
    octets           INTEGER NOT NULL DEFAULT 0,
    waiting          INTEGER NOT NULL DEFAULT 0,
    in_delivery      INTEGER NOT NULL DEFAULT 0,
    held             INTEGER NOT NULL DEFAULT 0,
    parked           INTEGER NOT NULL DEFAULT 0,
    flush_generation INTEGER NOT NULL DEFAULT 0,
    probe            INTEGER NOT NULL DEFAULT 0
);
INSERT INTO store DEFAULT VALUES;
