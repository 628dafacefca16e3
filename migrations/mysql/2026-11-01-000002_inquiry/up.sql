-- The names of the parties are copies, for searching by them in the order of ids; names never change.
-- "ended" follows from the status, so that a list of both ended states is one walk along an index.
-- "appointment_day" follows from the time, for counting visits per day along an index.
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
    ended BOOLEAN GENERATED ALWAYS AS (status >= 3) STORED,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    KEY inquiry_status (status, id),
    KEY inquiry_ended (ended, id),
    KEY inquiry_of_patient (patient_uuid, id, status),
    KEY inquiry_of_physician (physician_uuid, id, status),
    KEY inquiry_patient_name (patient_username, status),
    KEY inquiry_physician_name (physician_username, status),
    KEY inquiry_appointment (appointment_day, visit_type),
    CONSTRAINT inquiry_patient FOREIGN KEY (patient_uuid) REFERENCES account (uuid),
    CONSTRAINT inquiry_physician FOREIGN KEY (physician_uuid) REFERENCES account (uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The key is the natural one: a record has one entry per version.
CREATE TABLE IF NOT EXISTS inquiry_history (
    inquiry_id BIGINT NOT NULL,
    version INT NOT NULL,
    made_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (inquiry_id, version),
    CONSTRAINT inquiry_history_inquiry FOREIGN KEY (inquiry_id) REFERENCES inquiry (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
