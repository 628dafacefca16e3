use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::port::{PortError, SessionRepository};
use yilin_domain::session::{EndedSession, Session, SessionSelection};
use yilin_domain::time::Timestamp;

use super::Database;
use super::queries::sessions;

#[async_trait]
impl SessionRepository for Database {
    async fn start(&self, session: &Session, password_version: i32) -> Result<bool, PortError> {
        let started = self
            .engine
            .write_or_undo((session.clone(), password_version), |conn, (session, password_version)| {
                sessions::start(conn, session, *password_version).boxed()
            })
            .await?;
        Ok(started.is_some())
    }

    async fn end(&self, session: &Session, at: Timestamp) -> Result<(), PortError> {
        self.engine
            .write((session.clone(), at), |conn, (session, at)| sessions::end(conn, session, *at).boxed())
            .await
    }

    async fn ended_since(&self, since: Timestamp, now: Timestamp) -> Result<Vec<EndedSession>, PortError> {
        self.engine
            .read((since, now), |conn, (since, now)| sessions::ended_since(conn, *since, *now).boxed())
            .await
    }

    async fn running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Session>, PortError> {
        self.engine
            .read((selection, now, limit), |conn, (selection, now, limit)| {
                sessions::running(conn, *selection, *now, *limit).boxed()
            })
            .await
    }

    async fn end_running(&self, selection: SessionSelection, now: Timestamp) -> Result<u64, PortError> {
        self.engine
            .write((selection, now), |conn, (selection, now)| {
                sessions::end_running(conn, *selection, *now).boxed()
            })
            .await
    }

    async fn forget_expired(&self, before: Timestamp) -> Result<u64, PortError> {
        self.engine.write(before, |conn, before| sessions::forget_expired(conn, *before).boxed()).await
    }
}
