use async_trait::async_trait;
use chrono::NaiveDate;
use futures_util::FutureExt as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::chat::{NewTurn, Summary, Turn, TurnId};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{ConversationRepository, PortError};

use super::Database;
use super::queries::conversations;

#[async_trait]
impl ConversationRepository for Database {
    async fn append(&self, account: AccountUuid, turns: &[NewTurn]) -> Result<(), PortError> {
        self.engine
            .write((account, turns.to_vec()), |conn, (account, turns)| {
                conversations::append(conn, *account, turns).boxed()
            })
            .await
    }

    async fn page(&self, account: AccountUuid, page: PageRequest) -> Result<Page<Turn>, PortError> {
        self.engine
            .read((account, page), |conn, (account, page)| conversations::page(conn, account, *page).boxed())
            .await
    }

    async fn batch(
        &self,
        account: AccountUuid,
        before: Option<TurnId>,
        limit: u16,
    ) -> Result<Vec<Turn>, PortError> {
        self.engine
            .read((account, before, limit), |conn, (account, before, limit)| {
                conversations::batch(conn, account, *before, *limit).boxed()
            })
            .await
    }

    async fn clear(&self, account: AccountUuid) -> Result<u64, PortError> {
        self.engine.write(account, |conn, account| conversations::clear(conn, *account).boxed()).await
    }

    async fn summary(&self, account: AccountUuid) -> Result<Option<Summary>, PortError> {
        self.engine.read(account, |conn, account| conversations::summary(conn, *account).boxed()).await
    }

    async fn save_summary(&self, account: AccountUuid, summary: &Summary) -> Result<(), PortError> {
        self.engine
            .write((account, summary.clone()), |conn, (account, summary)| {
                conversations::save_summary(conn, *account, summary).boxed()
            })
            .await
    }

    async fn count_call(&self, account: AccountUuid, day: NaiveDate, limit: u32) -> Result<bool, PortError> {
        self.engine
            .write((account, day, limit), |conn, (account, day, limit)| {
                conversations::count_call(conn, *account, *day, *limit).boxed()
            })
            .await
    }

    async fn forget_calls(&self, before: NaiveDate) -> Result<u64, PortError> {
        self.engine.write(before, |conn, before| conversations::forget_calls(conn, *before).boxed()).await
    }
}
