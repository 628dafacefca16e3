-- No foreign key to the account: after a restored backup a token may vouch for a session of an
-- account that is gone, and ending it must still work.
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY NOT NULL,
    account_uuid TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NULL,
    client_address TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_of_account ON session (account_uuid, ended_at);
CREATE INDEX IF NOT EXISTS session_ended ON session (ended_at, expires_at);
CREATE INDEX IF NOT EXISTS session_expires ON session (expires_at);

-- attempts are seconds since 1970, separated by commas, oldest first.
CREATE TABLE IF NOT EXISTS login_attempt (
    key_digest TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    attempts TEXT NOT NULL,
    last_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS login_attempt_last ON login_attempt (last_at);
