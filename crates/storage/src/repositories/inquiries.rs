use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    InquiryDetails, InquiryDraft, InquiryFilter, InquiryHistoryEntry, InquiryTransition,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{InquiryRepository, PortError};
use yilin_domain::transition::{Provenance, Saved};

use super::Database;
use super::queries::{inquiries, inquiry_list};

#[async_trait]
impl InquiryRepository for Database {
    async fn create(&self, draft: InquiryDraft, provenance: Provenance) -> Result<InquiryDetails, PortError> {
        self.engine
            .write((draft, provenance), |conn, (draft, provenance)| {
                inquiries::create(conn, draft, *provenance).boxed()
            })
            .await
    }

    async fn find(&self, id: InquiryId) -> Result<Option<InquiryDetails>, PortError> {
        self.engine.read(id, |conn, id| inquiries::find(conn, *id).boxed()).await
    }

    async fn save(&self, transition: &InquiryTransition) -> Result<Saved, PortError> {
        let saved = self
            .engine
            .write_or_undo(transition.clone(), |conn, transition| inquiries::save(conn, transition).boxed())
            .await?;
        Ok(saved.map_or(Saved::Stale, |()| Saved::Saved))
    }

    async fn history(&self, id: InquiryId) -> Result<Vec<InquiryHistoryEntry>, PortError> {
        self.engine.read(id, |conn, id| inquiries::history(conn, *id).boxed()).await
    }

    async fn page(
        &self,
        filter: &InquiryFilter,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, PortError> {
        self.engine
            .read((filter.clone(), page), |conn, (filter, page)| {
                inquiry_list::page(conn, filter, *page).boxed()
            })
            .await
    }

    async fn batch(
        &self,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        limit: u16,
    ) -> Result<Vec<InquiryDetails>, PortError> {
        self.engine
            .read((filter.clone(), before, limit), |conn, (filter, before, limit)| {
                inquiry_list::batch(conn, filter, *before, *limit).boxed()
            })
            .await
    }
}
