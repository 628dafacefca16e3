//! Uploads whose client resets its connection when everything has been sent, and before it is answered.

use std::io::Write as _;
use std::net::TcpStream;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::EntryDraft;
use yilin_domain::file::{ContentId, Pinning, StoredFile, Upload};
use yilin_domain::port::{AddFileError, ByteStream, FileStore, PortError, Ports, Quota, UploadRepository};
use yilin_domain::usecase::UploadLimits;
use yilin_testkit::contract::ZONE;
use yilin_testkit::form;

use crate::arrange::Person;
use crate::on_every_backend;
use crate::world::World;

/// Holds back the first result, until nobody waits for it any more.
#[derive(Default)]
struct Lost {
    is_over: AtomicBool,
    done: Notify,
    gone: Arc<Notify>,
}

/// Tells when it is dropped.
struct Gone(Arc<Notify>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Lost {
    async fn pass<T>(&self, result: T) -> T {
        if self.is_over.swap(true, Ordering::SeqCst) {
            return result;
        }
        let _gone = Gone(self.gone.clone());
        self.done.notify_one();
        std::future::pending().await
    }
}

/// Stores files; the first result is lost.
struct LosingFiles(Arc<dyn FileStore>, Arc<Lost>);

#[async_trait]
impl FileStore for LosingFiles {
    async fn add(&self, content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError> {
        self.1.pass(self.0.add(content, limit).await).await
    }

    async fn size(&self, cid: &ContentId) -> Result<Option<u64>, PortError> {
        self.0.size(cid).await
    }

    async fn read(&self, cid: &ContentId, range: Range<u64>) -> Result<Option<ByteStream>, PortError> {
        self.0.read(cid, range).await
    }

    async fn free_space(&self) -> Result<u64, PortError> {
        self.0.free_space().await
    }

    async fn pinning(&self) -> Result<Option<Pinning>, PortError> {
        self.0.pinning().await
    }
}

/// Records uploads; the first result is lost.
struct LosingUploads(Arc<dyn UploadRepository>, Arc<Lost>);

#[async_trait]
impl UploadRepository for LosingUploads {
    async fn record(&self, upload: &Upload, entry: Option<EntryDraft>) -> Result<(), PortError> {
        self.1.pass(self.0.record(upload, entry).await).await
    }

    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError> {
        self.0.has_uploaded(account, cid).await
    }
}

/// Loses the result of storing a file.
fn losing_files(ports: &mut Ports, lost: Arc<Lost>) {
    ports.files = Arc::new(LosingFiles(ports.files.clone(), lost));
}

/// Loses the result of recording an upload.
fn losing_uploads(ports: &mut Ports, lost: Arc<Lost>) {
    ports.uploads = Arc::new(LosingUploads(ports.uploads.clone(), lost));
}

async fn upload(world: &World, person: &Person<'_>, content: &[u8]) -> u16 {
    let request = world.anonymous().token(person.token()).request(reqwest::Method::POST, "/api/upload");
    let request = request.header("content-type", form::CONTENT_TYPE).body(form::with_file(content));
    request.send().await.unwrap().status().as_u16()
}

on_every_backend! {
    async fn an_upload_that_was_stored_is_charged_although_its_client_is_gone(world: &World) {
        let per_day = UploadLimits::default().per_day_of_patients;
        let losing: [fn(&mut Ports, Arc<Lost>); 2] = [losing_files, losing_uploads];
        for (losing, patient) in losing.into_iter().zip(world.patients(2).await) {
            let lost = Arc::<Lost>::default();
            let service = world.beside_with(|ports| losing(ports, lost.clone())).await;
            let uuid = AccountUuid::parse(patient.uuid()).unwrap();
            let day = ZONE.day(world.ports.clock.now());
            let taken = world.ports.quotas.take(uuid, Quota::UploadedBytes, day, per_day - 1000, per_day).await;
            assert_eq!(taken.unwrap(), per_day - 1000);

            let address = service.base.strip_prefix("http://").unwrap();
            let body = form::with_file(&[1; 600]);
            let head = format!(
                "POST /api/upload HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\nContent-Type: {}\r\n\
                 Content-Length: {}\r\n\r\n",
                patient.token(), form::CONTENT_TYPE, body.len(),
            );
            let mut connection = TcpStream::connect(address).unwrap();
            connection.write_all(&[head.as_bytes(), &body].concat()).unwrap();
            lost.done.notified().await;
            // With no linger time, closing sends a reset, which drops the handler's future.
            socket2::SockRef::from(&connection).set_linger(Some(Duration::ZERO)).unwrap();
            drop(connection);
            lost.gone.notified().await;

            assert_eq!(upload(&service, &patient, &[2; 600]).await, 429);
            assert_eq!(upload(&service, &patient, &[2; 400]).await, 200);
            assert_eq!(upload(&service, &patient, &[3; 1]).await, 429);
            service.stop().await;
        }
    }
}
