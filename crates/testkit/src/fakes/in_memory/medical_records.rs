//! Medical records, in memory.

use async_trait::async_trait;
use yilin_domain::account::{AccountSummary, AccountUuid};
use yilin_domain::audit::Changed;
use yilin_domain::drug_order::{DrugOrder, DrugOrderHistoryEntry, DrugOrderStatus};
use yilin_domain::event::NewEvent;
use yilin_domain::id::{DrugOrderId, InquiryId, MedicalRecordId, Version};
use yilin_domain::inquiry::{Amendment, Registration};
use yilin_domain::medical_record::{Addendum, MedicalRecord, MedicalRecordOfInquiry, Registered};
use yilin_domain::port::{AmendRefused, MedicalRecordRepository, PortError};
use yilin_domain::transition::Stale;

use super::state::{State, Tracked};
use super::{InMemory, list};

#[async_trait]
impl MedicalRecordRepository for InMemory {
    async fn register(&self, registration: &Registration) -> Result<Result<Registered, Stale>, PortError> {
        let mut state = self.begin_save().await?;
        let inquiry = registration.inquiry.record.id;
        // Checked first: changes saved after this are not rolled back.
        if state.record_of(inquiry).is_some() || state.save_inquiry(&registration.inquiry).is_err() {
            return Ok(Err(Stale));
        }
        let record = MedicalRecord {
            id: MedicalRecordId(state.next_id()),
            inquiry,
            notes: registration.notes.clone(),
            created_at: registration.inquiry.provenance.at,
        };
        state.medical_records.insert(record.id, record.clone());
        let drug_order = record.notes.needs_drugs.then(|| state.order_drugs(registration, &record));
        let transition = &registration.inquiry;
        let changed = Changed::one("medical_record", record.id, Some(transition.record.patient));
        state.leave(transition.provenance.entry.as_ref(), changed);
        Ok(Ok(Registered { record, drug_order }))
    }

    async fn amend(&self, amendment: &Amendment) -> Result<Result<(), AmendRefused>, PortError> {
        let mut state = self.begin_save().await?;
        if let Err(used) = state.key_is_free(amendment.receipt.as_ref()) {
            return Ok(Err(used.into()));
        }
        if let Err(stale) = state.save_inquiry(&amendment.inquiry) {
            return Ok(Err(stale.into()));
        }
        state.keep_answer(amendment.receipt.as_ref(), &());
        let provenance = &amendment.inquiry.provenance;
        let addendum = Addendum {
            at: provenance.at,
            by: AccountSummary::from(state.named_account(provenance.by)),
            reason: amendment.reason.clone(),
            notes: amendment.notes.clone(),
        };
        state.addenda.entry(amendment.record).or_default().push(addendum);
        state.pending_events.push(amendment.announcement());
        let changed =
            Changed::one("medical_record", amendment.record, Some(amendment.inquiry.record.patient));
        state.leave(provenance.entry.as_ref(), changed);
        Ok(Ok(()))
    }

    async fn of_inquiry(&self, inquiry: InquiryId) -> Result<Option<MedicalRecordOfInquiry>, PortError> {
        Ok(self.begin().await?.record_with_parties(inquiry))
    }

    async fn of_patient(&self, patient: AccountUuid, limit: u16) -> Result<Vec<MedicalRecord>, PortError> {
        let state = self.begin().await?;
        let of_patient = |record: &&MedicalRecord| {
            state.inquiries.get(&record.inquiry).is_some_and(|stored| stored.record.patient == patient)
        };
        let records = list::newest_first(&state.medical_records, None).filter(of_patient);
        Ok(records.take(limit.into()).cloned().collect())
    }

    async fn find(&self, id: MedicalRecordId) -> Result<Option<MedicalRecordOfInquiry>, PortError> {
        let state = self.begin().await?;
        Ok(state.medical_records.get(&id).and_then(|record| state.record_with_parties(record.inquiry)))
    }
}

impl State {
    fn record_of(&self, inquiry: InquiryId) -> Option<&MedicalRecord> {
        self.medical_records.values().find(|record| record.inquiry == inquiry)
    }

    fn record_with_parties(&self, inquiry: InquiryId) -> Option<MedicalRecordOfInquiry> {
        let stored = &self.inquiries.get(&inquiry)?.record;
        Some(MedicalRecordOfInquiry {
            patient: stored.patient,
            physician: stored.physician(),
            record: self.record_of(inquiry).cloned(),
            addenda: self
                .record_of(inquiry)
                .and_then(|record| self.addenda.get(&record.id).cloned())
                .unwrap_or_default(),
        })
    }

    fn order_drugs(&mut self, registration: &Registration, record: &MedicalRecord) -> DrugOrderId {
        let (inquiry, provenance) = (&registration.inquiry.record, &registration.inquiry.provenance);
        let id = DrugOrderId(self.next_id());
        let record = DrugOrder::pending(id, record, inquiry.patient, registration.physician);
        let created = DrugOrderHistoryEntry {
            version: Version::FIRST,
            by: provenance.by,
            at: provenance.at,
            reason: provenance.reason.clone(),
            from: None,
            to: DrugOrderStatus::Pending,
            physician: Some(registration.physician),
            after: None,
        };
        let (patient, physician) = (inquiry.patient, registration.physician);
        self.pending_events.push(NewEvent::drug_order_created(id, patient, physician, provenance.at));
        self.drug_orders.insert(id, Tracked { record, history: vec![created] });
        id
    }
}
