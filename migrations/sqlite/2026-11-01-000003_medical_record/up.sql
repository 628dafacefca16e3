-- A file is a CID that we hold (held) or text that is given back as it came.
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
