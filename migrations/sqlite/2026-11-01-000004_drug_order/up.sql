-- created_on is the day at the hospital, whose zone the database does not know.
-- "purchased" follows from the status: bought, or anything later.
CREATE TABLE IF NOT EXISTS drug_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version INTEGER NOT NULL,
    medical_record_id BIGINT NOT NULL UNIQUE REFERENCES medical_record (id),
    inquiry_id BIGINT NOT NULL,
    patient_uuid TEXT NOT NULL,
    physician_uuid TEXT NOT NULL,
    status SMALLINT NOT NULL,
    purchased BOOLEAN GENERATED ALWAYS AS (status >= 1) STORED,
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

-- The key is the natural one: a record has one entry per version.
CREATE TABLE IF NOT EXISTS drug_order_history (
    drug_order_id BIGINT NOT NULL REFERENCES drug_order (id),
    version INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid TEXT NULL,
    PRIMARY KEY (drug_order_id, version)
) WITHOUT ROWID;
