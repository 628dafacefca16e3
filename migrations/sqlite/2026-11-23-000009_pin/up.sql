CREATE TABLE IF NOT EXISTS pin (
    cid TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    pinned_at TIMESTAMP
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pin_backlog ON pin (status, queued_at, size);
