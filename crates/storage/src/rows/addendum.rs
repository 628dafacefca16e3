//! Rows of addenda to medical records.

#![expect(clippy::ref_option_ref, reason = "Diesel's derive takes references to all fields")]

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable};
use yilin_domain::account::{AccountSummary, PersonName};
use yilin_domain::inquiry::Amendment;
use yilin_domain::medical_record::{Addendum, AddendumNotes, AddendumText};
use yilin_domain::reason::Reason;

use super::column_reader::{ColumnReader, stored_time};
use super::medical_record::stored_file;
use crate::error::Corrupt;
use crate::schema::medical_addendum;

/// An addendum, as read, with its author's name and role.
#[derive(Queryable)]
pub(crate) struct AddendumRow {
    id: i64,
    made_by: String,
    made_at: NaiveDateTime,
    content: String,
    reason: String,
    medical_img: (Option<String>, bool),
    inquiry_video: (Option<String>, bool),
    maker: Option<(String, i16)>,
}

impl TryFrom<AddendumRow> for Addendum {
    type Error = Corrupt;

    fn try_from(row: AddendumRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("medical_addendum", row.id);
        let uuid = columns.uuid("made_by", &row.made_by)?;
        let (username, role) = columns.present("made_by", row.maker)?;
        let account = ColumnReader::new("account", uuid);
        let file = |column, (text, held): (Option<String>, bool)| {
            text.map(|text| columns.file(column, text, held)).transpose()
        };
        Ok(Self {
            at: row.made_at.and_utc(),
            by: AccountSummary {
                uuid,
                username: account.value("username", PersonName::parse(&username))?,
                role: account.code("role", role)?,
            },
            reason: columns.value("reason", Reason::parse(&row.reason))?,
            notes: AddendumNotes {
                text: columns.value("content", AddendumText::parse(&row.content))?,
                medical_img: file("medical_img", row.medical_img)?,
                inquiry_video: file("inquiry_video", row.inquiry_video)?,
            },
        })
    }
}

/// An addendum, as stored.
#[derive(Insertable)]
#[diesel(table_name = medical_addendum, treat_none_as_default_value = false)]
pub(crate) struct NewAddendumRow<'a> {
    medical_record_id: i64,
    made_by: String,
    made_at: NaiveDateTime,
    content: &'a str,
    reason: &'a str,
    medical_img: Option<&'a str>,
    medical_img_held: bool,
    inquiry_video: Option<&'a str>,
    inquiry_video_held: bool,
}

impl<'a> From<&'a Amendment> for NewAddendumRow<'a> {
    fn from(amendment: &'a Amendment) -> Self {
        let (notes, provenance) = (&amendment.notes, &amendment.inquiry.provenance);
        let medical_img = notes.medical_img.as_ref().map(stored_file);
        let inquiry_video = notes.inquiry_video.as_ref().map(stored_file);
        Self {
            medical_record_id: amendment.record.0,
            made_by: provenance.by.to_string(),
            made_at: stored_time(provenance.at),
            content: notes.text.as_str(),
            reason: amendment.reason.as_str(),
            medical_img: medical_img.map(|(text, _)| text),
            medical_img_held: medical_img.is_some_and(|(_, held)| held),
            inquiry_video: inquiry_video.map(|(text, _)| text),
            inquiry_video_held: inquiry_video.is_some_and(|(_, held)| held),
        }
    }
}
