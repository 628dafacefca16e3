//! What a database needs besides its ports.

use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Handle;
use yilin_domain::port::PortError;

use super::{Database, totals};
use crate::backend::{Backend, Upkeep};
use crate::totals::WrongTotal;

/// How long counting all records may take.
const COUNTING: Duration = Duration::from_secs(300);

impl Backend for Database {}

#[async_trait]
impl Upkeep for Database {
    async fn migrate(&self) -> Result<(), PortError> {
        self.run_migrations().await
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.engine.ping().await
    }

    fn runtime(&self) -> &Handle {
        self.engine.runtime()
    }

    async fn fold_totals(&self) -> Result<u64, PortError> {
        let mut folded = 0;
        loop {
            let now = self.engine.write((), work!(|conn, ()| totals::fold(conn).await)).await?;
            folded += now;
            if !totals::may_have_left_some(now) {
                return Ok(folded);
            }
        }
    }

    async fn wrong_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.engine.read_lasting(COUNTING, (), work!(|conn, ()| totals::wrong(conn).await)).await
    }

    async fn repair_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.engine.write_lasting(COUNTING, (), work!(|conn, ()| totals::repair(conn).await)).await
    }
}
