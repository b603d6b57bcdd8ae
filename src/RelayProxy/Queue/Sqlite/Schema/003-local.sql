-- Recipients on this machine fall due by themselves: they do not wait for the smarthost, nor it for them. A message without any enters no
-- further index.

ALTER TABLE message ADD COLUMN local_due_at INTEGER;    -- as due_at, which now is that of recipients for the smarthost alone

CREATE INDEX message_local_due ON message (local_due_at) WHERE lease_until IS NULL AND local_due_at IS NOT NULL;
