-- A file is a CID that we hold (held) or text that is given back as it came.
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
