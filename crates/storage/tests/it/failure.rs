//! Failures around the storage on MariaDB: dropped callers, racing instances, a server that dies, invalid
//! rows.

use std::sync::Arc;
use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts};
use yilin_domain::account::Role;
use yilin_domain::inquiry::{Appointment, InquiryFilter, InquiryParty};
use yilin_domain::list::PageRequest;
use yilin_domain::port::{PortError, Random as _};
use yilin_domain::transition::Provenance;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::contract::{DEADLINES, ZONE};
use yilin_testkit::eventually;
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::mariadb::Server;

use crate::support::{self, NOW, inquiry, people};

/// The worst case: a dropped query leaves its response in the connection, and the next one reads it as its
/// own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dropped_queries_never_leak_rows_to_others_on_mariadb() {
    let url = Server::shared().await.database().await;
    let options = StorageOptions { connections: 4, ..support::options(url) };
    let storage = support::storage(&options, support::random()).await;
    let patients = Arc::new(people(&storage, Role::Patient, 50, "139").await);
    for patient in patients.iter() {
        inquiry(&storage, patient).await;
    }
    let tasks = (0..8_u64).map(|seed| {
        let (storage, patients) = (storage.clone(), patients.clone());
        tokio::spawn(async move {
            let random = FakeRandom::new(seed + 100);
            for _ in 0..600 {
                let mut choice = [0; 3];
                random.fill(&mut choice);
                let dropped = &patients[usize::from(choice[0]) % patients.len()];
                let asked = &patients[usize::from(choice[1]) % patients.len()];
                // Dropped after a delay that ends at any point of the query, or before it.
                let patience = Duration::from_micros(u64::from(choice[2]) * 10);
                let accounts = storage.accounts();
                let _gave_up = tokio::time::timeout(patience, accounts.find(dropped.uuid)).await.is_err();
                let found = accounts.find(asked.uuid).await.unwrap().unwrap();
                assert_eq!(&found, asked, "another's account");
                let own = InquiryFilter::all_of(InquiryParty::Patient(asked.uuid));
                let page = PageRequest { number: 1, size: 10 };
                let list = storage.inquiries().page(&own, page).await.unwrap();
                assert_eq!(list.total, 1);
                assert_eq!(list.items[0].patient.uuid, asked.uuid, "another's inquiry");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// Two instances over one database: all callers decide on the same value, and one wins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_on_two_instances_over_mariadb_wins() {
    let url = Server::shared().await.database().await;
    let instances = [
        support::storage(&support::options(&*url), support::random()).await,
        support::storage(&support::options(&*url), Arc::new(FakeRandom::new(8))).await,
    ];
    let patient = people(&instances[0], Role::Patient, 1, "139").await.remove(0);
    let physicians = people(&instances[0], Role::Physician, 100, "138").await;
    let details = inquiry(&instances[0], &patient).await;
    let racing: Vec<_> = physicians
        .into_iter()
        .enumerate()
        .map(|(n, physician)| {
            let provenance = Provenance::new(physician.uuid, NOW);
            let appointed = details.inquiry.clone().appoint(physician.uuid, provenance, &DEADLINES).unwrap();
            let Appointment::Changed(transition) = appointed else { panic!("it changes") };
            let inquiries = instances[n % 2].inquiries();
            tokio::spawn(async move { (physician.uuid, inquiries.save(&transition).await.unwrap()) })
        })
        .collect();
    let mut winners = Vec::new();
    for racer in racing {
        if let (uuid, Ok(())) = racer.await.unwrap() {
            winners.push(uuid);
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let stored = instances[1].inquiries().find(details.inquiry.id).await.unwrap().unwrap();
    assert_eq!(stored.inquiry.physician(), winners.first().copied());
    let history = instances[0].inquiries().history(details.inquiry.id).await.unwrap();
    assert_eq!(history.len(), 2, "{history:?}");
}

/// Instances that start at the same time on an empty database, and again on a full one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_over_mariadb_can_start_concurrently() {
    let url = Server::shared().await.database().await;
    for _ in 0..2 {
        let starting: Vec<_> = (0..4)
            .map(|n| {
                let options = support::options(&*url);
                tokio::spawn(async move { support::storage(&options, Arc::new(FakeRandom::new(n))).await })
            })
            .collect();
        for storage in starting {
            storage.await.unwrap().ping().await.unwrap();
        }
    }
}

/// A server that dies and comes back: its death is detected without a timeout, and nothing needs a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_crash_is_reported_and_recovered_from() {
    let mut server = Server::start().await;
    let storage = support::storage(&support::options(server.database().await), support::random()).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    server.kill();
    for _ in 0..3 {
        let accounts = storage.accounts();
        let found = tokio::time::timeout(LONG, accounts.find(patient.uuid)).await.expect("before any limit");
        assert!(matches!(found, Err(PortError::Unavailable { .. })), "{found:?}");
    }
    server.restart().await;
    eventually("the server is reachable again", async || {
        storage.accounts().find(patient.uuid).await.is_ok_and(|found| found.as_ref() == Some(&patient))
    })
    .await;
}

/// Half of the limits in [`support::options`].
const LONG: Duration = Duration::from_secs(150);

/// A server that accepts connections and sends nothing, as behind a broken network.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_times_out() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mysql://yilin:yilin@{}/yilin", listener.local_addr().unwrap());
    let options = StorageOptions { connect_timeout: Duration::from_millis(200), ..support::options(url) };
    let storage = Storage::open(&options, support::random(), ZONE).unwrap();
    let found = tokio::time::timeout(LONG, storage.ping()).await.expect("the call times out");
    assert!(matches!(found, Err(PortError::Unavailable { .. })), "{found:?}");
}

/// A hanging statement.
#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_unit_of_work_in_mariadb_times_out() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    let hasty = StorageOptions { unit_timeout: Duration::from_millis(200), ..support::options(&*url) };
    let hasty = Storage::open(&hasty, support::random(), ZONE).unwrap();
    let mut other = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
    other.query_drop("LOCK TABLES account WRITE").await.unwrap();
    let accounts = hasty.accounts();
    let found = tokio::time::timeout(LONG, accounts.find(patient.uuid)).await.expect("the call times out");
    assert!(matches!(found, Err(PortError::Unavailable { .. })), "{found:?}");
    other.query_drop("UNLOCK TABLES").await.unwrap();
    eventually("the next call gets its own result", async || {
        accounts.find(patient.uuid).await.is_ok_and(|found| found.as_ref() == Some(&patient))
    })
    .await;
    assert!(StorageOptions::new(url).unit_timeout < Duration::from_secs(10), "clients give up then");
}

/// An invalid value in a row is an error that names the place, not a default.
#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_row_in_mariadb_is_named() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    let details = inquiry(&storage, &patient).await;
    let mut connection = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
    connection.query_drop("UPDATE inquiry SET status = 77").await.unwrap();
    connection.query_drop("UPDATE account SET phone = 'x'").await.unwrap();
    let found = storage.inquiries().find(details.inquiry.id).await;
    let Err(PortError::Corrupt { table: "inquiry", column: "status", row, .. }) = found else {
        panic!("{found:?}")
    };
    assert_eq!(row, details.inquiry.id.to_string());
    let found = storage.accounts().find(patient.uuid).await;
    assert!(matches!(found, Err(PortError::Corrupt { table: "account", column: "phone", .. })), "{found:?}");
}
