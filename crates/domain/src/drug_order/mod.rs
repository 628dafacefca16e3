//! The drug order: the physician buys and delivers drugs, and the hospital confirms.
//!
//! `pending` –purchase→ `purchased` –dispatch with a certificate→ `dispatched` –confirm
//! receipt→ `received`.

mod machine;

pub use machine::{DrugOrder, DrugOrderState, DrugOrderStatus};

use crate::account::{AccountUuid, Age, Hospital, PersonName, ReservedPhone, Sex};
use crate::enumeration::StatusSet;
use crate::file::FileReference;
use crate::inquiry::{InquiryDetail, InquiryStatus, VisitType};
use crate::medical_record::ConsultationNotes;
use crate::time::AppointmentTime;
use crate::transition::{HistoryEntry, Transition};

/// A decided move of a drug order.
pub type DrugOrderTransition = Transition<DrugOrder, DrugOrderStatus>;

/// One entry of a drug order's history, with the certificate that the order had after it.
pub type DrugOrderHistoryEntry = HistoryEntry<DrugOrderStatus, Option<FileReference>>;

/// A drug order with the consultation that asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugOrderDetails {
    /// The order.
    pub order: DrugOrder,
    /// The patient's name.
    pub patient_username: PersonName,
    /// The patient's sex, where known.
    pub patient_sex: Option<Sex>,
    /// The patient's age, where known.
    pub patient_age: Option<Age>,
    /// The physician's name.
    pub physician_username: PersonName,
    /// Where the physician works.
    pub hospital: Hospital,
    /// How far the inquiry has come.
    pub inquiry_status: InquiryStatus,
    /// Where the visit took place.
    pub visit_type: VisitType,
    /// When the visit took place.
    pub appointment_time: AppointmentTime,
    /// Whom to call about it.
    pub reserved_phone: Option<ReservedPhone>,
    /// What was the matter.
    pub inquiry_detail: InquiryDetail,
    /// What was recorded.
    pub notes: ConsultationNotes,
}

/// Whose drug orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrugOrderParty {
    /// Everybody's.
    Anyone,
    /// One patient's own.
    Patient(AccountUuid),
    /// One physician's own.
    Physician(AccountUuid),
}

/// Which drug orders a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugOrderFilter {
    /// Whose.
    pub party: DrugOrderParty,
    /// In which statuses.
    pub statuses: StatusSet<DrugOrderStatus>,
}

impl DrugOrderFilter {
    /// All drug orders of this party.
    pub fn all_of(party: DrugOrderParty) -> Self {
        Self { party, statuses: StatusSet::all() }
    }
}
