//! Rows of medical records.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::file::{ContentId, FileReference};
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::medical_record::{
    ConsultationNotes, DiagnosticDescription, MedicalRecord, MedicalRecordOfInquiry,
};
use yilin_domain::time::Timestamp;

use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::medical_record;

/// A medical record row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = medical_record)]
pub(crate) struct MedicalRecordRow {
    id: i64,
    inquiry_id: i64,
    diagnostic_description: String,
    inquiry_video: String,
    inquiry_video_held: bool,
    medical_img: String,
    medical_img_held: bool,
    needs_drugs: bool,
    created_at: NaiveDateTime,
}

impl TryFrom<MedicalRecordRow> for MedicalRecord {
    type Error = Corrupt;

    fn try_from(row: MedicalRecordRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("medical_record", row.id);
        Ok(Self {
            id: MedicalRecordId(row.id),
            inquiry: InquiryId(row.inquiry_id),
            notes: ConsultationNotes {
                diagnostic_description: columns.value(
                    "diagnostic_description",
                    DiagnosticDescription::parse(&row.diagnostic_description),
                )?,
                inquiry_video: columns.file("inquiry_video", row.inquiry_video, row.inquiry_video_held)?,
                medical_img: columns.file("medical_img", row.medical_img, row.medical_img_held)?,
                needs_drugs: row.needs_drugs,
            },
            created_at: row.created_at.and_utc(),
        })
    }
}

impl<K: std::fmt::Display> ColumnReader<K> {
    /// The file reference in a column.
    pub(super) fn file(
        &self,
        column: &'static str,
        text: String,
        held: bool,
    ) -> Result<FileReference, Corrupt> {
        Ok(if held {
            FileReference::Held(self.value(column, ContentId::parse(&text))?)
        } else {
            FileReference::AsGiven(text)
        })
    }
}

/// The stored form of a file reference: its text, and whether the file is in our store.
pub(crate) fn stored_file(file: &FileReference) -> (&str, bool) {
    match file {
        FileReference::Held(cid) => (cid.as_str(), true),
        FileReference::AsGiven(text) => (text, false),
    }
}

/// The parties of an inquiry (its id, patient, physician) and its record, if it has one.
#[derive(Queryable)]
pub(crate) struct RecordOfInquiryRow((i64, String, Option<String>), Option<MedicalRecordRow>);

impl TryFrom<RecordOfInquiryRow> for MedicalRecordOfInquiry {
    type Error = Corrupt;

    fn try_from(
        RecordOfInquiryRow((id, patient, physician), record): RecordOfInquiryRow,
    ) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("inquiry", id);
        Ok(Self {
            patient: columns.uuid("patient_uuid", &patient)?,
            physician: columns.uuid_or_none("physician_uuid", physician.as_deref())?,
            record: record.map(MedicalRecord::try_from).transpose()?,
            addenda: Vec::new(),
        })
    }
}

/// A new medical record row.
#[derive(Insertable)]
#[diesel(table_name = medical_record, treat_none_as_default_value = false)]
pub(crate) struct NewMedicalRecordRow<'a> {
    inquiry_id: i64,
    diagnostic_description: &'a str,
    inquiry_video: &'a str,
    inquiry_video_held: bool,
    medical_img: &'a str,
    medical_img_held: bool,
    needs_drugs: bool,
    created_at: NaiveDateTime,
}

impl<'a> NewMedicalRecordRow<'a> {
    pub(crate) fn new(inquiry: InquiryId, notes: &'a ConsultationNotes, at: Timestamp) -> Self {
        let (inquiry_video, inquiry_video_held) = stored_file(&notes.inquiry_video);
        let (medical_img, medical_img_held) = stored_file(&notes.medical_img);
        Self {
            inquiry_id: inquiry.0,
            diagnostic_description: notes.diagnostic_description.as_str(),
            inquiry_video,
            inquiry_video_held,
            medical_img,
            medical_img_held,
            needs_drugs: notes.needs_drugs,
            created_at: stored_time(at),
        }
    }
}
