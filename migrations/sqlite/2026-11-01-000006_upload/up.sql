CREATE TABLE IF NOT EXISTS upload (
    account_uuid TEXT NOT NULL,
    cid TEXT NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_uuid, cid)
) WITHOUT ROWID;
