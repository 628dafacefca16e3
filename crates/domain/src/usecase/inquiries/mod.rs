//! Inquiries: submitting, reading, and their history.

mod appointing;
mod schedule;
mod selection;
mod steps;

pub use appointing::{PhysicianDay, PhysiciansOfDay, WantedVisit};
pub use schedule::ScheduleDays;
pub use selection::InquirySelection;

use std::sync::Arc;

use super::Context;
use super::history::{HistoryOf, named_history};
use crate::account::{Account, AccountUuid, Actor, ReservedPhone, Role};
use crate::error::Error;
use crate::id::{InquiryId, Version};
use crate::idempotency::Receipt;
use crate::inquiry::{
    InquiryDetail, InquiryDetails, InquiryDraft, InquiryHistoryEntry, PatientSummary, Submission, VisitType,
};
use crate::time::AppointmentTime;
use crate::validation::{FieldProblem, Invalid};

/// A request for a visit.
#[derive(Debug, Clone)]
pub struct InquiryRequest {
    /// The patient, if an admin submits for them; patients submit for themselves.
    pub patient: Option<AccountUuid>,
    /// The visit type.
    pub visit_type: VisitType,
    /// Time of the visit.
    pub appointment_time: AppointmentTime,
    /// The phone number to call about the visit; the patient's own by default.
    pub reserved_phone: Option<ReservedPhone>,
    /// The patient's complaint.
    pub detail: InquiryDetail,
}

/// Inquiries.
#[derive(Clone)]
pub struct Inquiries {
    context: Arc<Context>,
    /// The version that the caller saw, if steps depend on it.
    seen: Option<Version>,
}

impl Inquiries {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, seen: None }
    }

    /// The same, but steps are only taken if the inquiry still has the version that the caller saw; otherwise they are
    /// [`Error::Changed`].
    #[must_use]
    pub fn seen_at(&self, version: Option<Version>) -> Self {
        Self { seen: version, ..self.clone() }
    }

    /// A patient requests a visit, or the admin does for a patient. The patients' app resends a request that was
    /// not answered in time, so an equal request of the patient within some minutes returns the same inquiry.
    pub async fn submit(&self, actor: &Actor, request: InquiryRequest) -> Result<InquiryDetails, Error> {
        self.submit_once(actor, request, None).await
    }

    /// As [`Self::submit`], but a request with a receipt is a separate one unless its key was used before.
    pub async fn submit_once(
        &self,
        actor: &Actor,
        request: InquiryRequest,
        receipt: Option<Receipt<InquiryDetails>>,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Patient, Role::Admin])?;
        let uuid = if actor.is_admin() {
            request.patient.ok_or(Invalid::one("uuid", FieldProblem::Missing))?
        } else {
            actor.uuid
        };
        let account = self.context.ports.accounts.find(uuid).await?;
        let Some(patient) = account.filter(Account::is_active_patient) else {
            return Err(if actor.is_admin() {
                Invalid::one("uuid", FieldProblem::UnknownPatient).into()
            } else {
                Error::SessionWithoutAccount
            });
        };
        let draft = InquiryDraft {
            patient: PatientSummary::from(&patient),
            visit_type: request.visit_type,
            appointment_time: request.appointment_time,
            reserved_phone: request.reserved_phone.or_else(|| patient.phone.map(ReservedPhone::from)),
            detail: request.detail,
        };
        let provenance = self.context.provenance(actor);
        let submission = Submission::new(draft, &self.context.policy.deadlines, provenance.at);
        let submission = if actor.is_admin() { submission } else { submission.repeatable() };
        let submission = match receipt {
            Some(receipt) => submission.with_receipt(receipt),
            None => submission,
        };
        Ok(self.context.ports.inquiries.create(submission, provenance).await?.into_details()?)
    }

    /// An inquiry, for the admin and its parties.
    pub async fn find(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        let details = self.existing(id).await?;
        if actor.is_admin() || details.has_party(actor.uuid) { Ok(details) } else { Err(Error::NotFound) }
    }

    /// The history of an inquiry, for the admin and its parties.
    pub async fn history(
        &self,
        actor: &Actor,
        id: InquiryId,
    ) -> Result<HistoryOf<InquiryDetails, InquiryHistoryEntry>, Error> {
        let record = self.find(actor, id).await?;
        let entries = self.context.ports.inquiries.history(id).await?;
        Ok(HistoryOf { record, lines: named_history(&self.context, entries).await? })
    }

    async fn existing(&self, id: InquiryId) -> Result<InquiryDetails, Error> {
        self.context.ports.inquiries.find(id).await?.ok_or(Error::NotFound)
    }
}
