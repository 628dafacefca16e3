-- The names of the parties are copies, for searching by them in the order of ids; names never change.
-- "ended" follows from the status, so that a list of both ended states is one walk along an index.
-- "appointment_day" follows from the time, for counting visits per day along an index.
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
    ended BOOLEAN GENERATED ALWAYS AS (status >= 3) STORED,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS inquiry_status ON inquiry (status, id);
CREATE INDEX IF NOT EXISTS inquiry_ended ON inquiry (ended, id);
CREATE INDEX IF NOT EXISTS inquiry_of_patient ON inquiry (patient_uuid, id, status);
CREATE INDEX IF NOT EXISTS inquiry_of_physician ON inquiry (physician_uuid, id, status);
CREATE INDEX IF NOT EXISTS inquiry_patient_name ON inquiry (patient_username, status);
CREATE INDEX IF NOT EXISTS inquiry_physician_name ON inquiry (physician_username, status);
CREATE INDEX IF NOT EXISTS inquiry_appointment ON inquiry (appointment_day, visit_type);

-- The key is the natural one: a record has one entry per version.
CREATE TABLE IF NOT EXISTS inquiry_history (
    inquiry_id BIGINT NOT NULL REFERENCES inquiry (id),
    version INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid TEXT NULL,
    PRIMARY KEY (inquiry_id, version)
) WITHOUT ROWID;
