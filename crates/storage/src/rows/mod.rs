//! From rows to domain values and back: in one place per table.

mod account;
mod audit;
mod audit_body;
mod audit_posting;
mod code;
mod conversation;
mod drug_order;
mod history;
mod import;
mod inquiry;
mod login_attempt;
mod medical_record;
mod pin;
mod reading;
mod session;
mod tally;

pub(crate) use account::{AccountChangeset, AccountRow, CredentialsRow, NewAccountRow, name_bytes};
pub(crate) use audit::{BlockRow, ChainRow, NewBlockRow, stored_micros, stored_place};
pub(crate) use audit_body::SearchKeys;
pub(crate) use audit_posting::{PostingRow, Term};
pub(crate) use code::{
    ROLE_CODES, drug_order_status_code, inquiry_status_code, pin_status_code, quota_code, role_code,
    visit_type_of,
};
pub(crate) use conversation::{NewTurnRow, SummaryRow, TurnRow};
pub(crate) use drug_order::{DrugOrderRow, DrugOrderRows, NewDrugOrderRow, details as drug_order_details};
pub(crate) use history::{HistoryRow, NewDrugOrderHistoryRow, NewInquiryHistoryRow};
pub(crate) use import::{ImportJobRow, ImportRowRow, import_state_code, stored_count};
pub(crate) use inquiry::{InquiryRow, InquiryRows, NewInquiryRow, PatientRow, details as inquiry_details};
pub(crate) use login_attempt::{attempts_of, attempts_text, last_attempt};
pub(crate) use medical_record::{MedicalRecordRow, NewMedicalRecordRow, RecordOfInquiryRow, stored_file};
pub(crate) use pin::{NewPinRow, PinRow, stored_size};
pub(crate) use reading::{Reading, stored_time};
pub(crate) use session::{EndedSessionRow, NewSessionRow, SessionRow};
pub(crate) use tally::{Counter, NewDeltaRow};
