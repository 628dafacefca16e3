//! Conversion between rows and domain values, in one place per table.

mod account;
mod addendum;
mod audit;
mod code;
mod column_reader;
mod conversation;
mod count;
mod drug_order;
mod event;
mod history;
mod import;
mod inquiry;
mod known_age;
mod login_attempt;
mod medical_record;
mod name_part;
mod pin;
mod session;
mod standing;
mod tally;
mod verification;
mod webhook;

pub(crate) use account::{AccountChangeset, AccountRow, CredentialsRow, NewAccountRow, name_bytes};
pub(crate) use addendum::{AddendumRow, NewAddendumRow};
pub(crate) use audit::{
    BlockRow, ChainRow, NewBlock, NewOutboxRow, OutboxRow, PersonRow, RemovalRow, chain_id, id_bytes,
    stored_micros, stored_place,
};
pub use code::StoredCode;
pub(crate) use column_reader::{ColumnReader, stored_time};
pub(crate) use conversation::{NewTurnRow, SummaryRow, TurnRow};
pub(crate) use count::{counted, rows_changed};
pub(crate) use drug_order::{DrugOrderRow, DrugOrderRows, NewDrugOrderRow, details as drug_order_details};
pub(crate) use event::{EventRow, NewEventRow, NewPendingEventRow};
pub(crate) use history::{
    DrugOrderHistoryRow, InquiryHistoryRow, NewDrugOrderHistoryRow, NewInquiryHistoryRow,
};
pub(crate) use import::{
    ImportJobRow, ImportRowRow, import_state_code, remarks_of, stored_count, stored_remarks,
};
pub(crate) use inquiry::{
    InquiryRow, InquiryRows, NewInquiryRow, ScheduledVisitRow, StateColumns, details as inquiry_details,
};
pub(crate) use login_attempt::{attempts_of, attempts_text, last_attempt};
pub(crate) use medical_record::{MedicalRecordRow, NewMedicalRecordRow, RecordOfInquiryRow, stored_file};
pub(crate) use name_part::NewNamePartRow;
pub(crate) use pin::{NewPinRow, PinRow, stored_size};
pub(crate) use session::{EndedSessionRow, NewSessionRow, SessionRow};
pub(crate) use standing::{NewStandingRow, StandingRow};
pub(crate) use tally::{Counters, IDS_IN_SPAN, Level, NewDeltaRow, day_of_span, last_id_in, span_of_day};
pub(crate) use verification::{NewVerificationRow, VerificationRow, VerificationRunRow};
pub(crate) use webhook::{DeliveryRow, NewDeliveryRow};
