-- The same tables, columns and indexes as in migrations/mysql, in SQLite's dialect. Text is UTF-8 and compared bytewise.
-- AUTOINCREMENT: an id is never reused, even after its row was deleted. WITHOUT ROWID: the table is clustered by its
-- primary key, as on MySQL.
--
-- Times are UTC without a zone. Codes (SMALLINT) represent domain enums, see crates/storage/src/rows/code.rs. The meaning
-- of a code never changes.

-- ------------------------------------------------------------------------------------------------------------------
-- People

-- uuid: the identifier used by other tables and clients; ids are in order of creation.
-- admin_name: an admin's log-in name. Binary, as on MySQL, where text collations ignore trailing spaces.
-- password_version: incremented by each password change, so that a log-in whose check began with the old password is
--   rejected.
-- birth_date: if known, age is NULL; otherwise age is as given on age_given_on, a day at the hospital.
-- disabled: a disabled account has no sessions and cannot log in. standing_version: incremented for every active admin by
--   each change of it, so that of two admins who disable each other one waits for the other.
-- account_role: lists of one role in id order. account_name: names that several accounts of a role share.
-- phone_end: the last four digits, by which accounts are found.
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    uuid TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    admin_name BLOB NULL UNIQUE,
    nickname TEXT NOT NULL,
    role SMALLINT NOT NULL,
    sex SMALLINT NULL,
    age SMALLINT NULL,
    age_given_on DATE NULL,
    birth_date DATE NULL,
    phone TEXT NULL UNIQUE,
    phone_end TEXT GENERATED ALWAYS AS (substr(phone, -4)) STORED,
    hospital TEXT NOT NULL,
    home_address TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_version INTEGER NOT NULL,
    login_count BIGINT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    standing_version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS account_role ON account (role, id);
CREATE INDEX IF NOT EXISTS account_name ON account (role, username);
CREATE INDEX IF NOT EXISTS account_phone_end ON account (phone_end, id);

-- Every ending of each account's name (of 王小明 also 小明 and 明), so that a search for a part of a name is a range of the key.
--   Written together with the account; names never change.
-- part: in UTF-8. Binary, like admin_name. No foreign key: the rows are derived from the accounts.
CREATE TABLE IF NOT EXISTS account_name_part (
    role SMALLINT NOT NULL,
    part BLOB NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (role, part, account_id)
) WITHOUT ROWID;

