use async_trait::async_trait;
use chrono::NaiveDate;
use futures_util::FutureExt as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::file::{ContentId, Pin, PinBacklog, PinStatus, StoredFile, Upload};
use yilin_domain::port::{
    PinRepository, PortError, SecretRepository, StatisticsRepository, UploadRepository, VisitCount,
};
use yilin_domain::time::Timestamp;

use super::Database;
use super::queries::{pins, secrets, statistics, uploads};

#[async_trait]
impl StatisticsRepository for Database {
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError> {
        self.engine.read(from, |conn, from| statistics::visits_per_day(conn, *from).boxed()).await
    }

    async fn drug_orders_per_day(&self, from: NaiveDate) -> Result<Vec<(NaiveDate, u64)>, PortError> {
        self.engine.read(from, |conn, from| statistics::drug_orders_per_day(conn, *from).boxed()).await
    }
}

#[async_trait]
impl UploadRepository for Database {
    async fn record(&self, upload: &Upload) -> Result<(), PortError> {
        self.engine.write(upload.clone(), |conn, upload| uploads::record(conn, upload).boxed()).await
    }

    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError> {
        self.engine
            .read((account, cid.clone()), |conn, (account, cid)| uploads::exists(conn, *account, cid).boxed())
            .await
    }
}

#[async_trait]
impl PinRepository for Database {
    async fn queue(&self, file: &StoredFile, at: Timestamp) -> Result<PinStatus, PortError> {
        self.engine.write((file.clone(), at), |conn, (file, at)| pins::queue(conn, file, *at).boxed()).await
    }

    async fn pinned(&self, file: &StoredFile, at: Timestamp) -> Result<(), PortError> {
        self.engine.write((file.clone(), at), |conn, (file, at)| pins::pinned(conn, file, *at).boxed()).await
    }

    async fn pin(&self, cid: &ContentId) -> Result<Option<Pin>, PortError> {
        self.engine.read(cid.clone(), |conn, cid| pins::find(conn, cid).boxed()).await
    }

    async fn backlog(&self) -> Result<PinBacklog, PortError> {
        self.engine.read((), |conn, ()| pins::backlog(conn).boxed()).await
    }
}

#[async_trait]
impl SecretRepository for Database {
    async fn get_or_insert(&self, name: &str, candidate: Vec<u8>) -> Result<Vec<u8>, PortError> {
        self.engine
            .write((name.to_owned(), candidate), |conn, (name, candidate)| {
                secrets::get_or_insert(conn, name, candidate).boxed()
            })
            .await
    }
}
