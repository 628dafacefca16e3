-- What people and the language model said to each other. What the assistant (speaker 2) said is generated
-- text. No foreign key to the account: a token may vouch for an account that a restored backup lacks.
CREATE TABLE IF NOT EXISTS conversation_turn (
    id BIGINT NOT NULL AUTO_INCREMENT,
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    speaker SMALLINT NOT NULL,
    is_generated BOOLEAN NOT NULL,
    content MEDIUMTEXT NOT NULL,
    sent MEDIUMTEXT NULL,
    is_cut_off BOOLEAN NOT NULL,
    model VARCHAR(255) NOT NULL,
    said_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    KEY conversation_turn_of_account (account_uuid, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The last summary of each account; always generated text.
CREATE TABLE IF NOT EXISTS conversation_summary (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    content TEXT NOT NULL,
    turn_id BIGINT NULL,
    medical_record_id BIGINT NULL,
    model VARCHAR(255) NOT NULL,
    made_at DATETIME NOT NULL,
    PRIMARY KEY (account_uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS model_call (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    called_on DATE NOT NULL,
    calls INT NOT NULL,
    PRIMARY KEY (account_uuid, called_on),
    KEY model_call_day (called_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
