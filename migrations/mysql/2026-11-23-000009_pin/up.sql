CREATE TABLE IF NOT EXISTS pin (
    cid VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    queued_at DATETIME NOT NULL,
    pinned_at DATETIME,
    PRIMARY KEY (cid),
    KEY pin_backlog (status, queued_at, size)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
