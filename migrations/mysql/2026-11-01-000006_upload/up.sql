CREATE TABLE IF NOT EXISTS upload (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cid VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at DATETIME NOT NULL,
    PRIMARY KEY (account_uuid, cid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
