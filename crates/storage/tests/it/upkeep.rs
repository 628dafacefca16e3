//! The storage's behaviour beyond the ports' contracts: folding totals, retrying a deadlocked unit of work,
//! bulk inserts, rejecting overload.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts};
use yilin_domain::account::{
    Account, AccountFilter, HomeAddress, Hospital, NewAccount, PasswordHash, PersonName, PhoneNumber, Role,
};
use yilin_domain::list::PageRequest;
use yilin_domain::port::PortError;
use yilin_domain::session::{AttemptKey, AttemptLimits};
use yilin_domain::time::Timestamp;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::eventually;
use yilin_testkit::fakes::FakeClock;
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::TempDatabase;

use crate::support;

const NOW: Timestamp = FakeClock::START;

fn patient(n: u32) -> NewAccount {
    NewAccount {
        username: PersonName::parse(&format!("人{n}")).unwrap(),
        role: Role::Patient,
        sex: None,
        age: None,
        phone: Some(PhoneNumber::parse(&format!("139{n:08}")).unwrap()),
        hospital: Hospital::default(),
        home_address: HomeAddress::parse("人民路1号").unwrap(),
        password: PasswordHash("$2b$12$0123456789012345678901uHash0123456789012345678901234567".to_owned()),
        must_change_password: true,
        created_at: NOW,
    }
}

async fn total(storage: &Storage) -> u64 {
    let filter = AccountFilter { role: Role::Patient, containing: None };
    storage.accounts().page(&filter, PageRequest { number: 1, size: 1 }).await.unwrap().total
}

/// Instances that fold concurrently while others add: every total read existed at some time, and nothing is
/// lost or counted twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn totals_survive_concurrent_folding_on_mariadb() {
    const ADDED: u32 = 300;
    let url = Server::shared().await.database().await;
    let instances = [
        support::storage(&support::options(&*url), support::random()).await,
        support::storage(&support::options(&*url), support::random_of(8)).await,
    ];
    let adding = {
        let storage = instances[0].clone();
        tokio::spawn(async move {
            for n in 0..ADDED {
                storage.accounts().insert(vec![patient(n)], None).await.unwrap();
            }
        })
    };
    let folding: Vec<_> = instances
        .iter()
        .cloned()
        .map(|storage| {
            tokio::spawn(async move {
                let (mut folded, mut seen) = (0, 0);
                while seen < u64::from(ADDED) {
                    folded += match storage.maintain(NOW).await {
                        Ok(done) => done.folded,
                        // It lost every race against the other instance, and did nothing.
                        Err(PortError::Unavailable { .. }) => 0,
                        Err(error) => panic!("{error}"),
                    };
                    let now = total(&storage).await;
                    assert!(now >= seen, "{now} after {seen}");
                    seen = now;
                }
                assert_eq!(seen, u64::from(ADDED));
                folded
            })
        })
        .collect();
    adding.await.unwrap();
    let mut folded = 0;
    for task in folding {
        folded += task.await.unwrap();
    }
    folded += instances[0].maintain(NOW).await.unwrap().folded;
    assert_eq!(folded, u64::from(ADDED), "each delta is folded once");
    assert_eq!(total(&instances[1]).await, u64::from(ADDED));
}

