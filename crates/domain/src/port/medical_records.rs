//! The port that stores medical records.

use async_trait::async_trait;

use super::PortError;
use crate::account::AccountUuid;
use crate::id::{InquiryId, MedicalRecordId};
use crate::idempotency::KeyUsed;
use crate::inquiry::{Amendment, Registration};
use crate::medical_record::{MedicalRecord, MedicalRecordOfInquiry, Registered};
use crate::transition::Stale;

/// Why an addendum was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmendRefused {
    /// The inquiry has changed since it was read.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The request was answered before.
    #[error(transparent)]
    KeyUsed(#[from] KeyUsed),
}

/// Stores medical records and their addenda.
#[async_trait]
pub trait MedicalRecordRepository: Send + Sync {
    /// Stores the end of a consultation as a whole: the inquiry's transition with its history entry and event,
    /// the medical record and, if drugs are needed, a pending drug order with the first entry of its history and
    /// its event. [`Stale`], and nothing is stored, if the inquiry's stored version is not the one the transition is
    /// based on, or if the inquiry has a record.
    async fn register(&self, registration: &Registration) -> Result<Result<Registered, Stale>, PortError>;

    /// Stores an addendum as a whole: the inquiry's transition with its history entry, the addendum, and its
    /// event. [`Stale`], and nothing is stored, if the inquiry's stored version is not the one the transition is
    /// based on. With a receipt, the answer is stored as well; nothing is stored if the key was used before.
    async fn amend(&self, amendment: &Amendment) -> Result<Result<(), AmendRefused>, PortError>;

    /// The inquiry's parties, and its record with its addenda if it has one; `None` if there is no such inquiry.
    async fn of_inquiry(&self, inquiry: InquiryId) -> Result<Option<MedicalRecordOfInquiry>, PortError>;

    /// At most `limit` records of the patient, newest first.
    async fn of_patient(&self, patient: AccountUuid, limit: u16) -> Result<Vec<MedicalRecord>, PortError>;

    /// The record with this id, its addenda, and the parties of its inquiry.
    async fn find(&self, id: MedicalRecordId) -> Result<Option<MedicalRecordOfInquiry>, PortError>;
}
