//! The drug order: the physician purchases and delivers drugs, and the hospital confirms receipt.
//!
//! `pending` –purchase→ `purchased` –dispatch with a certificate→ `dispatched` –confirm receipt→ `received`.

mod machine;

pub use machine::{DrugOrder, DrugOrderState, DrugOrderStatus};

use crate::account::{AccountUuid, Hospital, KnownAge, PersonName, ReservedPhone, Sex};
use crate::enumeration::StatusSet;
use crate::file::FileReference;
use crate::inquiry::{InquiryDetail, InquiryState, VisitType};
use crate::medical_record::ConsultationNotes;
use crate::time::AppointmentTime;
use crate::transition::{HistoryEntry, Transition};

/// A decided transition of a drug order.
pub type DrugOrderTransition = Transition<DrugOrder, DrugOrderStatus>;

/// One entry of a drug order's history, with the certificate that the order had after it.
pub type DrugOrderHistoryEntry = HistoryEntry<DrugOrderStatus, Option<FileReference>>;

/// A drug order with the consultation that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugOrderDetails {
    /// The order.
    pub order: DrugOrder,
    /// The patient's name.
    pub patient_username: PersonName,
    /// The patient's sex, if known.
    pub patient_sex: Option<Sex>,
    /// What is known of the patient's age, if anything is.
    pub patient_age: Option<KnownAge>,
    /// The physician's name.
    pub physician_username: PersonName,
    /// The physician's hospital.
    pub hospital: Hospital,
    /// The status of the inquiry.
    pub inquiry_state: InquiryState,
    /// Where the visit took place.
    pub visit_type: VisitType,
    /// Time of the visit.
    pub appointment_time: AppointmentTime,
    /// The phone number to call about the visit.
    pub reserved_phone: Option<ReservedPhone>,
    /// The patient's complaint.
    pub inquiry_detail: InquiryDetail,
    /// The physician's notes.
    pub notes: ConsultationNotes,
}

/// The party whose drug orders are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrugOrderParty {
    /// All parties.
    Anyone,
    /// A patient's own orders.
    Patient(AccountUuid),
    /// A physician's own orders.
    Physician(AccountUuid),
}

/// Filter of a list of drug orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugOrderFilter {
    /// The party.
    pub party: DrugOrderParty,
    /// The statuses.
    pub statuses: StatusSet<DrugOrderStatus>,
}

impl DrugOrderFilter {
    /// All drug orders of this party.
    pub fn all_of(party: DrugOrderParty) -> Self {
        Self { party, statuses: StatusSet::all() }
    }
}
