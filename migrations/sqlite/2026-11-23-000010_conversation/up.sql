-- What people and the language model said to each other. What the assistant (speaker 2) said is generated
-- text. No foreign key to the account: a token may vouch for an account that a restored backup lacks.
-- AUTOINCREMENT: an id is never given out again, also after a conversation was deleted.
CREATE TABLE IF NOT EXISTS conversation_turn (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_uuid TEXT NOT NULL,
    speaker SMALLINT NOT NULL,
    is_generated BOOLEAN NOT NULL,
    content TEXT NOT NULL,
    sent TEXT NULL,
    is_cut_off BOOLEAN NOT NULL,
    model TEXT NOT NULL,
    said_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS conversation_turn_of_account ON conversation_turn (account_uuid, id);

-- The last summary of each account; always generated text.
CREATE TABLE IF NOT EXISTS conversation_summary (
    account_uuid TEXT PRIMARY KEY NOT NULL,
    content TEXT NOT NULL,
    turn_id BIGINT NULL,
    medical_record_id BIGINT NULL,
    model TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS model_call (
    account_uuid TEXT NOT NULL,
    called_on DATE NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (account_uuid, called_on)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS model_call_day ON model_call (called_on);
