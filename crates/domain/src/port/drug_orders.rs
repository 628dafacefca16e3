//! The port that stores drug orders.

use async_trait::async_trait;

use super::PortError;
use crate::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderHistoryEntry, DrugOrderTransition};
use crate::id::{DrugOrderId, MedicalRecordId};
use crate::list::{Page, PageRequest, Slice, Total, Window};
use crate::transition::Stale;

/// Stores drug orders with their history, and an event for each transition. An order is created together with its medical record.
#[async_trait]
pub trait DrugOrderRepository: Send + Sync {
    /// The order with this id.
    async fn find(&self, id: DrugOrderId) -> Result<Option<DrugOrderDetails>, PortError>;

    /// The order of this medical record.
    async fn of_medical_record(&self, record: MedicalRecordId)
    -> Result<Option<DrugOrderDetails>, PortError>;

    /// Stores a transition, its history entry and its event, or nothing and [`Stale`] if the stored version is not
    /// the one the transition is based on, or if the physician to whom it [assigns](DrugOrderTransition::assigned) the
    /// order is disabled.
    async fn save(&self, transition: &DrugOrderTransition) -> Result<Result<(), Stale>, PortError>;

    /// The order's history, oldest first; empty if there is no such order.
    async fn history(&self, id: DrugOrderId) -> Result<Vec<DrugOrderHistoryEntry>, PortError>;

    /// One page, newest (largest id) first. A page past the end is empty.
    async fn page(
        &self,
        filter: &DrugOrderFilter,
        page: PageRequest,
    ) -> Result<Page<DrugOrderDetails>, PortError>;

    /// At most `limit` orders, newest (largest id) first.
    async fn slice(
        &self,
        filter: &DrugOrderFilter,
        window: Window<DrugOrderId>,
        limit: u16,
    ) -> Result<Slice<DrugOrderDetails, DrugOrderId>, PortError>;

    /// The number of orders. Exact for the orders of anyone, or if there are at most [`Total::COUNTED`].
    async fn total(&self, filter: &DrugOrderFilter) -> Result<Total, PortError>;

    /// At most `limit` orders with an id below `before` (or the first ones), newest first; fewer only at the
    /// end.
    async fn batch(
        &self,
        filter: &DrugOrderFilter,
        before: Option<DrugOrderId>,
        limit: u16,
    ) -> Result<Vec<DrugOrderDetails>, PortError>;
}