/// The victim of a deadlock is retried as a whole, and takes effect once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_victim_of_a_deadlock_in_mariadb_is_retried() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let attempts = storage.login_attempts();
    let limits = AttemptLimits { per_identifier: 3, ..AttemptLimits::default() };
    let key = AttemptKey::new("app", "13900000000", "192.0.2.1");
    assert!(attempts.begin(&key, NOW, limits).await.unwrap().is_admitted());

    // It has changed more rows, so that the server does not choose it as the victim.
    let mut other = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
    // Repeatable reads would also lock the gaps between the rows.
    other.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await.unwrap();
    other.query_drop("START TRANSACTION").await.unwrap();
    other
        .query_drop("INSERT INTO tally_delta (kind, code, span, n) SELECT 2, 0, 0, 1 FROM seq_1_to_200")
        .await
        .unwrap();
    let touch = |row: &str| format!("UPDATE login_attempt SET version = 9 WHERE key_digest = '{row}'");
    other.query_drop(touch(&format!("address:{}", key.address))).await.unwrap();
    let begun = tokio::spawn({
        let (attempts, key) = (attempts.clone(), key.clone());
        async move { attempts.begin(&key, NOW, limits).await }
    });
    // Then the storage holds one row and waits for the other.
    let waiting = "SELECT COUNT(*) FROM information_schema.INNODB_TRX t \
        JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id \
        WHERE t.trx_state = 'LOCK WAIT' AND p.DB = DATABASE()";
    eventually("the storage waits", async || {
        // The server caches this table and only refreshes it 100 ms after the last query.
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.query_first::<u64, _>(waiting).await.unwrap() == Some(1)
    })
    .await;
    other.query_drop(touch(&format!("identifier:{}", key.identifier))).await.unwrap();
    other.query_drop("COMMIT").await.unwrap();
    assert!(begun.await.unwrap().unwrap().is_admitted());

    let deadlocks: Option<(String, u64)> =
        other.query_first("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'").await.unwrap();
    assert!(deadlocks.unwrap().1 > 0, "there was a deadlock");
    assert!(attempts.begin(&key, NOW, limits).await.unwrap().is_admitted(), "the third");
    assert!(!attempts.begin(&key, NOW, limits).await.unwrap().is_admitted());
}

/// A roster of thousands is one unit of work.
async fn thousands_of_accounts_are_stored_at_once(url: String) {
    let storage = support::storage(&support::options(url), support::random()).await;
    let stored = storage.accounts().insert((0..5000).map(patient).collect(), None).await.unwrap();
    let stored: Vec<Account> = stored.into_iter().map(Result::unwrap).collect();
    assert_eq!(total(&storage).await, 5000);
    for account in [&stored[0], &stored[4999]] {
        assert_eq!(storage.accounts().find(account.uuid).await.unwrap().as_ref(), Some(account));
    }
    // The same ones again: all are taken, none is stored.
    let again = storage.accounts().insert((0..5000).map(patient).collect(), None).await.unwrap();
    assert!(again.iter().all(Result::is_err));
    assert_eq!(total(&storage).await, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_accounts_are_stored_at_once_on_sqlite() {
    let place = TempDatabase::new();
    thousands_of_accounts_are_stored_at_once(place.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_accounts_are_stored_at_once_on_mariadb() {
    thousands_of_accounts_are_stored_at_once(Server::shared().await.database().await).await;
}

/// Excess requests are rejected immediately, and admitted ones are completed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_waiting_for_mariadb_are_bounded() {
    let url = Server::shared().await.database().await;
    let options = StorageOptions { connections: 1, max_waiting: 4, ..support::options(&*url) };
    let storage = support::storage(&options, support::random()).await;
    // No request is answered until all have been sent.
    let mut other = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
    other.query_drop("LOCK TABLES account WRITE").await.unwrap();
    let asked: Vec<_> = (0..200)
        .map(|_| {
            let storage = storage.clone();
            tokio::spawn(async move { storage.accounts().admins().await })
        })
        .collect();
    eventually("all but the admitted ones are rejected", async || {
        asked.iter().filter(|asked| asked.is_finished()).count() == 195
    })
    .await;
    other.query_drop("UNLOCK TABLES").await.unwrap();
    let (mut done, mut refused) = (0, 0);
    for asked in asked {
        match asked.await.unwrap() {
            Ok(_) => done += 1,
            Err(PortError::Overloaded { .. }) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((done, refused), (5, 195));
    storage.accounts().admins().await.unwrap();
}

/// The last handle may be dropped anywhere, even with units running.
async fn a_storage_may_be_dropped_inside_a_runtime(url: String) {
    let storage = support::storage(&support::options(url), support::random()).await;
    let accounts = storage.accounts();
    let given_up = tokio::time::timeout(
        Duration::from_micros(50),
        accounts.insert((0..500).map(patient).collect(), None),
    );
    let _ = given_up.await;
    drop((storage, accounts));
}

#[tokio::test]
async fn a_storage_on_sqlite_may_be_dropped_inside_a_runtime() {
    let place = TempDatabase::new();
    a_storage_may_be_dropped_inside_a_runtime(place.url()).await;
}

#[tokio::test]
async fn a_storage_on_mariadb_may_be_dropped_inside_a_runtime() {
    a_storage_may_be_dropped_inside_a_runtime(Server::shared().await.database().await).await;
}
