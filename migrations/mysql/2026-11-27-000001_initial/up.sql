-- MySQL and MariaDB commit each of these statements separately, so a crash may leave some of them applied. Each one is
-- repeatable: CREATE ... IF NOT EXISTS, INSERT IGNORE.
--
-- Every table declares its character set and collation, because the defaults depend on the server. Comparison is binary
-- (utf8mb4_bin): "a" differs from "A" and "ü" from "u"; only trailing spaces are ignored.
-- ASCII columns (uuids, CIDs, phone numbers) are declared as such, which makes their index entries a quarter as long.
--
-- Times are UTC without a zone. Codes (SMALLINT) represent domain enums, see crates/storage/src/rows/code.rs. The meaning
-- of a code never changes.

-- ------------------------------------------------------------------------------------------------------------------
-- People

-- uuid: the identifier used by other tables and clients; ids are in order of creation.
-- admin_name: an admin's log-in name. Binary, because text collations ignore trailing spaces, and "admin " is not "admin".
-- password_version: incremented by each password change, so that a log-in whose check began with the old password is
--   rejected.
-- birth_date: if known, age is NULL; otherwise age is as given on age_given_on, a day at the hospital.
-- disabled: a disabled account has no sessions and cannot log in. standing_version: incremented for every active admin by
--   each change of it, so that of two admins who disable each other one waits for the other.
-- account_role: lists of one role in id order. account_name: names that several accounts of a role share.
-- phone_end: the last four digits, by which accounts are found. RTRIM: an expression over a CHAR must not depend on the SQL mode.
CREATE TABLE IF NOT EXISTS account (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    username VARCHAR(50) NOT NULL,
    admin_name VARBINARY(200) NULL,
    nickname VARCHAR(50) NOT NULL,
    role SMALLINT NOT NULL,
    sex SMALLINT NULL,
    age SMALLINT NULL,
    age_given_on DATE NULL,
    birth_date DATE NULL,
    phone CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL,
    phone_end CHAR(4) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS (RIGHT(RTRIM(phone), 4)) STORED,
    hospital VARCHAR(255) NOT NULL,
    home_address VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    password_version INT NOT NULL,
    login_count BIGINT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    standing_version INT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY account_uuid (uuid),
    UNIQUE KEY account_phone (phone),
    UNIQUE KEY account_admin_name (admin_name),
    KEY account_role (role, id),
    KEY account_name (role, username),
    KEY account_phone_end (phone_end, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Every ending of each account's name (of 王小明 also 小明 and 明), so that a search for a part of a name is a range of the key.
--   Written together with the account; names never change.
-- part: in UTF-8. Binary, like admin_name. No foreign key: the rows are derived from the accounts.
CREATE TABLE IF NOT EXISTS account_name_part (
    role SMALLINT NOT NULL,
    part VARBINARY(200) NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (role, part, account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who disabled or enabled an account, when and why; written in the transaction that does so.
CREATE TABLE IF NOT EXISTS account_standing (
    id BIGINT NOT NULL AUTO_INCREMENT,
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    disabled BOOLEAN NOT NULL,
    made_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME NOT NULL,
    reason VARCHAR(500) NOT NULL,
    PRIMARY KEY (id),
    KEY account_standing_of_account (account_uuid, id),
    CONSTRAINT account_standing_account FOREIGN KEY (account_uuid) REFERENCES account (uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ended_at: set when the session is ended before it expires.
-- No foreign key to the account: after restoring a backup, a valid token may belong to a missing account, and ending its
--   session must still work.
-- session_of_account: ending all sessions of an account. session_ended: polled by every instance each second.
-- session_expires: deletion of old sessions.
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

-- Recent log-in attempts of one identifier or one client address.
-- key_digest: identifier:DIGEST or address:DIGEST.
-- version: incremented by each attempt; updating it serializes concurrent attempts.
-- attempts: comma-separated seconds since 1970, oldest first.
CREATE TABLE IF NOT EXISTS login_attempt (
    key_digest VARCHAR(100) NOT NULL,
    version INT NOT NULL,
    attempts TEXT NOT NULL,
    last_at DATETIME NOT NULL,
    PRIMARY KEY (key_digest),
    KEY login_attempt_last (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Identifiers that have logged in from a client address, which are exempt from its limit on failures of others.
-- key_digest: the identifier's key in login_attempt.
CREATE TABLE IF NOT EXISTS known_login (
    key_digest VARCHAR(100) NOT NULL,
    last_at DATETIME NOT NULL,
    PRIMARY KEY (key_digest),
    KEY known_login_last (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Secrets shared by all instances, such as the key that signs tokens.
CREATE TABLE IF NOT EXISTS secret (
    name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

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
    id BIGINT NOT NULL AUTO_INCREMENT,
    version INT NOT NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    patient_username VARCHAR(50) NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    physician_username VARCHAR(50) NULL,
    visit_type SMALLINT NOT NULL,
    appointment_time DATETIME NOT NULL,
    appointment_day DATE GENERATED ALWAYS AS (CAST(appointment_time AS DATE)) STORED,
    reserved_phone CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail TEXT NOT NULL,
    status SMALLINT NOT NULL,
    ended BOOLEAN GENERATED ALWAYS AS (status IN (3, 4, 6)) STORED,
    status_reason VARCHAR(500) NULL,
    cancelled_from SMALLINT NULL,
    due_at DATETIME NULL,
    announced_due_at DATETIME NULL,
    unannounced_due_at DATETIME GENERATED ALWAYS AS (CASE WHEN announced_due_at = due_at THEN NULL ELSE due_at END) STORED,
    repetition BINARY(32) NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    KEY inquiry_status (status, id),
    KEY inquiry_ended (ended, id),
    KEY inquiry_of_patient (patient_uuid, id, status),
    KEY inquiry_of_physician (physician_uuid, id, status),
    KEY inquiry_appointment (appointment_day, visit_type, status),
    KEY inquiry_of_day (appointment_day, id, patient_username),
    KEY inquiry_due (due_at, id),
    KEY inquiry_unannounced (unannounced_due_at, id),
    KEY inquiry_schedule (physician_uuid, appointment_time, id),
    KEY inquiry_reserved_phone (reserved_phone, patient_uuid),
    UNIQUE KEY inquiry_repetition (repetition, patient_uuid),
    CONSTRAINT inquiry_patient FOREIGN KEY (patient_uuid) REFERENCES account (uuid),
    CONSTRAINT inquiry_physician FOREIGN KEY (physician_uuid) REFERENCES account (uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row per version of an inquiry, written in the transaction that creates the version. The rows are enough to rebuild
--   the inquiry's mutable fields.
-- reason: why the transition was made, where a reason was given.
-- appointment_time: the inquiry's, after the transition.
CREATE TABLE IF NOT EXISTS inquiry_history (
    inquiry_id BIGINT NOT NULL,
    version INT NOT NULL,
    made_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason VARCHAR(500) NULL,
    appointment_time DATETIME NOT NULL,
    PRIMARY KEY (inquiry_id, version),
    CONSTRAINT inquiry_history_inquiry FOREIGN KEY (inquiry_id) REFERENCES inquiry (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Written once, never changed.
-- inquiry_video, medical_img: the CID of a file in our store (..._held), or text returned unchanged.
CREATE TABLE IF NOT EXISTS medical_record (
    id BIGINT NOT NULL AUTO_INCREMENT,
    inquiry_id BIGINT NOT NULL,
    diagnostic_description TEXT NOT NULL,
    inquiry_video VARCHAR(1000) NOT NULL,
    inquiry_video_held BOOLEAN NOT NULL,
    medical_img VARCHAR(1000) NOT NULL,
    medical_img_held BOOLEAN NOT NULL,
    needs_drugs BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY medical_record_inquiry (inquiry_id),
    CONSTRAINT medical_record_of_inquiry FOREIGN KEY (inquiry_id) REFERENCES inquiry (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Addenda to a record: written once, never changed.
-- medical_img, inquiry_video: as of a medical record; NULL if there is none.
CREATE TABLE IF NOT EXISTS medical_addendum (
    id BIGINT NOT NULL AUTO_INCREMENT,
    medical_record_id BIGINT NOT NULL,
    made_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME NOT NULL,
    content TEXT NOT NULL,
    reason VARCHAR(500) NOT NULL,
    medical_img VARCHAR(1000) NULL,
    medical_img_held BOOLEAN NOT NULL,
    inquiry_video VARCHAR(1000) NULL,
    inquiry_video_held BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    KEY medical_addendum_record (medical_record_id, id),
    CONSTRAINT medical_addendum_of_record FOREIGN KEY (medical_record_id) REFERENCES medical_record (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- inquiry_id, patient_uuid: copies from the inquiry, which never changes them. physician_uuid: who buys the drugs, at first the
--   inquiry's physician; a
--   person's drug orders are listed along one index.
-- purchased: whether `DrugOrderStatus::is_purchased` holds for the status, like "ended" in inquiry.
-- certificate: like the files of a medical record.
-- created_on: the day at the hospital, whose time zone the database does not know.
CREATE TABLE IF NOT EXISTS drug_order (
    id BIGINT NOT NULL AUTO_INCREMENT,
    version INT NOT NULL,
    medical_record_id BIGINT NOT NULL,
    inquiry_id BIGINT NOT NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status SMALLINT NOT NULL,
    purchased BOOLEAN GENERATED ALWAYS AS (status IN (1, 2, 3)) STORED,
    certificate VARCHAR(1000) NULL,
    certificate_held BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    created_on DATE NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY drug_order_medical_record (medical_record_id),
    KEY drug_order_status (status, id),
    KEY drug_order_purchased (purchased, id),
    KEY drug_order_of_patient (patient_uuid, id, status),
    KEY drug_order_of_physician (physician_uuid, id, status),
    KEY drug_order_created_on (created_on),
    CONSTRAINT drug_order_of_record FOREIGN KEY (medical_record_id) REFERENCES medical_record (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Like inquiry_history. certificate: the order's, after the transition.
CREATE TABLE IF NOT EXISTS drug_order_history (
    drug_order_id BIGINT NOT NULL,
    version INT NOT NULL,
    made_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason VARCHAR(500) NULL,
    certificate VARCHAR(1000) NULL,
    certificate_held BOOLEAN NOT NULL,
    PRIMARY KEY (drug_order_id, version),
    CONSTRAINT drug_order_history_order FOREIGN KEY (drug_order_id) REFERENCES drug_order (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ------------------------------------------------------------------------------------------------------------------
-- Events

-- Events without a number yet, written in the transaction of the transition they announce. Moved to "event" within a
-- second, in id order. Ids are not assigned in commit order, so readers cannot continue by them; but of one record,
-- the later transition has the larger id, because it began after the earlier one was committed.
-- status: of an inquiry, or of a drug order where the subject is one. former_physician_uuid: from whom the
--   transition took the record.
CREATE TABLE IF NOT EXISTS event_outbox (
    id BIGINT NOT NULL AUTO_INCREMENT,
    event_type SMALLINT NOT NULL,
    happened_at DATETIME NOT NULL,
    subject_kind SMALLINT NOT NULL,
    subject_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    former_physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Events in reading order: sequence numbers are gapless, and no event is added below an existing one. Deleted after
-- seven days.
CREATE TABLE IF NOT EXISTS event (
    sequence BIGINT NOT NULL,
    event_type SMALLINT NOT NULL,
    happened_at DATETIME NOT NULL,
    subject_kind SMALLINT NOT NULL,
    subject_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    former_physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Positions in the sequence of events.
-- name: 0 the last assigned number (advanced by compare-and-swap, so that one instance at a time assigns numbers); 1 the
--   last event queued for the webhook receiver.
CREATE TABLE IF NOT EXISTS event_cursor (
    name SMALLINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO event_cursor (name, sequence) VALUES (0, 0);

-- Webhook deliveries that are queued or were given up; successful ones are deleted. With copies of the events, because given-up
-- deliveries outlive them.
-- state: 0 queued, 1 given up. claim: grows with each claim; outcomes are recorded by compare-and-swap on it. due_at: time
--   of the next attempt; of a claimed delivery, the end of the claim. was_down: whether the last failure was that the receiver
--   was down. webhook_delivery_due: due deliveries. webhook_delivery_subject: earlier deliveries of the same record.
CREATE TABLE IF NOT EXISTS webhook_delivery (
    sequence BIGINT NOT NULL,
    event_type SMALLINT NOT NULL,
    happened_at DATETIME NOT NULL,
    subject_kind SMALLINT NOT NULL,
    subject_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    former_physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    state SMALLINT NOT NULL,
    claim INT NOT NULL,
    failures INT NOT NULL,
    queued_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    was_down BOOLEAN NOT NULL,
    failure VARCHAR(200) NOT NULL,
    PRIMARY KEY (sequence),
    KEY webhook_delivery_due (state, due_at, sequence),
    KEY webhook_delivery_subject (subject_kind, subject_id, state, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

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
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- tally_delta_sum: the changes of a number are summed from the index alone.
CREATE TABLE IF NOT EXISTS tally_delta (
    id BIGINT NOT NULL AUTO_INCREMENT,
    kind SMALLINT NOT NULL,
    code SMALLINT NOT NULL,
    span BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY tally_delta_sum (kind, code, span, n)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ------------------------------------------------------------------------------------------------------------------
-- The service itself

-- A row for each transaction committed in the last minutes, which shows whether a transaction was committed when the
-- response to its COMMIT was lost (crates/storage/src/engine/marker.rs). Not needed with SQLite, which runs in-process.
CREATE TABLE IF NOT EXISTS commit_marker (
    id BINARY(16) NOT NULL,
    made_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    KEY commit_marker_made (made_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The first answers to requests with an Idempotency-Key, for a day; written in the transaction that creates the record.
-- key_digest: of the key, which stays a secret of its sender. body_digest: of the key and the request together, so that
--   nobody can try passwords on it who does not know the key.
CREATE TABLE IF NOT EXISTS idempotent_answer (
    caller CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    route VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    key_digest BINARY(32) NOT NULL,
    body_digest BINARY(32) NOT NULL,
    answer MEDIUMTEXT NOT NULL,
    made_at DATETIME NOT NULL,
    PRIMARY KEY (caller, route, key_digest),
    KEY idempotent_answer_made (made_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Written by the service to test whether the database accepts changes again after it was full or read-only.
CREATE TABLE IF NOT EXISTS write_probe (
    id SMALLINT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ------------------------------------------------------------------------------------------------------------------
-- Files

-- Uploads: an uploader may reference the file in a record.
CREATE TABLE IF NOT EXISTS upload (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cid VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at DATETIME NOT NULL,
    PRIMARY KEY (account_uuid, cid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Files that the Kubo node has or will get.
-- pin_backlog: number, size and age of queued files are read from the index alone.
CREATE TABLE IF NOT EXISTS pin (
    cid VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    queued_at DATETIME NOT NULL,
    pinned_at DATETIME NULL,
    PRIMARY KEY (cid),
    KEY pin_backlog (status, queued_at, size)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ------------------------------------------------------------------------------------------------------------------
-- The language model

-- Turns of conversations. Those of the assistant (speaker 2) are generated text.
-- No foreign key to the account: after restoring a backup, a valid token may belong to a missing account.
CREATE TABLE IF NOT EXISTS conversation_turn (
    id BIGINT NOT NULL AUTO_INCREMENT,
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    speaker SMALLINT NOT NULL,
    is_generated BOOLEAN NOT NULL,
    content MEDIUMTEXT NOT NULL,
    -- The text sent to the model, if masking changed it.
    sent MEDIUMTEXT NULL,
    is_cut_off BOOLEAN NOT NULL,
    model VARCHAR(255) NOT NULL,
    said_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    KEY conversation_turn_of_account (account_uuid, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The latest summary of each account; always generated text. turn_id, medical_record_id: the last input it covers.
CREATE TABLE IF NOT EXISTS conversation_summary (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    content TEXT NOT NULL,
    turn_id BIGINT NULL,
    medical_record_id BIGINT NULL,
    model VARCHAR(255) NOT NULL,
    made_at DATETIME NOT NULL,
    PRIMARY KEY (account_uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- An account's use of daily quotas, by day at the hospital.
-- quota: 0 uploaded bytes, 1 phone number changes.
CREATE TABLE IF NOT EXISTS quota_use (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    quota SMALLINT NOT NULL,
    used_on DATE NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account_uuid, quota, used_on),
    KEY quota_use_day (used_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Number of an account's calls to the model, by day at the hospital, for the daily limit.
CREATE TABLE IF NOT EXISTS model_call (
    account_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    called_on DATE NOT NULL,
    calls INT NOT NULL,
    PRIMARY KEY (account_uuid, called_on),
    KEY model_call_day (called_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ------------------------------------------------------------------------------------------------------------------
-- Imports of rosters

-- seq: the order of imports, to find an account's newest.
-- state: 0 running, 1 done, 2 failed. fault: the fault of the file.
-- last_heartbeat_at: the last heartbeat; an import that has stopped sending them was interrupted.
-- holds_file: whether an instance still has the file of this dry run. follows: the dry run whose file is imported; unique, so
--   that a file is imported once.
-- remarks: what of the file was not used, separated by U+001E: a sheet and a column with U+001F between them, or a sheet.
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
    last_heartbeat_at DATETIME NOT NULL,
    holds_file BOOLEAN NOT NULL,
    follows CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    remarks TEXT NULL,
    PRIMARY KEY (seq),
    UNIQUE KEY import_job_id (id),
    UNIQUE KEY import_job_follows (follows),
    KEY import_job_of_account (started_by, seq),
    KEY import_job_heartbeat (last_heartbeat_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Rows that were not imported, until they are deleted.
-- problems: slugs separated by spaces. cells: pairs of column and text, separated by U+001F inside a pair and U+001E
--   between pairs.
CREATE TABLE IF NOT EXISTS import_row (
    job_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    place INT NOT NULL,
    sheet VARCHAR(255) NOT NULL,
    source_row BIGINT NOT NULL,
    problems VARCHAR(1000) NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (job_id, place)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- ------------------------------------------------------------------------------------------------------------------
-- The audit log: append-only. Times are microseconds since 1970 in UTC. No foreign keys: an entry outlives the records it
-- refers to.

-- One chain per run of an instance, and per month of a long run.
CREATE TABLE IF NOT EXISTS audit_chain (
    id BINARY(16) NOT NULL,
    instance VARCHAR(255) NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Entries written together share one row, a JSON array, so that a single entry is cheap.
-- sequence: the position of the first entry in the chain. links: the hash before it, and each entry's hash.
-- recorded_first, recorded_last: the times of the oldest and the newest entry, at most a minute apart, so that the blocks
--   of a time range are a range of recorded_first.
-- body: the entries in UTF-8; not TEXT, which takes twice as long: CONVERT(body USING utf8mb4).
-- audit_block_recorded: lists in time order; totals are summed from the index alone.
CREATE TABLE IF NOT EXISTS audit_block (
    id BIGINT NOT NULL AUTO_INCREMENT,
    chain BINARY(16) NOT NULL,
    sequence BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    recorded_first BIGINT NOT NULL,
    recorded_last BIGINT NOT NULL,
    links BLOB NOT NULL,
    body MEDIUMBLOB NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY audit_block_place (chain, sequence),
    KEY audit_block_recorded (recorded_first, id, entries)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Search index of blocks by person, written in the block's transaction. The key lists a person's blocks in time order.
-- role: 0 the agent, 1 the patient. entries: the number of the block's entries with the person in this role.
--   recorded_first: that of the block.
CREATE TABLE IF NOT EXISTS audit_person (
    person CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role SMALLINT NOT NULL,
    recorded_first BIGINT NOT NULL,
    block BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (person, role, recorded_first, block)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Events of changes, written in the transaction of the change, until they are linked into a chain.
-- writer: the chain of the instance that made the change, which links them within a second; any instance links older ones.
-- body: an entry as in audit_block.
CREATE TABLE IF NOT EXISTS audit_outbox (
    id BIGINT NOT NULL AUTO_INCREMENT,
    writer BINARY(16) NOT NULL,
    recorded BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Chains removed after the retention period, with their last hash: a head stored elsewhere can still be compared.
-- hash: the last hash. With deploy/audit-triggers.sql, rows of other chains cannot be deleted from the tables above.
CREATE TABLE IF NOT EXISTS audit_removal (
    chain BINARY(16) NOT NULL,
    entries BIGINT NOT NULL,
    hash BINARY(32) NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (chain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Results of the last verifications of all chains.
-- started_by: NULL for a command. chains, entries: the intact ones. unlinked: entries still in the outbox although it was time.
-- first_faults, heads: one per line.
CREATE TABLE IF NOT EXISTS audit_verification (
    id BIGINT NOT NULL AUTO_INCREMENT,
    ended_at DATETIME NOT NULL,
    started_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    chains BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    faults BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    unlinked BIGINT NOT NULL,
    first_faults TEXT NOT NULL,
    heads MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The verification that an admin started last, in a single row (id 0). Replaced by compare-and-swap on run, so that one runs at a
--   time.
CREATE TABLE IF NOT EXISTS audit_verification_run (
    id SMALLINT NOT NULL,
    run BIGINT NOT NULL,
    is_running BOOLEAN NOT NULL,
    started_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    started_at DATETIME NOT NULL,
    last_heartbeat_at DATETIME NOT NULL,
    chains_to_verify BIGINT NOT NULL,
    chains BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
