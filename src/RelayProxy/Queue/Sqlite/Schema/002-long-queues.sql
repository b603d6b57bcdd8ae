-- What a message costs must not grow with the number of those before it, and no question of an operator's may read them all.

-- A search by address reads an index instead of a million rows. The bits (AddressBits) ride along in indexes of which every message
-- stands in at least one already: taking a message in costs no index more. -1, all bits: put in before there were any.
ALTER TABLE message ADD COLUMN address_bits INTEGER NOT NULL DEFAULT -1;

DROP INDEX message_overdue;
DROP INDEX message_leased;
DROP INDEX message_aside;
CREATE INDEX message_overdue ON message (overdue_at, address_bits)  WHERE lease_until IS NULL AND overdue_at IS NOT NULL;
CREATE INDEX message_leased  ON message (lease_until, address_bits) WHERE lease_until IS NOT NULL;
CREATE INDEX message_aside   ON message (id, address_bits)          WHERE held + parked + damaged > 0;

-- Keys of addresses are as good as random: in an index of a million, every new row would change a page of its own, to be read, logged
-- and copied. By volumes of 4,096 rows (HistoryQuery) new rows share a few pages, and a search looks into each volume.
DROP INDEX history_sender;
DROP INDEX history_recipient;
CREATE INDEX history_sender    ON history (n >> 12, sender_key);
CREATE INDEX history_recipient ON history (n >> 12, recipient_key);
