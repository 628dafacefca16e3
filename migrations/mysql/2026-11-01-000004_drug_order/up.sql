-- created_on is the day at the hospital, whose zone the database does not know.
-- "purchased" follows from the status: bought, or anything later.
CREATE TABLE IF NOT EXISTS drug_order (
    id BIGINT NOT NULL AUTO_INCREMENT,
    version INT NOT NULL,
    medical_record_id BIGINT NOT NULL,
    inquiry_id BIGINT NOT NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status SMALLINT NOT NULL,
    purchased BOOLEAN GENERATED ALWAYS AS (status >= 1) STORED,
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

-- The key is the natural one: a record has one entry per version.
CREATE TABLE IF NOT EXISTS drug_order_history (
    drug_order_id BIGINT NOT NULL,
    version INT NOT NULL,
    made_by CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME NOT NULL,
    from_status SMALLINT NULL,
    to_status SMALLINT NOT NULL,
    physician_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (drug_order_id, version),
    CONSTRAINT drug_order_history_order FOREIGN KEY (drug_order_id) REFERENCES drug_order (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
