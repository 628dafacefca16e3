//! The port that stores inquiries.

use async_trait::async_trait;

use super::PortError;
use crate::id::InquiryId;
use crate::inquiry::{
    InquiryDetails, InquiryFilter, InquiryHistoryEntry, InquiryTransition, ScheduleSpan, ScheduledVisit,
    Submission, Submitted,
};
use crate::list::{Page, PageRequest};
use crate::transition::{Provenance, Stale};

/// Stores inquiries with their history, and an event for each move, in one unit of work.
#[async_trait]
pub trait InquiryRepository: Send + Sync {
    /// Stores a submitted inquiry, the first entry of its history and its event. The patient's account exists.
    ///
    /// If the submission has a [`RepetitionDigest`](crate::inquiry::RepetitionDigest), and there is an inquiry of the same
    /// patient with the same one that it [repeats](Submission::repeats), nothing is stored, and that inquiry is returned.
    /// Of several equal ones at once, one is stored and all callers get it. After its first transition an inquiry is no
    /// longer matched. Of equal inquiries, the newest is matched.
    ///
    /// With a receipt, the answer is stored together with the inquiry; nothing is stored if the key was used before.
    async fn create(&self, submission: Submission, provenance: Provenance) -> Result<Submitted, PortError>;

    /// The inquiry with this id.
    async fn find(&self, id: InquiryId) -> Result<Option<InquiryDetails>, PortError>;

    /// Stores a transition, its history entry and its event, or nothing and [`Stale`] if the stored version is not the
    /// one the transition is based on, or if the physician to whom it [assigns](InquiryTransition::assigned) the visit is
    /// disabled. Not for transitions that write to a medical record: see
    /// [`MedicalRecordRepository`](super::MedicalRecordRepository).
    async fn save(&self, transition: &InquiryTransition) -> Result<Result<(), Stale>, PortError>;

    /// The inquiry's history, oldest first; empty if there is no such inquiry.
    async fn history(&self, id: InquiryId) -> Result<Vec<InquiryHistoryEntry>, PortError>;

    /// The visits of a physician in this span that are not cancelled, ordered by time and id.
    async fn schedule(&self, span: &ScheduleSpan) -> Result<Vec<ScheduledVisit>, PortError>;

    /// One page, newest (largest id) first. A page past the end is empty.
    async fn page(
        &self,
        filter: &InquiryFilter,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, PortError>;

    /// At most `limit` inquiries with an id below `before` (or the first ones), newest first; fewer only at
    /// the end.
    async fn batch(
        &self,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        limit: u16,
    ) -> Result<Vec<InquiryDetails>, PortError>;
}
