//! Drug orders.

use std::sync::Arc;

use super::history::{HistoryOf, named_history};
use super::{Context, Files, decide_and_save};
use crate::account::{Actor, Role};
use crate::drug_order::{
    DrugOrder, DrugOrderDetails, DrugOrderFilter, DrugOrderHistoryEntry, DrugOrderParty, DrugOrderStatus,
    DrugOrderTransition,
};
use crate::enumeration::StatusSet;
use crate::error::{Error, IllegalStep};
use crate::file::FileMention;
use crate::id::{DrugOrderId, MedicalRecordId, Version};
use crate::list::{Batches, Page, PageRequest, Slice, Total, Window, batches, filled};
use crate::transition::Provenance;

/// The drug orders that a caller lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrugOrderSelection {
    /// All orders, for admins.
    All(StatusSet<DrugOrderStatus>),
    /// A physician's own orders.
    OfPhysician(StatusSet<DrugOrderStatus>),
    /// A patient's own orders.
    OfPatient(StatusSet<DrugOrderStatus>),
}

/// Drug orders.
#[derive(Clone)]
pub struct DrugOrders {
    context: Arc<Context>,
    files: Files,
    /// The version that the caller saw, if steps depend on it.
    seen: Option<Version>,
}

impl DrugOrders {
    pub(super) fn new(context: Arc<Context>, files: Files) -> Self {
        Self { context, files, seen: None }
    }

    /// The same, but steps are only taken if the order still has the version that the caller saw; otherwise they are
    /// [`Error::Changed`].
    #[must_use]
    pub fn seen_at(&self, version: Option<Version>) -> Self {
        Self { seen: version, ..self.clone() }
    }

    /// The physician has purchased the drugs.
    pub async fn purchase(&self, actor: &Actor, id: DrugOrderId) -> Result<DrugOrderDetails, Error> {
        actor.require(&[Role::Physician])?;
        self.advance(actor, id, DrugOrder::purchase).await
    }

    /// The physician has dispatched the drugs, with a certificate.
    pub async fn dispatch(
        &self,
        actor: &Actor,
        id: DrugOrderId,
        certificate: &FileMention,
    ) -> Result<DrugOrderDetails, Error> {
        actor.require(&[Role::Physician])?;
        let certificate = self.files.resolve(actor, certificate).await?;
        self.advance(actor, id, |order, provenance| order.dispatch(certificate.clone(), provenance)).await
    }

    /// The hospital confirms receipt by the patient.
    pub async fn confirm_receipt(&self, actor: &Actor, id: DrugOrderId) -> Result<DrugOrderDetails, Error> {
        actor.require(&[Role::Admin])?;
        self.advance(actor, id, DrugOrder::confirm_receipt).await
    }

    /// An order, for admins and its parties.
    pub async fn find(&self, actor: &Actor, id: DrugOrderId) -> Result<DrugOrderDetails, Error> {
        visible(actor, self.context.ports.drug_orders.find(id).await?)
    }

    /// The history of an order, for the admin and its parties.
    pub async fn history(
        &self,
        actor: &Actor,
        id: DrugOrderId,
    ) -> Result<HistoryOf<DrugOrderDetails, DrugOrderHistoryEntry>, Error> {
        let record = self.find(actor, id).await?;
        let entries = self.context.ports.drug_orders.history(id).await?;
        Ok(HistoryOf { record, lines: named_history(&self.context, entries).await? })
    }

    /// The order of a medical record, for admins and its parties.
    pub async fn of_medical_record(
        &self,
        actor: &Actor,
        record: MedicalRecordId,
    ) -> Result<DrugOrderDetails, Error> {
        visible(actor, self.context.ports.drug_orders.of_medical_record(record).await?)
    }

    /// One page of orders.
    pub async fn page(
        &self,
        actor: &Actor,
        selection: DrugOrderSelection,
        page: PageRequest,
    ) -> Result<Page<DrugOrderDetails>, Error> {
        let filter = selection.filter_for(actor)?;
        Ok(self.context.ports.drug_orders.page(&filter, page).await?)
    }

    /// The complete list of orders.
    pub fn all(
        &self,
        actor: &Actor,
        selection: DrugOrderSelection,
    ) -> Result<Batches<DrugOrderDetails>, Error> {
        let filter = Arc::new(selection.filter_for(actor)?);
        let drug_orders = self.context.ports.drug_orders.clone();
        Ok(batches(
            |details: &DrugOrderDetails| details.order.id,
            move |before, limit| {
                let (drug_orders, filter) = (drug_orders.clone(), filter.clone());
                async move { Ok(drug_orders.batch(&filter, before, limit).await?) }
            },
        ))
    }

    /// A part of the orders of any party, newest first, for admins. Where too few newer ones are left to fill it, the
    /// newest ones.
    pub async fn slice(
        &self,
        actor: &Actor,
        filter: &DrugOrderFilter,
        window: Window<DrugOrderId>,
        size: u16,
    ) -> Result<Slice<DrugOrderDetails, DrugOrderId>, Error> {
        actor.require(&[Role::Admin])?;
        let drug_orders = &self.context.ports.drug_orders;
        filled(window, size, |window| drug_orders.slice(filter, window, size)).await
    }

    /// The number of orders of any party, for admins.
    pub async fn total(&self, actor: &Actor, filter: &DrugOrderFilter) -> Result<Total, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.context.ports.drug_orders.total(filter).await?)
    }

    async fn advance(
        &self,
        actor: &Actor,
        id: DrugOrderId,
        step: impl Fn(DrugOrder, Provenance) -> Result<DrugOrderTransition, IllegalStep>,
    ) -> Result<DrugOrderDetails, Error> {
        let drug_orders = &self.context.ports.drug_orders;
        decide_and_save(|| async {
            let details = visible(actor, drug_orders.find(id).await?)?;
            if self.seen.is_some_and(|seen| seen != details.order.version) {
                return Err(Error::Changed);
            }
            let transition = step(details.order.clone(), self.context.provenance(actor))?;
            let saved = drug_orders.save(&transition).await?;
            Ok(saved.map(|()| DrugOrderDetails { order: transition.record, ..details }))
        })
        .await
    }
}

impl DrugOrderSelection {
    /// The filter for this caller: own lists are restricted to the caller.
    fn filter_for(self, actor: &Actor) -> Result<DrugOrderFilter, Error> {
        let (party, statuses, role) = match self {
            Self::All(statuses) => (DrugOrderParty::Anyone, statuses, Role::Admin),
            Self::OfPhysician(statuses) => (DrugOrderParty::Physician(actor.uuid), statuses, Role::Physician),
            Self::OfPatient(statuses) => (DrugOrderParty::Patient(actor.uuid), statuses, Role::Patient),
        };
        actor.require(&[role])?;
        Ok(DrugOrderFilter { party, statuses })
    }
}

fn visible(actor: &Actor, found: Option<DrugOrderDetails>) -> Result<DrugOrderDetails, Error> {
    found.filter(|found| actor.is_admin() || found.order.has_party(actor.uuid)).ok_or(Error::NotFound)
}
