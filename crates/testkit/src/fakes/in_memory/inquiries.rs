//! Inquiries, in memory.

use async_trait::async_trait;
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{
    Inquiry, InquiryDetails, InquiryDraft, InquiryFilter, InquiryHistoryEntry, InquiryParty, InquiryStatus,
    InquiryTransition, PatientSummary, PhysicianSummary,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{InquiryRepository, PortError};
use yilin_domain::transition::{Provenance, Stale};

use super::state::{State, Tracked};
use super::{InMemory, list};

#[async_trait]
impl InquiryRepository for InMemory {
    async fn create(&self, draft: InquiryDraft, provenance: Provenance) -> Result<InquiryDetails, PortError> {
        let mut state = self.begin().await?;
        let id = InquiryId(state.next_id());
        let patient = draft.patient.clone();
        let record = Inquiry::submitted(id, draft, provenance.at);
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
        let details = InquiryDetails { inquiry: record.clone(), patient, physician: None };
        state.inquiries.insert(id, Tracked { record, history: vec![created] });
        Ok(details)
    }

    async fn find(&self, id: InquiryId) -> Result<Option<InquiryDetails>, PortError> {
        let state = self.begin().await?;
        Ok(state.inquiries.get(&id).map(|stored| state.inquiry_details(&stored.record)))
    }

    async fn save(&self, transition: &InquiryTransition) -> Result<Result<(), Stale>, PortError> {
        Ok(self.begin_save().await?.save_inquiry(transition))
    }

    async fn history(&self, id: InquiryId) -> Result<Vec<InquiryHistoryEntry>, PortError> {
        let state = self.begin().await?;
        Ok(state.inquiries.get(&id).map(|stored| stored.history.clone()).unwrap_or_default())
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
        match self.inquiries.get_mut(&record.id) {
            Some(stored) if stored.record.version == transition.based_on => {
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
                Ok(())
            }
            _ => Err(Stale),
        }
    }

    fn inquiry_details(&self, inquiry: &Inquiry) -> InquiryDetails {
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
