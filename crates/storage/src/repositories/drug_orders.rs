use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::drug_order::{
    DrugOrderDetails, DrugOrderFilter, DrugOrderHistoryEntry, DrugOrderTransition,
};
use yilin_domain::id::{DrugOrderId, MedicalRecordId};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{DrugOrderRepository, PortError};
use yilin_domain::transition::Saved;

use super::Database;
use super::queries::{drug_order_list, drug_orders};

#[async_trait]
impl DrugOrderRepository for Database {
    async fn find(&self, id: DrugOrderId) -> Result<Option<DrugOrderDetails>, PortError> {
        self.engine.read(id, |conn, id| drug_orders::find(conn, *id).boxed()).await
    }

    async fn of_medical_record(
        &self,
        record: MedicalRecordId,
    ) -> Result<Option<DrugOrderDetails>, PortError> {
        self.engine.read(record, |conn, record| drug_orders::of_medical_record(conn, *record).boxed()).await
    }

    async fn save(&self, transition: &DrugOrderTransition) -> Result<Saved, PortError> {
        let saved = self
            .engine
            .write_or_undo(transition.clone(), |conn, transition| drug_orders::save(conn, transition).boxed())
            .await?;
        Ok(saved.map_or(Saved::Stale, |()| Saved::Saved))
    }

    async fn history(&self, id: DrugOrderId) -> Result<Vec<DrugOrderHistoryEntry>, PortError> {
        self.engine.read(id, |conn, id| drug_orders::history(conn, *id).boxed()).await
    }

    async fn page(
        &self,
        filter: &DrugOrderFilter,
        page: PageRequest,
    ) -> Result<Page<DrugOrderDetails>, PortError> {
        self.engine
            .read((filter.clone(), page), |conn, (filter, page)| {
                drug_order_list::page(conn, filter, *page).boxed()
            })
            .await
    }

    async fn batch(
        &self,
        filter: &DrugOrderFilter,
        before: Option<DrugOrderId>,
        limit: u16,
    ) -> Result<Vec<DrugOrderDetails>, PortError> {
        self.engine
            .read((filter.clone(), before, limit), |conn, (filter, before, limit)| {
                drug_order_list::batch(conn, filter, *before, *limit).boxed()
            })
            .await
    }
}