-- Who disabled or enabled an account, when and why; written in the transaction that does so.
CREATE TABLE IF NOT EXISTS account_standing (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_uuid TEXT NOT NULL REFERENCES account (uuid),
    disabled BOOLEAN NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS account_standing_of_account ON account_standing (account_uuid, id);

-- ended_at: set when the session is ended before it expires.
-- No foreign key to the account: after restoring a backup, a valid token may belong to a missing account, and ending its
--   session must still work.
-- session_of_account: ending all sessions of an account. session_ended: polled by every instance each second.
-- session_expires: deletion of old sessions.
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

-- Recent log-in attempts of one identifier or one client address.
-- key_digest: identifier:DIGEST or address:DIGEST.
-- version: incremented by each attempt; updating it serializes concurrent attempts.
-- attempts: comma-separated seconds since 1970, oldest first.
CREATE TABLE IF NOT EXISTS login_attempt (
    key_digest TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    attempts TEXT NOT NULL,
    last_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS login_attempt_last ON login_attempt (last_at);

-- Identifiers that have logged in from a client address, which are exempt from its limit on failures of others.
-- key_digest: the identifier's key in login_attempt.
CREATE TABLE IF NOT EXISTS known_login (
    key_digest TEXT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (key_digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known_login_last ON known_login (last_at);

-- Secrets shared by all instances, such as the key that signs tokens.
CREATE TABLE IF NOT EXISTS secret (
    name TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------------------------
-- Visits

-- version: for the compare-and-swap of every transition, here and in drug_order.
-- patient_username, physician_username: copies (names never change), so that a search for a common name reads only this
--   table, in id order.
-- appointment_time: wall-clock time at the hospital, even if time zone rules change.
-- appointment_day: derived from the time. inquiry_appointment: visits per day are counted along it. inquiry_of_day: a day's
--   visits in id order; the patient's name is filtered inside the index.
-- ended: whether `InquiryStatus::has_ended` holds for the status; all ended inquiries are listed along one index.
-- inquiry_of_patient, inquiry_of_physician: a person's inquiries in id order; the status is filtered inside the index.
-- status_reason: why the inquiry was cancelled or returned; NULL in every other status.
-- cancelled_from: the status that a cancelled inquiry had before; NULL in every other status.
-- due_at: when the next step is due; NULL if no deadline applies. inquiry_due: the overdue inquiries are one range of it.
-- announced_due_at: the deadline last announced as missed. unannounced_due_at: due_at, unless it has been announced; derived,
--   so that a new deadline is announced again. inquiry_unannounced: the missed deadlines to announce are one range of it.
-- repetition: SHA-256 over the fields of the request, until the inquiry's first transition, or until it is too old for
--   an equal request to repeat it; NULL if an equal request is a new one. inquiry_repetition: of concurrent equal requests,
--   one is stored.
-- inquiry_schedule: a physician's visits in time order. inquiry_reserved_phone: phone numbers that several patients gave.
CREATE TABLE IF NOT EXISTS inquiry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version INTEGER NOT NULL,
    patient_uuid TEXT NOT NULL REFERENCES account (uuid),
    patient_username TEXT NOT NULL,
    physician_uuid TEXT NULL REFERENCES account (uuid),
    physician_username TEXT NULL,
    visit_type SMALLINT NOT NULL,
    appointment_time TIMESTAMP NOT NULL,
    appointment_day DATE GENERATED ALWAYS AS (date(appointment_time)) STORED,
    reserved_phone TEXT NULL,
    detail TEXT NOT NULL,
    status SMALLINT NOT NULL,
    ended BOOLEAN GENERATED ALWAYS AS (status IN (3, 4, 6)) STORED,
    status_reason TEXT NULL,
    cancelled_from SMALLINT NULL,
    due_at TIMESTAMP NULL,
    announced_due_at TIMESTAMP NULL,
    unannounced_due_at TIMESTAMP GENERATED ALWAYS AS (CASE WHEN announced_due_at = due_at THEN NULL ELSE due_at END) STORED,
    repetition BLOB NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS inquiry_status ON inquiry (status, id);
CREATE INDEX IF NOT EXISTS inquiry_ended ON inquiry (ended, id);
CREATE INDEX IF NOT EXISTS inquiry_of_patient ON inquiry (patient_uuid, id, status);
CREATE INDEX IF NOT EXISTS inquiry_of_physician ON inquiry (physician_uuid, id, status);
CREATE INDEX IF NOT EXISTS inquiry_appointment ON inquiry (appointment_day, visit_type, status);
CREATE INDEX IF NOT EXISTS inquiry_of_day ON inquiry (appointment_day, id, patient_username);
CREATE INDEX IF NOT EXISTS inquiry_due ON inquiry (due_at, id);
CREATE INDEX IF NOT EXISTS inquiry_unannounced ON inquiry (unannounced_due_at, id);
CREATE INDEX IF NOT EXISTS inquiry_schedule ON inquiry (physician_uuid, appointment_time, id);
CREATE INDEX IF NOT EXISTS inquiry_reserved_phone ON inquiry (reserved_phone, patient_uuid);
CREATE UNIQUE INDEX IF NOT EXISTS inquiry_repetition ON inquiry (repetition, patient_uuid);

-- One row per version of an inquiry, written in the transaction that creates the version. The rows are enough to rebuild
--   the inquiry's mutable fields.
-- reason: why the transition was made, where a reason was given.
-- appointment_time: the inquiry's, after the transition.
CREATE TABLE IF NOT EXISTS inquiry_history (
    inquiry_id BIGINT NOT NULL REFERENCES inquiry (id),
    version INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid TEXT NULL,
    reason TEXT NULL,
    appointment_time TIMESTAMP NOT NULL,
    PRIMARY KEY (inquiry_id, version)
) WITHOUT ROWID;

-- Written once, never changed.
-- inquiry_video, medical_img: the CID of a file in our store (..._held), or text returned unchanged.
CREATE TABLE IF NOT EXISTS medical_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    inquiry_id BIGINT NOT NULL UNIQUE REFERENCES inquiry (id),
    diagnostic_description TEXT NOT NULL,
    inquiry_video TEXT NOT NULL,
    inquiry_video_held BOOLEAN NOT NULL,
    medical_img TEXT NOT NULL,
    medical_img_held BOOLEAN NOT NULL,
    needs_drugs BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Addenda to a record: written once, never changed.
-- medical_img, inquiry_video: as of a medical record; NULL if there is none.
CREATE TABLE IF NOT EXISTS medical_addendum (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    medical_record_id BIGINT NOT NULL REFERENCES medical_record (id),
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    content TEXT NOT NULL,
    reason TEXT NOT NULL,
    medical_img TEXT NULL,
    medical_img_held BOOLEAN NOT NULL,
    inquiry_video TEXT NULL,
    inquiry_video_held BOOLEAN NOT NULL
);
CREATE INDEX IF NOT EXISTS medical_addendum_record ON medical_addendum (medical_record_id, id);

-- inquiry_id, patient_uuid: copies from the inquiry, which never changes them. physician_uuid: who buys the drugs, at first the
--   inquiry's physician; a
--   person's drug orders are listed along one index.
-- purchased: whether `DrugOrderStatus::is_purchased` holds for the status, like "ended" in inquiry.
-- certificate: like the files of a medical record.
-- created_on: the day at the hospital, whose time zone the database does not know.
CREATE TABLE IF NOT EXISTS drug_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version INTEGER NOT NULL,
    medical_record_id BIGINT NOT NULL UNIQUE REFERENCES medical_record (id),
    inquiry_id BIGINT NOT NULL,
    patient_uuid TEXT NOT NULL,
    physician_uuid TEXT NOT NULL,
    status SMALLINT NOT NULL,
    purchased BOOLEAN GENERATED ALWAYS AS (status IN (1, 2, 3)) STORED,
    certificate TEXT NULL,
    certificate_held BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    created_on DATE NOT NULL
);
CREATE INDEX IF NOT EXISTS drug_order_status ON drug_order (status, id);
CREATE INDEX IF NOT EXISTS drug_order_purchased ON drug_order (purchased, id);
CREATE INDEX IF NOT EXISTS drug_order_of_patient ON drug_order (patient_uuid, id, status);
CREATE INDEX IF NOT EXISTS drug_order_of_physician ON drug_order (physician_uuid, id, status);
CREATE INDEX IF NOT EXISTS drug_order_created_on ON drug_order (created_on);

-- Like inquiry_history. certificate: the order's, after the transition.
CREATE TABLE IF NOT EXISTS drug_order_history (
    drug_order_id BIGINT NOT NULL REFERENCES drug_order (id),
    version INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid TEXT NULL,
    reason TEXT NULL,
    certificate TEXT NULL,
    certificate_held BOOLEAN NOT NULL,
    PRIMARY KEY (drug_order_id, version)
) WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------------------------
-- Events

-- Events without a number yet, written in the transaction of the transition they announce. Moved to "event" within a
-- second, in id order.
-- status: of an inquiry, or of a drug order where the subject is one. former_physician_uuid: from whom the
--   transition took the record.
CREATE TABLE IF NOT EXISTS event_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    event_type SMALLINT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    subject_kind SMALLINT NOT NULL,
    subject_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    patient_uuid TEXT NOT NULL,
    physician_uuid TEXT NULL,
    former_physician_uuid TEXT NULL
);

-- Events in reading order: sequence numbers are gapless, and no event is added below an existing one. Deleted after
-- seven days.
CREATE TABLE IF NOT EXISTS event (
    sequence BIGINT PRIMARY KEY NOT NULL,
    event_type SMALLINT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    subject_kind SMALLINT NOT NULL,
    subject_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    patient_uuid TEXT NOT NULL,
    physician_uuid TEXT NULL,
    former_physician_uuid TEXT NULL
) WITHOUT ROWID;

-- Positions in the sequence of events.
-- name: 0 the last assigned number (advanced by compare-and-swap, so that one instance at a time assigns numbers); 1 the
--   last event queued for the webhook receiver.
CREATE TABLE IF NOT EXISTS event_cursor (
    name SMALLINT PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL
) WITHOUT ROWID;

INSERT OR IGNORE INTO event_cursor (name, sequence) VALUES (0, 0);

-- Webhook deliveries that are queued or were given up; successful ones are deleted. With copies of the events, because given-up
-- deliveries outlive them.
-- state: 0 queued, 1 given up. claim: grows with each claim; outcomes are recorded by compare-and-swap on it. due_at: time
--   of the next attempt; of a claimed delivery, the end of the claim. was_down: whether the last failure was that the receiver
--   was down. webhook_delivery_due: due deliveries. webhook_delivery_subject: earlier deliveries of the same record.
CREATE TABLE IF NOT EXISTS webhook_delivery (
    sequence BIGINT PRIMARY KEY NOT NULL,
    event_type SMALLINT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    subject_kind SMALLINT NOT NULL,
    subject_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    patient_uuid TEXT NOT NULL,
    physician_uuid TEXT NULL,
    former_physician_uuid TEXT NULL,
    state SMALLINT NOT NULL,
    claim INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    was_down BOOLEAN NOT NULL,
    failure TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS webhook_delivery_due ON webhook_delivery (state, due_at, sequence);
CREATE INDEX IF NOT EXISTS webhook_delivery_subject ON webhook_delivery (subject_kind, subject_id, state, sequence);

-- ------------------------------------------------------------------------------------------------------------------
-- Totals

-- Numbers of records, without counting them and without a counter row that serializes all writers: a transaction that
-- changes a number appends a row to tally_delta, and these rows are folded into tally every few seconds. A number is the
-- sum of both.
-- kind: 0 inquiries, 1 drug orders and 2 accounts by their ids; 3 visits by the day of their appointment, 4 drug orders by the
--   day on which they were created.
-- span: of kinds 0 to 2 the id divided by 1024, so that a page deep in a list is found without walking there; of the others
--   the day, counted from 0001-01-01 as 1.
-- level: 0 a span, 1 64 spans (span divided by 64), 2 everything (span 0). Days have level 0 only.
-- code: the status of kinds 0 and 1, the role of kind 2, the type of kind 3; 0 of kind 4.
CREATE TABLE IF NOT EXISTS tally (
    kind SMALLINT NOT NULL,
    level SMALLINT NOT NULL,
    span BIGINT NOT NULL,
    code SMALLINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (kind, level, span, code)
) WITHOUT ROWID;

-- tally_delta_sum: the changes of a number are summed from the index alone.
CREATE TABLE IF NOT EXISTS tally_delta (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind SMALLINT NOT NULL,
    code SMALLINT NOT NULL,
    span BIGINT NOT NULL,
    n BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS tally_delta_sum ON tally_delta (kind, code, span, n);

-- ------------------------------------------------------------------------------------------------------------------
-- The service itself

-- The first answers to requests with an Idempotency-Key, for a day; written in the transaction that creates the record.
-- key_digest: of the key, which stays a secret of its sender. body_digest: of the key and the request together, so that
--   nobody can try passwords on it who does not know the key.
CREATE TABLE IF NOT EXISTS idempotent_answer (
    caller TEXT NOT NULL,
    route TEXT NOT NULL,
    key_digest BLOB NOT NULL,
    body_digest BLOB NOT NULL,
    answer TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (caller, route, key_digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotent_answer_made ON idempotent_answer (made_at);

-- Written by the service to test whether the database accepts changes again after it was full or read-only.
CREATE TABLE IF NOT EXISTS write_probe (
    id SMALLINT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------------------------
-- Files

-- Uploads: an uploader may reference the file in a record.
CREATE TABLE IF NOT EXISTS upload (
    account_uuid TEXT NOT NULL,
    cid TEXT NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_uuid, cid)
) WITHOUT ROWID;

-- Files that the Kubo node has or will get.
-- pin_backlog: number, size and age of queued files are read from the index alone.
CREATE TABLE IF NOT EXISTS pin (
    cid TEXT PRIMARY KEY NOT NULL,
    size BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    pinned_at TIMESTAMP NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pin_backlog ON pin (status, queued_at, size);

-- ------------------------------------------------------------------------------------------------------------------
-- The language model

-- Turns of conversations. Those of the assistant (speaker 2) are generated text.
-- No foreign key to the account: after restoring a backup, a valid token may belong to a missing account.
CREATE TABLE IF NOT EXISTS conversation_turn (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_uuid TEXT NOT NULL,
    speaker SMALLINT NOT NULL,
    is_generated BOOLEAN NOT NULL,
    content TEXT NOT NULL,
    -- The text sent to the model, if masking changed it.
    sent TEXT NULL,
    is_cut_off BOOLEAN NOT NULL,
    model TEXT NOT NULL,
    said_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS conversation_turn_of_account ON conversation_turn (account_uuid, id);

-- The latest summary of each account; always generated text. turn_id, medical_record_id: the last input it covers.
CREATE TABLE IF NOT EXISTS conversation_summary (
    account_uuid TEXT PRIMARY KEY NOT NULL,
    content TEXT NOT NULL,
    turn_id BIGINT NULL,
    medical_record_id BIGINT NULL,
    model TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- An account's use of daily quotas, by day at the hospital.
-- quota: 0 uploaded bytes, 1 phone number changes.
CREATE TABLE IF NOT EXISTS quota_use (
    account_uuid TEXT NOT NULL,
    quota SMALLINT NOT NULL,
    used_on DATE NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account_uuid, quota, used_on)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS quota_use_day ON quota_use (used_on);

-- Number of an account's calls to the model, by day at the hospital, for the daily limit.
CREATE TABLE IF NOT EXISTS model_call (
    account_uuid TEXT NOT NULL,
    called_on DATE NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (account_uuid, called_on)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS model_call_day ON model_call (called_on);

-- ------------------------------------------------------------------------------------------------------------------
-- Imports of rosters

-- seq: the order of imports, to find an account's newest.
-- state: 0 running, 1 done, 2 failed. fault: the fault of the file.
-- last_heartbeat_at: the last heartbeat; an import that has stopped sending them was interrupted.
-- holds_file: whether an instance still has the file of this dry run. follows: the dry run whose file is imported; unique, so
--   that a file is imported once.
-- remarks: what of the file was not used, separated by U+001E: a sheet and a column with U+001F between them, or a sheet.
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
    last_heartbeat_at TIMESTAMP NOT NULL,
    holds_file BOOLEAN NOT NULL,
    follows TEXT NULL UNIQUE,
    remarks TEXT NULL
);
CREATE INDEX IF NOT EXISTS import_job_of_account ON import_job (started_by, seq);
CREATE INDEX IF NOT EXISTS import_job_heartbeat ON import_job (last_heartbeat_at);

-- Rows that were not imported, until they are deleted.
-- problems: slugs separated by spaces. cells: pairs of column and text, separated by U+001F inside a pair and U+001E
--   between pairs.
CREATE TABLE IF NOT EXISTS import_row (
    job_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    sheet TEXT NOT NULL,
    source_row BIGINT NOT NULL,
    problems TEXT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (job_id, place)
) WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------------------------
-- The audit log: append-only. Times are microseconds since 1970 in UTC. No foreign keys: an entry outlives the records it
-- refers to.

-- One chain per run of an instance, and per month of a long run.
CREATE TABLE IF NOT EXISTS audit_chain (
    id BLOB PRIMARY KEY NOT NULL,
    instance TEXT NOT NULL,
    opened_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Entries written together share one row, a JSON array, so that a single entry is cheap.
-- sequence: the position of the first entry in the chain. links: the hash before it, and each entry's hash.
-- recorded_first, recorded_last: the times of the oldest and the newest entry, at most a minute apart, so that the blocks
--   of a time range are a range of recorded_first.
-- body: the entries.
-- audit_block_recorded: lists in the order of time; totals are added up from the index alone.
CREATE TABLE IF NOT EXISTS audit_block (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chain BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    recorded_first BIGINT NOT NULL,
    recorded_last BIGINT NOT NULL,
    links BLOB NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS audit_block_place ON audit_block (chain, sequence);
CREATE INDEX IF NOT EXISTS audit_block_recorded ON audit_block (recorded_first, id, entries);

-- Search index of blocks by person, written in the block's transaction. The key lists a person's blocks in time order.
-- role: 0 the agent, 1 the patient. entries: the number of the block's entries with the person in this role.
--   recorded_first: that of the block.
CREATE TABLE IF NOT EXISTS audit_person (
    person TEXT NOT NULL,
    role SMALLINT NOT NULL,
    recorded_first BIGINT NOT NULL,
    block BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (person, role, recorded_first, block)
) WITHOUT ROWID;

-- Events of changes, written in the transaction of the change, until they are linked into a chain.
-- writer: the chain of the instance that made the change, which links them within a second; any instance links older ones.
-- body: an entry as in audit_block.
CREATE TABLE IF NOT EXISTS audit_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    writer BLOB NOT NULL,
    recorded BIGINT NOT NULL,
    body TEXT NOT NULL
);

-- Chains removed after the retention period, with their last hash: a head stored elsewhere can still be compared.
-- hash: the last link.
CREATE TABLE IF NOT EXISTS audit_removal (
    chain BLOB PRIMARY KEY NOT NULL,
    entries BIGINT NOT NULL,
    hash BLOB NOT NULL,
    removed_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Results of the last verifications of all chains.
-- started_by: NULL for a command. chains, entries: the intact ones. unlinked: entries still in the outbox although it was time.
-- first_faults, heads: one per line.
CREATE TABLE IF NOT EXISTS audit_verification (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    started_by TEXT NULL,
    chains BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    faults BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    unlinked BIGINT NOT NULL,
    first_faults TEXT NOT NULL,
    heads TEXT NOT NULL
);

-- The verification that an admin started last, in a single row (id 0). Replaced by compare-and-swap on run, so that one runs at a
--   time.
CREATE TABLE IF NOT EXISTS audit_verification_run (
    id SMALLINT PRIMARY KEY NOT NULL,
    run BIGINT NOT NULL,
    is_running BOOLEAN NOT NULL,
    started_by TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    last_heartbeat_at TIMESTAMP NOT NULL,
    chains_to_verify BIGINT NOT NULL,
    chains BIGINT NOT NULL,
    entries BIGINT NOT NULL
) WITHOUT ROWID;

-- Rows cannot be changed or replaced (INSERT OR REPLACE deletes the old row without firing a delete trigger), and can only
-- be deleted if audit_removal lists their chain: first from audit_person, then from audit_block.
CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_replaced BEFORE INSERT ON audit_chain
WHEN EXISTS (SELECT 1 FROM audit_chain WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_changed BEFORE UPDATE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_deleted BEFORE DELETE ON audit_chain
WHEN NOT EXISTS (SELECT 1 FROM audit_removal WHERE chain = OLD.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_block_is_not_replaced BEFORE INSERT ON audit_block
WHEN EXISTS (SELECT 1 FROM audit_block WHERE id = NEW.id OR (chain = NEW.chain AND sequence = NEW.sequence))
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_block_is_not_changed BEFORE UPDATE ON audit_block
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_block_is_not_deleted BEFORE DELETE ON audit_block
WHEN NOT EXISTS (SELECT 1 FROM audit_removal WHERE chain = OLD.chain)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_person_is_not_replaced BEFORE INSERT ON audit_person
WHEN EXISTS (SELECT 1 FROM audit_person WHERE person = NEW.person AND role = NEW.role
    AND recorded_first = NEW.recorded_first AND block = NEW.block)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_person_is_not_changed BEFORE UPDATE ON audit_person
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_person_is_not_deleted BEFORE DELETE ON audit_person
WHEN NOT EXISTS (SELECT 1 FROM audit_block JOIN audit_removal USING (chain)
    WHERE audit_block.id = OLD.block)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_removal_is_not_replaced BEFORE INSERT ON audit_removal
WHEN EXISTS (SELECT 1 FROM audit_removal WHERE chain = NEW.chain)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_removal_is_not_changed BEFORE UPDATE ON audit_removal
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_removal_is_not_deleted BEFORE DELETE ON audit_removal
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- The law requires at least six months. A chain that is being written was opened at most a month ago.
CREATE TRIGGER IF NOT EXISTS audit_removal_is_of_an_old_chain BEFORE INSERT ON audit_removal
WHEN EXISTS (SELECT 1 FROM audit_chain WHERE id = NEW.chain
    AND opened_at > strftime('%s', 'now', '-6 months') * 1000000)
  OR EXISTS (SELECT 1 FROM audit_block WHERE chain = NEW.chain
    AND recorded_last > strftime('%s', 'now', '-6 months') * 1000000)
BEGIN SELECT RAISE(ABORT, 'the audit log keeps the last six months'); END;
