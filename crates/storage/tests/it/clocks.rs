//! Machines with wrong clocks, over one database.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::sync::Arc;

use chrono::TimeDelta;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::Role;
use yilin_domain::port::Clock as _;
use yilin_domain::session::{DENIALS_OUTLIVE_SESSIONS, Session, SessionId};
use yilin_domain::time::Timestamp;
use yilin_storage::DatabaseClock;
use yilin_testkit::eventually;
use yilin_testkit::fakes::FakeClock;
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::TempDatabase;

use crate::support::{self, NOW, people};

/// Instances over one database agree on the time, whatever their system clocks say, and know the offset.
async fn instances_agree(url: &str) {
    let storage = support::storage(&support::options(url), support::random()).await;
    let start = storage.now().await.unwrap();
    for wrong_by in [TimeDelta::zero(), TimeDelta::minutes(10), -TimeDelta::minutes(10), TimeDelta::days(9)] {
        let machine = Arc::new(FakeClock::new());
        machine.advance(start + wrong_by - machine.now());
        let clock = DatabaseClock::start(storage.clone(), machine.clone()).await.unwrap();
        // A reading is as exact as the database's answer is quick, which on a busy machine takes some readings.
        eventually("it shows the database's time, and knows how wrong the machine's is", async || {
            clock.synchronise().await.unwrap();
            let (before, shown, after) =
                (storage.now().await.unwrap(), clock.now_precisely(), storage.now().await.unwrap());
            assert_eq!(clock.now().timestamp_subsec_nanos(), 0);
            // The machine's clock stands still while the database's advances.
            let (offset, passed) = (clock.offset(), after - start);
            let tolerance = TimeDelta::seconds(1);
            (before - tolerance..=after + tolerance).contains(&shown)
                && (-wrong_by - tolerance..=passed + tolerance - wrong_by).contains(&offset)
        })
        .await;
    }
}

/// Ended sessions are kept while a clock that is days ahead runs the maintenance.
async fn ends_are_kept(url: &str) {
    let storage = support::storage(&support::options(url), support::random()).await;
    let account = people(&storage, Role::Patient, 1, "139").await.remove(0);
    let session = Session {
        id: SessionId::from_bytes([7; 16]),
        account: account.uuid,
        started_at: NOW,
        expires_at: NOW + TimeDelta::days(7),
        client_address: "192.0.2.1".to_owned(),
    };
    let sessions = storage.sessions();
    sessions.end(&session, NOW, None).await.unwrap();
    storage.maintain(NOW + TimeDelta::days(9)).await.unwrap();
    let ended = sessions.ended_since(Timestamp::UNIX_EPOCH, NOW).await.unwrap();
    assert_eq!(ended.len(), 1);
    let last = session.expires_at + DENIALS_OUTLIVE_SESSIONS + TimeDelta::seconds(1);
    assert_eq!(storage.maintain(last).await.unwrap().sessions, 1, "but not indefinitely");
}

/// The server sets the clock of each connection of an ordinary account, which is what is seen of its clock.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_of_mariadb_that_is_set_is_followed() {
    let server = Server::start().await;
    let url = server.ordinary_account(&server.database().await).await;
    let storage = support::storage(&support::options(&url), support::random()).await;
    let clock = DatabaseClock::start(storage.clone(), Arc::new(FakeClock::new())).await.unwrap();
    let before = clock.now();
    let mut administrator = server.connect().await;
    for statement in
        ["SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 86400'", "KILL USER ordinary"]
    {
        administrator.query_drop(statement).await.unwrap();
    }
    eventually("it is a day later", async || {
        let _connection_lost = clock.synchronise().await;
        clock.now() - before > TimeDelta::hours(23)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_over_mariadb_agree_on_the_time() {
    instances_agree(&Server::shared().await.database().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_over_sqlite_agree_on_the_time() {
    let place = TempDatabase::new();
    instances_agree(&place.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_keeps_the_ends_of_sessions() {
    ends_are_kept(&Server::shared().await.database().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_the_ends_of_sessions() {
    let place = TempDatabase::new();
    ends_are_kept(&place.url()).await;
}
