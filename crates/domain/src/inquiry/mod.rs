//! The inquiry: a resident's request for a visit, from submission to the hospital's approval.
//!
//! `submitted` –appoint→ `assigned` –accept→ `accepted` –register→ `registered` –approve→
//! `approved`; declining leads from `assigned` back to `submitted`, and reassigning from `accepted` to
//! `assigned`. Until it is registered it can be cancelled, which is final. The hospital may send a
//! registered one back: `registered` –return→ `returned` –addendum→ `registered`.

mod correction;
mod deadline;
mod draft;
mod filter;
mod hospital_step;
mod machine;
mod schedule;
mod state;
mod submission;

pub use correction::{Amendment, Rescheduler};
pub use deadline::Deadlines;
pub use draft::{InquiryDetail, InquiryDraft, VisitType};
pub use filter::{DayRange, InquiryFilter, InquiryParty, PatientCriterion, VisitFilter};
pub use hospital_step::HospitalStep;
pub use machine::{Appointment, Inquiry, Registration};
pub use schedule::{Clash, ScheduleSpan, ScheduledVisit};
pub use state::{Assignment, Awaited, InquiryState, InquiryStatus, StateParts, UnfitPart};
pub use submission::{RepetitionDigest, Submission, Submitted};

use crate::account::{Account, AccountUuid, Hospital, KnownAge, PersonName, Sex};
use crate::time::AppointmentTime;
use crate::transition::{HistoryEntry, Transition};

/// A decided transition of an inquiry.
pub type InquiryTransition = Transition<Inquiry, InquiryStatus>;

/// One entry of an inquiry's history, with the time that was appointed after it.
pub type InquiryHistoryEntry = HistoryEntry<InquiryStatus, AppointmentTime>;

/// The data of a patient that the parties of an inquiry may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientSummary {
    /// The patient's account.
    pub uuid: AccountUuid,
    /// The patient's name.
    pub username: PersonName,
    /// The patient's sex, if known.
    pub sex: Option<Sex>,
    /// What is known of the patient's age, if anything is.
    pub age: Option<KnownAge>,
}

impl From<&Account> for PatientSummary {
    fn from(account: &Account) -> Self {
        Self { uuid: account.uuid, username: account.username.clone(), sex: account.sex, age: account.age }
    }
}

/// The data of a physician that the parties of an inquiry may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicianSummary {
    /// The physician's account.
    pub uuid: AccountUuid,
    /// The physician's name.
    pub username: PersonName,
    /// The physician's sex, if known.
    pub sex: Option<Sex>,
    /// The physician's hospital.
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

/// An inquiry with its parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryDetails {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// The patient.
    pub patient: PatientSummary,
    /// The current physician, if one is assigned.
    pub physician: Option<PhysicianSummary>,
}

impl InquiryDetails {
    /// Whether this account is the inquiry's patient or its current physician.
    pub fn has_party(&self, account: AccountUuid) -> bool {
        self.inquiry.patient == account || self.inquiry.physician() == Some(account)
    }
}
