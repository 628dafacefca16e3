-- No foreign key to the account: after a restored backup a token may vouch for a session of an
-- account that is gone, and ending it must still work.
CREATE TABLE IF NOT EXISTS session (
    id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    started_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    ended_at DATETIME NULL,
    client_address VARCHAR(255) NOT NULL,
    PRIMARY KEY (id),
    KEY session_of_account (account_uuid, ended_at),
    KEY session_ended (ended_at, expires_at),
    KEY session_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- attempts are seconds since 1970, separated by commas, oldest first.
CREATE TABLE IF NOT EXISTS login_attempt (
    key_digest VARCHAR(100) NOT NULL,
    version INT NOT NULL,
    attempts TEXT NOT NULL,
    last_at DATETIME NOT NULL,
    PRIMARY KEY (key_digest),
    KEY login_attempt_last (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
