//! Operations of a database besides its ports.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use diesel_async::RunQueryDsl as _;
use tokio::runtime::Handle;
use yilin_domain::port::{DatabaseInspector, DatabaseState, PortError};
use yilin_domain::time::Timestamp;

use super::{
    Database, TELLING_TABLES, known_migrations, now, product, recount, totals, version, write_probe,
};
use crate::backend::{Backend, Upkeep};
use crate::error::failed;
use crate::schema_state::{APPLIED, Applied, Named, SchemaState};
use crate::server_fault::ServerFault;
use crate::totals::WrongTotal;
use crate::transfer::UNFINISHED;

/// Timeout of counting all records.
const COUNTING: Duration = Duration::from_secs(300);

impl Backend for Database {}

#[async_trait]
impl DatabaseInspector for Database {
    async fn inspect(&self) -> Result<DatabaseState, PortError> {
        let asked = Instant::now();
        let version = self.engine.read((), work!(|conn, ()| Ok(version(conn).await?))).await?;
        let latency = asked.elapsed();
        Ok(DatabaseState { product: product(&version).to_owned(), version, latency })
    }
}

#[async_trait]
impl Upkeep for Database {
    async fn migrate(&self) -> Result<(), PortError> {
        self.run_migrations(known_migrations().map_err(failed)?).await
    }

    async fn migrate_to(&self, versions: &[String]) -> Result<(), PortError> {
        self.run_migrations(versions.to_owned()).await
    }

    async fn schema_state(&self) -> Result<SchemaState, PortError> {
        let applied = self.engine.read(
            (),
            work!(|conn, ()| {
                let telling: Vec<Named> = diesel::sql_query(TELLING_TABLES).load(conn).await?;
                if telling.iter().any(|table| table.name == UNFINISHED) {
                    return Ok(None);
                }
                if telling.is_empty() {
                    return Ok(Some(Vec::new()));
                }
                let applied: Vec<Applied> = diesel::sql_query(APPLIED).load(conn).await?;
                Ok(Some(applied.into_iter().map(|applied| applied.version).collect::<Vec<_>>()))
            }),
        );
        let known = known_migrations().map_err(failed)?;
        let applied = applied.await?;
        Ok(applied.map_or(SchemaState::Unfinished, |applied| SchemaState::of(&applied, &known)))
    }

    async fn ping(&self) -> Result<(), PortError> {
        self.engine.ping().await
    }

    async fn now(&self) -> Result<Timestamp, PortError> {
        self.engine.read((), work!(|conn, ()| now(conn).await)).await
    }

    async fn ready(&self) -> Result<(), PortError> {
        self.ping().await?;
        let may_be_read_only = self.may_be_read_only().await?;
        let (change, entry) = (self.engine.refused_change(), self.log.refused_change());
        if change.is_to_be_tried()? | entry.is_to_be_tried()? | may_be_read_only {
            self.engine.write((), work!(|conn, ()| write_probe::write(conn).await)).await?;
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
        self.engine.read_lasting(COUNTING, (), work!(|conn, ()| recount::wrong(conn).await)).await
    }

    async fn repair_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.engine.write_lasting(COUNTING, (), work!(|conn, ()| recount::repair(conn).await)).await
    }
}
