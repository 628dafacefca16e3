//! Commits whose response from MariaDB is lost: a committed change is reported as done, an uncommitted one is
//! retried, and either takes effect once.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use yilin_domain::account::Role;
use yilin_domain::inquiry::{InquiryFilter, InquiryParty};
use yilin_domain::list::PageRequest;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::mariadb::Server;

use crate::support::{self, inquiry, people};

/// The fate of the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The server executes it; the connection closes before the response.
    CutAfter,
    /// The connection closes before it reaches the server.
    CutBefore,
    /// The server executes it; the response never arrives.
    SilentAfter,
}

const FATES: [Fate; 3] = [Fate::CutAfter, Fate::CutBefore, Fate::SilentAfter];

/// A proxy in front of the server that makes some commits fail.
struct Relay {
    url: String,
    /// Index of the next COMMIT's fate in [`FATES`], from 1; 0 lets it succeed.
    fate: Arc<AtomicU8>,
    /// Number of commits made to fail.
    hit: Arc<AtomicUsize>,
}

impl Relay {
    async fn to(url: &str) -> Self {
        let (account, rest) = url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{account}@{}/{name}", listener.local_addr().unwrap());
        let relay = Self { url, fate: Arc::default(), hit: Arc::default() };
        let (server, fate, hit) = (server.to_owned(), relay.fate.clone(), relay.hit.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass_on(near, far, fate.clone(), hit.clone()));
            }
        });
        relay
    }

    fn next_commit(&self, fate: Fate) {
        let place = FATES.iter().position(|known| *known == fate).unwrap();
        self.fate.store(u8::try_from(place + 1).unwrap(), Ordering::SeqCst);
    }
}

async fn pass_on(mut near: TcpStream, mut far: TcpStream, fate: Arc<AtomicU8>, hit: Arc<AtomicUsize>) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = near.read(&mut asked) => {
                let Ok(read @ 1..) = read else { return };
                let message = &asked[..read];
                let is_commit = message.windows(6).any(|text| text == b"COMMIT");
                let fated = if is_commit { fate.swap(0, Ordering::SeqCst) } else { 0 };
                let fate = usize::from(fated).checked_sub(1).map(|place| FATES[place]);
                if fate.is_some() {
                    hit.fetch_add(1, Ordering::SeqCst);
                }
                if fate == Some(Fate::CutBefore) {
                    return;
                }
                if far.write_all(message).await.is_err() {
                    return;
                }
                match fate {
                    Some(Fate::CutAfter) => {
                        // Waits until the server has executed it.
                        let _answer = far.read(&mut answered).await;
                        return;
                    }
                    Some(Fate::SilentAfter) => {
                        let _answer = far.read(&mut answered).await;
                        let _end = near.read(&mut asked).await;
                        return;
                    }
                    _ => {}
                }
            }
            read = far.read(&mut answered) => {
                let Ok(read @ 1..) = read else { return };
                if near.write_all(&answered[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn inquiries(storage: &Storage, party: InquiryParty) -> u64 {
    let page = PageRequest { number: 1, size: 10 };
    storage.inquiries().page(&InquiryFilter::all_of(party), page).await.unwrap().total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mariadb_a_commit_with_a_lost_response_is_looked_up() {
    let url = Server::shared().await.database().await;
    let relay = Relay::to(&url).await;
    // One that was slow is looked up as well.
    let options = StorageOptions { commit_timeout: Duration::from_secs(2), ..support::options(&*relay.url) };
    let storage = support::storage(&options, support::random()).await;
    let direct = support::storage(&support::options(&*url), support::random_of(8)).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    for (done, fate) in (1..).zip(FATES) {
        relay.next_commit(fate);
        let created = inquiry(&storage, &patient).await;
        assert_eq!(relay.hit.load(Ordering::SeqCst), done, "{fate:?}");
        let found = direct.inquiries().find(created.inquiry.id).await.unwrap();
        assert!(found.is_some(), "{fate:?}: acknowledged changes are stored");
        let all = inquiries(&direct, InquiryParty::Patient(patient.uuid)).await;
        assert_eq!(all, u64::try_from(done).unwrap(), "{fate:?}: it was done exactly once");
    }
}

/// Markers are deleted once no unit of work can look them up any more, and not before.
#[tokio::test(flavor = "multi_thread")]
async fn mariadb_old_markers_are_deleted() {
    use mysql_async::prelude::Queryable as _;
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    people(&storage, Role::Patient, 3, "139").await;
    let mut connection = mysql_async::Conn::from_url(&url).await.unwrap();
    let count = "SELECT COUNT(*) FROM commit_marker";
    assert_eq!(storage.maintain(support::NOW).await.unwrap().commit_markers, 0);
    let before: Option<u64> = connection.query_first(count).await.unwrap();
    assert!(before.unwrap() > 0);
    connection
        .query_drop("UPDATE commit_marker SET made_at = UTC_TIMESTAMP() - INTERVAL 3 MINUTE")
        .await
        .unwrap();
    assert!(storage.maintain(support::NOW).await.unwrap().commit_markers > 0);
}
