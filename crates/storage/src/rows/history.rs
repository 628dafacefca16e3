//! Rows of the histories of inquiries and drug orders.

#![expect(clippy::ref_option_ref, reason = "Diesel's derive takes references to all fields")]

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable};
use yilin_domain::drug_order::{DrugOrder, DrugOrderHistoryEntry, DrugOrderStatus};
use yilin_domain::id::Version;
use yilin_domain::inquiry::{Inquiry, InquiryHistoryEntry, InquiryStatus};
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::transition::{HistoryEntry, Provenance};

use super::code::StoredCode;
use super::column_reader::{ColumnReader, stored_time};
use super::medical_record::stored_file;
use crate::error::Corrupt;
use crate::schema::{drug_order_history, inquiry_history};

/// A history row of either kind, for reading: record, version, who, when, from, to, physician, reason.
#[derive(Queryable)]
pub(crate) struct HistoryRow {
    record: i64,
    version: i32,
    made_by: String,
    made_at: NaiveDateTime,
    from_status: Option<i16>,
    to_status: i16,
    physician_uuid: Option<String>,
    reason: Option<String>,
}

impl HistoryRow {
    /// The history entry; `table` is the table it comes from.
    fn entry<S: StoredCode, A>(
        self,
        table: &'static str,
        after: impl FnOnce(&ColumnReader<String>) -> Result<A, Corrupt>,
    ) -> Result<HistoryEntry<S, A>, Corrupt> {
        let columns = ColumnReader::new(table, format!("{}/{}", self.record, self.version));
        let reason = self.reason.as_deref();
        Ok(HistoryEntry {
            version: Version(self.version),
            by: columns.uuid("made_by", &self.made_by)?,
            at: self.made_at.and_utc(),
            reason: reason.map(|text| columns.value("reason", Reason::parse(text))).transpose()?,
            from: self.from_status.map(|code| columns.code("from_status", code)).transpose()?,
            to: columns.code("to_status", self.to_status)?,
            physician: columns.uuid_or_none("physician_uuid", self.physician_uuid.as_deref())?,
            after: after(&columns)?,
        })
    }
}

/// A row of an inquiry's history for reading, with the appointment time after it.
#[derive(Queryable)]
pub(crate) struct InquiryHistoryRow(HistoryRow, NaiveDateTime);

impl TryFrom<InquiryHistoryRow> for InquiryHistoryEntry {
    type Error = Corrupt;

    fn try_from(InquiryHistoryRow(row, appointment_time): InquiryHistoryRow) -> Result<Self, Corrupt> {
        row.entry("inquiry_history", |columns| {
            columns.value("appointment_time", AppointmentTime::new(appointment_time))
        })
    }
}

/// A row of a drug order's history for reading, with the certificate after it.
#[derive(Queryable)]
pub(crate) struct DrugOrderHistoryRow(HistoryRow, (Option<String>, bool));

impl TryFrom<DrugOrderHistoryRow> for DrugOrderHistoryEntry {
    type Error = Corrupt;

    fn try_from(DrugOrderHistoryRow(row, (text, held)): DrugOrderHistoryRow) -> Result<Self, Corrupt> {
        row.entry("drug_order_history", |columns| {
            text.map(|text| columns.file("certificate", text, held)).transpose()
        })
    }
}

/// A new row of an inquiry's history.
#[derive(Insertable)]
#[diesel(table_name = inquiry_history, treat_none_as_default_value = false)]
pub(crate) struct NewInquiryHistoryRow<'a> {
    inquiry_id: i64,
    version: i32,
    made_by: String,
    made_at: NaiveDateTime,
    from_status: Option<i16>,
    to_status: i16,
    physician_uuid: Option<String>,
    reason: Option<&'a str>,
    appointment_time: NaiveDateTime,
}

impl<'a> NewInquiryHistoryRow<'a> {
    /// The last transition of the inquiry.
    pub(crate) fn new(inquiry: &Inquiry, from: Option<InquiryStatus>, provenance: &'a Provenance) -> Self {
        Self {
            inquiry_id: inquiry.id.0,
            version: inquiry.version.0,
            made_by: provenance.by.to_string(),
            made_at: stored_time(provenance.at),
            from_status: from.map(StoredCode::code),
            to_status: inquiry.status().code(),
            physician_uuid: inquiry.physician().map(|uuid| uuid.to_string()),
            reason: provenance.reason.as_ref().map(Reason::as_str),
            appointment_time: inquiry.appointment_time.local(),
        }
    }
}

/// A new row of a drug order's history.
#[derive(Insertable)]
#[diesel(table_name = drug_order_history, treat_none_as_default_value = false)]
pub(crate) struct NewDrugOrderHistoryRow<'a> {
    drug_order_id: i64,
    version: i32,
    made_by: String,
    made_at: NaiveDateTime,
    from_status: Option<i16>,
    to_status: i16,
    physician_uuid: String,
    reason: Option<&'a str>,
    certificate: Option<&'a str>,
    certificate_held: bool,
}

impl<'a> NewDrugOrderHistoryRow<'a> {
    /// The last transition of the order.
    pub(crate) fn new(
        order: &'a DrugOrder,
        from: Option<DrugOrderStatus>,
        provenance: &'a Provenance,
    ) -> Self {
        let certificate = order.certificate().map(stored_file);
        Self {
            drug_order_id: order.id.0,
            version: order.version.0,
            made_by: provenance.by.to_string(),
            made_at: stored_time(provenance.at),
            from_status: from.map(StoredCode::code),
            to_status: order.status().code(),
            physician_uuid: order.physician.to_string(),
            reason: provenance.reason.as_ref().map(Reason::as_str),
            certificate: certificate.map(|(text, _)| text),
            certificate_held: certificate.is_some_and(|(_, held)| held),
        }
    }
}
