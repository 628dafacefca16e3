//! Inquiries, in memory.

use async_trait::async_trait;
use yilin_domain::audit::Changed;
use yilin_domain::event::{EventType, NewEvent};
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::idempotency::KeyUsed;
use yilin_domain::inquiry::{
    Inquiry, InquiryDetails, InquiryFilter, InquiryHistoryEntry, InquiryParty, InquiryStatus,
    InquiryTransition, PatientSummary, PhysicianSummary, ScheduleSpan, ScheduledVisit, Submission, Submitted,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{InquiryRepository, PortError};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::{Provenance, Stale};

use super::state::{State, Tracked};
use super::{InMemory, list};

#[async_trait]
impl InquiryRepository for InMemory {
    async fn create(&self, submission: Submission, provenance: Provenance) -> Result<Submitted, PortError> {
        let mut state = self.begin().await?;
        let receipt = submission.receipt.clone();
        if let Err(KeyUsed) = state.key_is_free(receipt.as_ref()) {
            return Ok(Submitted::KeyUsed);
        }
        if let Some(earlier) = state.repeated(&submission, provenance.at) {
            return Ok(Submitted::Repeated(state.inquiry_details(&earlier)));
        }
        let id = InquiryId(state.next_id());
        let patient = submission.draft.patient.clone();
        if let Some(digest) = submission.repetition {
            state.repetitions.insert((patient.uuid, digest), id);
        }
        let record = Inquiry::submitted(id, submission, provenance.at);
        let created = InquiryHistoryEntry {
            version: Version::FIRST,
            by: provenance.by,
            at: provenance.at,
            reason: provenance.reason,
            from: None,
            to: InquiryStatus::Submitted,
            physician: None,
            after: record.appointment_time,
        };
        state.pending_events.push(NewEvent::about(&record, EventType::InquirySubmitted, provenance.at));
        let details = InquiryDetails { inquiry: record.clone(), patient, physician: None };
        state.inquiries.insert(id, Tracked { record, history: vec![created] });
        let changed = Changed::one("inquiry", id, Some(details.patient.uuid));
        state.leave(provenance.entry.as_ref(), changed);
        state.keep_answer(receipt.as_ref(), &details);
        Ok(Submitted::New(details))
    }

    async fn find(&self, id: InquiryId) -> Result<Option<InquiryDetails>, PortError> {
        let state = self.begin().await?;
        Ok(state.inquiries.get(&id).map(|stored| state.inquiry_details(&stored.record)))
    }

    async fn save(&self, transition: &InquiryTransition) -> Result<Result<(), Stale>, PortError> {
        let mut state = self.begin_save().await?;
        let saved = state.save_inquiry(transition);
        if saved.is_ok() {
            let inquiry = &transition.record;
            let changed = Changed::one("inquiry", inquiry.id, Some(inquiry.patient));
            state.leave(transition.provenance.entry.as_ref(), changed);
        }
        Ok(saved)
    }

    async fn history(&self, id: InquiryId) -> Result<Vec<InquiryHistoryEntry>, PortError> {
        let state = self.begin().await?;
        Ok(state.inquiries.get(&id).map(|stored| stored.history.clone()).unwrap_or_default())
    }

    async fn schedule(&self, span: &ScheduleSpan) -> Result<Vec<ScheduledVisit>, PortError> {
        let state = self.begin().await?;
        let within = |inquiry: &&Inquiry| {
            let time = inquiry.appointment_time.local();
            inquiry.physician() == Some(span.physician)
                && span.from <= time
                && time < span.until
                && inquiry.status().takes_place()
        };
        let visits = state.inquiries.values().map(|stored| &stored.record).filter(within);
        let mut visits: Vec<_> = visits.map(|inquiry| state.scheduled_visit(inquiry)).collect();
        visits.sort_by_key(|visit| (visit.appointment_time, visit.id));
        Ok(visits)
    }

    async fn page(
        &self,
        filter: &InquiryFilter,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, PortError> {
        Ok(list::page(self.begin().await?.inquiries_of(filter, None), page))
    }

    async fn batch(
        &self,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        limit: u16,
    ) -> Result<Vec<InquiryDetails>, PortError> {
        Ok(self.begin().await?.inquiries_of(filter, before).take(limit.into()).collect())
    }
}

impl State {
    pub(super) fn save_inquiry(&mut self, transition: &InquiryTransition) -> Result<(), Stale> {
        let record = &transition.record;
        if self.is_disabled(transition.assigned()) {
            return Err(Stale);
        }
        match self.inquiries.get_mut(&record.id) {
            Some(stored) if stored.record.version == transition.based_on => {
                self.repetitions.retain(|_, id| *id != record.id);
                stored.record = record.clone();
                stored.history.push(InquiryHistoryEntry {
                    version: record.version,
                    by: transition.provenance.by,
                    at: transition.provenance.at,
                    reason: transition.provenance.reason.clone(),
                    from: Some(transition.from),
                    to: record.status(),
                    physician: record.physician(),
                    after: record.appointment_time,
                });
                self.pending_events.extend(transition.announcement());
                Ok(())
            }
            _ => Err(Stale),
        }
    }

    /// The inquiry that the submission repeats.
    fn repeated(&self, submission: &Submission, at: Timestamp) -> Option<Inquiry> {
        let key = (submission.draft.patient.uuid, submission.repetition?);
        let earlier = self.inquiries.get(self.repetitions.get(&key)?)?;
        submission.repeats(&earlier.record, at).then(|| earlier.record.clone())
    }

    pub(super) fn scheduled_visit(&self, inquiry: &Inquiry) -> ScheduledVisit {
        ScheduledVisit {
            id: inquiry.id,
            appointment_time: inquiry.appointment_time,
            status: inquiry.status(),
            visit_type: inquiry.visit_type,
            patient: PatientSummary::from(self.named_account(inquiry.patient)),
        }
    }

    pub(super) fn inquiry_details(&self, inquiry: &Inquiry) -> InquiryDetails {
        let patient = self.named_account(inquiry.patient);
        let physician = inquiry.physician().map(|uuid| self.named_account(uuid));
        InquiryDetails {
            inquiry: inquiry.clone(),
            patient: PatientSummary::from(patient),
            physician: physician.map(PhysicianSummary::from),
        }
    }

    fn inquiries_of(
        &self,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
    ) -> impl Iterator<Item = InquiryDetails> {
        list::newest_first(&self.inquiries, before)
            .filter(|stored| filter.statuses.contains(stored.record.status()))
            .filter(|stored| filter.due_before.is_none_or(|now| stored.record.is_overdue(now)))
            .map(|stored| self.inquiry_details(&stored.record))
            .filter(|details| concerns(details, &filter.party))
    }
}

fn concerns(details: &InquiryDetails, party: &InquiryParty) -> bool {
    match party {
        InquiryParty::Anyone => true,
        InquiryParty::Patient(patient) => details.inquiry.patient == *patient,
        InquiryParty::Physician(physician) => details.inquiry.physician() == Some(*physician),
        InquiryParty::PatientNamed(name) => details.patient.username.as_str().contains(name),
        InquiryParty::PhysicianNamed(name) => {
            details.physician.as_ref().is_some_and(|physician| physician.username.as_str().contains(name))
        }
    }
}
