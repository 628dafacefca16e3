-- Imports of rosters. state: 0 running, 1 done, 2 failed; fault says what was wrong with the file.
-- seq tells which of an account's imports is the newest.
CREATE TABLE IF NOT EXISTS import_job (
    seq BIGINT NOT NULL AUTO_INCREMENT,
    id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    started_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    dry_run BOOLEAN NOT NULL,
    atomic BOOLEAN NOT NULL,
    state SMALLINT NOT NULL,
    fault VARCHAR(64) NULL,
    total BIGINT NOT NULL,
    imported BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    started_at DATETIME NOT NULL,
    heard_at DATETIME NOT NULL,
    PRIMARY KEY (seq),
    UNIQUE KEY import_job_id (id),
    KEY import_job_of_account (started_by, seq),
    KEY import_job_heard (heard_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Rows that were not imported, for a while. problems are names separated by spaces; cells are pairs of
-- column and text, separated by U+001F inside a pair and U+001E between pairs.
CREATE TABLE IF NOT EXISTS import_row (
    job_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    place INT NOT NULL,
    sheet VARCHAR(255) NOT NULL,
    source_row BIGINT NOT NULL,
    problems VARCHAR(1000) NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (job_id, place)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
