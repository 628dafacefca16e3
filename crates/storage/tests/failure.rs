//! What goes wrong around the storage on MariaDB: callers that go away, instances that race, a server
//! that dies, rows that make no sense.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts};
use support::{NOW, inquiry, people};
use yilin_domain::account::Role;
use yilin_domain::inquiry::{Appointment, InquiryFilter, InquiryParty};
use yilin_domain::list::PageRequest;
use yilin_domain::port::{PortError, Random as _};
use yilin_domain::transition::Provenance;
use yilin_storage::StorageOptions;
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::mariadb::Server;

/// The worst that could happen: a query that is dropped half-way leaves its answer in the connection,
/// and the next one reads it as its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_go_away_never_show_their_rows_to_others() {
    let url = Server::shared().await.database().await;
    let options = StorageOptions { connections: 4, ..StorageOptions::new(url) };
    let storage = support::storage(&options, support::random()).await;
    let patients = Arc::new(people(&storage, Role::Patient, 50, "139").await);
    for patient in patients.iter() {
        inquiry(&storage, &patient).await;
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
                // Dropped after a while that ends at any point of the query, or before it.
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

/// Two instances over one database; all decide on the same value, and one wins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_on_two_instances_one_wins() {
    let url = Server::shared().await.database().await;
    let instances = [
        support::storage(&StorageOptions::new(&*url), support::random()).await,
        support::storage(&StorageOptions::new(&*url), Arc::new(FakeRandom::new(8))).await,
    ];
    let patient = people(&instances[0], Role::Patient, 1, "139").await.remove(0);
    let physicians = people(&instances[0], Role::Physician, 100, "138").await;
    let details = inquiry(&instances[0], &patient).await;
    let racing: Vec<_> = physicians
        .into_iter()
        .enumerate()
        .map(|(n, physician)| {
            let provenance = Provenance { by: physician.uuid, at: NOW };
            let appointed = details.inquiry.clone().appoint(physician.uuid, provenance).unwrap();
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

/// Instances that start at once on an empty database, and again on a full one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_that_start_at_once_all_come_up() {
    let url = Server::shared().await.database().await;
    for _ in 0..2 {
        let starting: Vec<_> = (0..4)
            .map(|n| {
                let options = StorageOptions::new(&*url);
                tokio::spawn(async move { support::storage(&options, Arc::new(FakeRandom::new(n))).await })
            })
            .collect();
        for storage in starting {
            storage.await.unwrap().ping().await.unwrap();
        }
    }
}

/// A server that dies and comes back: errors come quickly, and nothing needs a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_is_told_quickly_and_found_again() {
    let mut server = Server::start().await;
    let storage = support::storage(&StorageOptions::new(server.database().await), support::random()).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    server.kill();
    for _ in 0..3 {
        let asked = Instant::now();
        let found = storage.accounts().find(patient.uuid).await;
        assert!(matches!(found, Err(PortError::Unavailable { .. })), "{found:?}");
        assert!(asked.elapsed() < Duration::from_secs(9), "{:?}", asked.elapsed());
    }
    server.restart().await;
    let found = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Ok(found) = storage.accounts().find(patient.uuid).await {
                break found;
            }
        }
    });
    assert_eq!(found.await.unwrap(), Some(patient));
}

/// Nonsense in a row is an error that says where, not a default.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_makes_no_sense_is_named() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&StorageOptions::new(&*url), support::random()).await;
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
