-- Imports of rosters. state: 0 running, 1 done, 2 failed; fault says what was wrong with the file.
-- seq tells which of an account's imports is the newest.
CREATE TABLE IF NOT EXISTS import_job (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    started_by TEXT NOT NULL,
    dry_run BOOLEAN NOT NULL,
    atomic BOOLEAN NOT NULL,
    state SMALLINT NOT NULL,
    fault TEXT NULL,
    total BIGINT NOT NULL,
    imported BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    heard_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS import_job_of_account ON import_job (started_by, seq);
CREATE INDEX IF NOT EXISTS import_job_heard ON import_job (heard_at);

-- Rows that were not imported, for a while. problems are names separated by spaces; cells are pairs of
-- column and text, separated by U+001F inside a pair and U+001E between pairs.
CREATE TABLE IF NOT EXISTS import_row (
    job_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    sheet TEXT NOT NULL,
    source_row BIGINT NOT NULL,
    problems TEXT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (job_id, place)
) WITHOUT ROWID;
