use async_trait::async_trait;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use yilin_domain::port::PortError;

use super::Database;
use super::queries::tallies;
use crate::backend::{Backend, Upkeep};

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

    async fn fold_tallies(&self) -> Result<u64, PortError> {
        let mut folded = 0;
        loop {
            let now = self.engine.write((), |conn, ()| tallies::fold(conn).boxed()).await?;
            folded += now;
            if !tallies::may_have_left_some(now) {
                return Ok(folded);
            }
        }
    }
}
