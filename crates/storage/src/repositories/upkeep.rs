use async_trait::async_trait;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use yilin_domain::port::PortError;

use super::Database;
use super::queries::{tallies, write_probe};
use crate::backend::{Backend, Upkeep};
use crate::server_fault::ServerFault;

impl Backend for Database {}

#[async_trait]
impl Upkeep for Database {
    async fn migrate(&self) -> Result<(), PortError> {
        self.run_migrations().await
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.engine.ping().await
    }

    async fn ready(&self) -> Result<(), PortError> {
        self.ping().await?;
        let may_be_read_only = self.may_be_read_only().await?;
        let (change, entry) = (self.engine.refused_change(), self.log.refused_change());
        if change.is_to_be_tried()? | entry.is_to_be_tried()? | may_be_read_only {
            self.engine.write((), |conn, ()| write_probe::write(conn).boxed()).await?;
            change.clear();
            entry.clear();
        }
        Ok(())
    }

    async fn examine_server(&self) -> Result<Vec<ServerFault>, PortError> {
        self.server_faults().await
    }

    async fn forget_commit_markers(&self) -> Result<u64, PortError> {
        self.forget_markers().await
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
