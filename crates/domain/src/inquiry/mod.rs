//! The inquiry: a resident's request for a visit, from submission to the hospital's approval.
//!
//! `submitted` –appoint→ `assigned` –accept→ `accepted` –register→ `registered` –approve→
//! `approved`; declining leads from `assigned` back to `submitted`.

mod draft;
mod filter;
mod machine;

pub use draft::{InquiryDetail, InquiryDraft, VisitType};
pub use filter::{InquiryFilter, InquiryParty};
pub use machine::{Appointment, Inquiry, InquiryState, InquiryStatus, Registration};

use crate::account::{Account, AccountUuid, Age, Hospital, PersonName, Sex};
use crate::time::AppointmentTime;
use crate::transition::{HistoryEntry, Transition};

/// A decided move of an inquiry.
pub type InquiryTransition = Transition<Inquiry, InquiryStatus>;

/// One entry of an inquiry's history, with the time that was appointed after it.
pub type InquiryHistoryEntry = HistoryEntry<InquiryStatus, AppointmentTime>;

/// What the parties of an inquiry may know of its patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientSummary {
    /// The patient's account.
    pub uuid: AccountUuid,
    /// The patient's name.
    pub username: PersonName,
    /// The patient's sex, where known.
    pub sex: Option<Sex>,
    /// The patient's age, where known.
    pub age: Option<Age>,
}

impl From<&Account> for PatientSummary {
    fn from(account: &Account) -> Self {
        Self { uuid: account.uuid, username: account.username.clone(), sex: account.sex, age: account.age }
    }
}

/// What the parties of an inquiry may know of its physician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicianSummary {
    /// The physician's account.
    pub uuid: AccountUuid,
    /// The physician's name.
    pub username: PersonName,
    /// The physician's sex, where known.
    pub sex: Option<Sex>,
    /// Where the physician works.
    pub hospital: Hospital,
}

impl From<&Account> for PhysicianSummary {
    fn from(account: &Account) -> Self {
        Self {
            uuid: account.uuid,
            username: account.username.clone(),
            sex: account.sex,
            hospital: account.hospital.clone(),
        }
    }
}

/// An inquiry with the people it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryDetails {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// Who asked for the visit.
    pub patient: PatientSummary,
    /// Who is assigned, if anybody is.
    pub physician: Option<PhysicianSummary>,
}

impl InquiryDetails {
    /// Whether this account is the inquiry's patient or its present physician.
    pub fn has_party(&self, account: AccountUuid) -> bool {
        self.inquiry.patient == account || self.inquiry.physician() == Some(account)
    }
}
