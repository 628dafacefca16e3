//! Drug orders, in memory.

use async_trait::async_trait;
use yilin_domain::audit::Changed;
use yilin_domain::drug_order::{
    DrugOrder, DrugOrderDetails, DrugOrderFilter, DrugOrderHistoryEntry, DrugOrderParty, DrugOrderTransition,
};
use yilin_domain::id::{DrugOrderId, MedicalRecordId};
use yilin_domain::list::{Page, PageRequest, Slice, Total, Window};
use yilin_domain::port::{DrugOrderRepository, PortError};
use yilin_domain::transition::Stale;

use super::state::State;
use super::{InMemory, list};

#[async_trait]
impl DrugOrderRepository for InMemory {
    async fn find(&self, id: DrugOrderId) -> Result<Option<DrugOrderDetails>, PortError> {
        let state = self.begin().await?;
        Ok(state.drug_orders.get(&id).map(|stored| state.drug_order_details(&stored.record)))
    }

    async fn of_medical_record(
        &self,
        record: MedicalRecordId,
    ) -> Result<Option<DrugOrderDetails>, PortError> {
        let state = self.begin().await?;
        let mut orders = state.drug_orders.values().map(|stored| &stored.record);
        Ok(orders.find(|order| order.medical_record == record).map(|order| state.drug_order_details(order)))
    }

    async fn save(&self, transition: &DrugOrderTransition) -> Result<Result<(), Stale>, PortError> {
        let mut state = self.begin_save().await?;
        let record = &transition.record;
        if state.is_disabled(transition.assigned()) {
            return Ok(Err(Stale));
        }
        match state.drug_orders.get_mut(&record.id) {
            Some(stored) if stored.record.version == transition.based_on => {
                stored.record = record.clone();
                stored.history.push(DrugOrderHistoryEntry {
                    version: record.version,
                    by: transition.provenance.by,
                    at: transition.provenance.at,
                    reason: transition.provenance.reason.clone(),
                    from: Some(transition.from),
                    to: record.status(),
                    physician: Some(record.physician),
                    after: record.certificate().cloned(),
                });
                let changed = Changed::one("drug_order", record.id, Some(record.patient));
                state.leave(transition.provenance.entry.as_ref(), changed);
                state.pending_events.extend(transition.announcement());
                Ok(Ok(()))
            }
            _ => Ok(Err(Stale)),
        }
    }

    async fn history(&self, id: DrugOrderId) -> Result<Vec<DrugOrderHistoryEntry>, PortError> {
        let state = self.begin().await?;
        Ok(state.drug_orders.get(&id).map(|stored| stored.history.clone()).unwrap_or_default())
    }

    async fn page(
        &self,
        filter: &DrugOrderFilter,
        page: PageRequest,
    ) -> Result<Page<DrugOrderDetails>, PortError> {
        Ok(list::page(self.begin().await?.drug_orders_of(filter, None), page))
    }

    async fn slice(
        &self,
        filter: &DrugOrderFilter,
        window: Window<DrugOrderId>,
        limit: u16,
    ) -> Result<Slice<DrugOrderDetails, DrugOrderId>, PortError> {
        let state = self.begin().await?;
        let id = |details: &DrugOrderDetails| details.order.id.0;
        let orders = state.drug_orders_of(filter, None);
        let slice = list::slice(orders, id, window.map(|id| id.0), limit);
        Ok(slice.map_positions(DrugOrderId))
    }

    async fn total(&self, filter: &DrugOrderFilter) -> Result<Total, PortError> {
        let number = self.begin().await?.drug_orders_of(filter, None).count();
        Ok(match filter.party {
            DrugOrderParty::Anyone => Total::Exactly(u64::try_from(number).unwrap_or(u64::MAX)),
            DrugOrderParty::Patient(_) | DrugOrderParty::Physician(_) => list::total(number),
        })
    }

    async fn batch(
        &self,
        filter: &DrugOrderFilter,
        before: Option<DrugOrderId>,
        limit: u16,
    ) -> Result<Vec<DrugOrderDetails>, PortError> {
        Ok(self.begin().await?.drug_orders_of(filter, before).take(limit.into()).collect())
    }
}

impl State {
    fn drug_order_details(&self, order: &DrugOrder) -> DrugOrderDetails {
        let patient = self.named_account(order.patient);
        let physician = self.named_account(order.physician);
        let inquiry = &self.inquiries.get(&order.inquiry).expect("an order's inquiry is stored").record;
        let record = self.medical_records.get(&order.medical_record).expect("an order's record is stored");
        DrugOrderDetails {
            order: order.clone(),
            patient_username: patient.username.clone(),
            patient_sex: patient.sex,
            patient_age: patient.age,
            physician_username: physician.username.clone(),
            hospital: physician.hospital.clone(),
            inquiry_state: inquiry.state.clone(),
            visit_type: inquiry.visit_type,
            appointment_time: inquiry.appointment_time,
            reserved_phone: inquiry.reserved_phone.clone(),
            inquiry_detail: inquiry.detail.clone(),
            notes: record.notes.clone(),
        }
    }

    fn drug_orders_of(
        &self,
        filter: &DrugOrderFilter,
        before: Option<DrugOrderId>,
    ) -> impl Iterator<Item = DrugOrderDetails> {
        list::newest_first(&self.drug_orders, before)
            .map(|stored| &stored.record)
            .filter(|order| filter.statuses.contains(order.status()) && concerns(order, filter.party))
            .map(|order| self.drug_order_details(order))
    }
}

fn concerns(order: &DrugOrder, party: DrugOrderParty) -> bool {
    match party {
        DrugOrderParty::Anyone => true,
        DrugOrderParty::Patient(patient) => order.patient == patient,
        DrugOrderParty::Physician(physician) => order.physician == physician,
    }
}
