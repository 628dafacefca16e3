//! Stored totals that differ from the records: what is returned meanwhile, and how they are found and
//! repaired.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use crate::support;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use crate::support::{NOW, inquiry, people};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::{AccountFilter, Role};
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::inquiry::{InquiryFilter, InquiryParty, InquiryStatus, VisitType};
use yilin_domain::list::PageRequest;
use yilin_storage::{Counter, Part, Storage, WrongTotal};
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::TempDatabase;

const PAGE: PageRequest = PageRequest { number: 1, size: 10 };

/// Changes the tables directly.
async fn tamper(url: &str, statements: &[&str]) {
    if let Some(path) = url.strip_prefix("sqlite:") {
        SqliteConnection::establish(path).unwrap().batch_execute(&statements.join(";")).unwrap();
        return;
    }
    let mut connection = mysql_async::Conn::from_url(url).await.unwrap();
    for statement in statements {
        connection.query_drop(*statement).await.unwrap();
    }
}

/// Captures the log of this test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn shared() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let writer = log.clone();
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).init();
            log
        })
    }

    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn are_found_and_repaired(url: &str) {
    let storage = support::storage(&support::options(url), support::random()).await;
    let patient = people(&storage, Role::Patient, 3, "139").await.remove(0);
    for _ in 0..2 {
        inquiry(&storage, &patient).await;
    }
    storage.maintain(NOW).await.unwrap();
    // Not folded yet.
    inquiry(&storage, &patient).await;
    assert_eq!(storage.wrong_totals().await.unwrap(), []);
    assert_eq!(storage.repair_totals().await.unwrap(), []);

    let tampering = [
        "UPDATE tally SET n = n + 5 WHERE kind = 2 AND level = 2 AND code = 0",
        "DELETE FROM tally WHERE kind = 0 AND level = 2",
        "INSERT INTO tally_delta (kind, code, span, n) VALUES (1, 0, 3, -3)",
        "UPDATE tally SET n = n + 1 WHERE kind = 3",
    ];
    tamper(url, &tampering).await;
    let whole = Part::Everything;
    let orders = Counter::DrugOrders(DrugOrderStatus::Pending);
    let wrong = [
        WrongTotal {
            counter: Counter::Inquiries(InquiryStatus::Submitted),
            part: whole,
            kept: 1,
            counted: 3,
        },
        WrongTotal { counter: orders, part: Part::Ids { first: 3072, last: 4095 }, kept: -3, counted: 0 },
        WrongTotal { counter: orders, part: Part::Ids { first: 0, last: 65535 }, kept: -3, counted: 0 },
        WrongTotal { counter: orders, part: whole, kept: -3, counted: 0 },
        WrongTotal { counter: Counter::Accounts(Role::Patient), part: whole, kept: 8, counted: 3 },
        WrongTotal {
            counter: Counter::Visits(VisitType::Home),
            part: Part::Day(support::appointment().local().date()),
            kept: 4,
            counted: 3,
        },
    ];
    assert_eq!(storage.wrong_totals().await.unwrap(), wrong);
    assert_eq!(storage.wrong_totals().await.unwrap(), wrong, "the check changes nothing");
    assert_eq!(wrong[0].to_string(), "inquiries in status submitted: the stored total is 1, but there are 3");
    assert_eq!(
        wrong[1].to_string(),
        "drug orders in status pending with ids 3072 to 4095: the stored total is -3, but there are 0"
    );

    assert_eq!(storage.repair_totals().await.unwrap(), wrong);
    assert_eq!(storage.wrong_totals().await.unwrap(), []);
    assert_eq!(storage.repair_totals().await.unwrap(), [], "nothing is left to repair");
    storage.maintain(NOW).await.unwrap();
    assert_eq!(totals(&storage).await, (3, 0, 3));
    assert_eq!(storage.wrong_totals().await.unwrap(), []);
}

/// The totals of inquiries, drug orders and patients.
async fn totals(storage: &Storage) -> (u64, u64, u64) {
    let inquiries = InquiryFilter::all_of(InquiryParty::Anyone);
    let orders = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    let patients = AccountFilter { role: Role::Patient, containing: None };
    (
        storage.inquiries().page(&inquiries, PAGE).await.unwrap().total,
        storage.drug_orders().page(&orders, PAGE).await.unwrap().total,
        storage.accounts().page(&patients, PAGE).await.unwrap().total,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_totals_are_found_and_repaired_on_sqlite() {
    are_found_and_repaired(&TempDatabase::new().url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_totals_are_found_and_repaired_on_mariadb() {
    are_found_and_repaired(&Server::shared().await.database().await).await;
}

/// A negative total is returned as zero and logged as an error.
#[tokio::test(flavor = "multi_thread")]
async fn a_negative_total_is_logged() {
    let log = Log::shared();
    let place = TempDatabase::new();
    let storage = support::storage(&support::options(place.url()), support::random()).await;
    people(&storage, Role::Patient, 2, "139").await;
    assert_eq!(totals(&storage).await, (0, 0, 2));
    assert!(!log.take().contains("ERROR"));
    tamper(&place.url(), &["INSERT INTO tally_delta (kind, code, span, n) VALUES (2, 0, 0, -7)"]).await;
    assert_eq!(totals(&storage).await, (0, 0, 0));
    let logged = log.take();
    assert!(
        logged.contains("ERROR") && logged.contains("is negative") && logged.contains("total=-5"),
        "{logged}"
    );
}

/// Two instances repair concurrently while records are added and deltas folded: the difference is corrected
/// once, and nothing else changes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_repairs_correct_mariadb_once() {
    let url = Server::shared().await.database().await;
    let instances = [
        support::storage(&support::options(&*url), support::random()).await,
        support::storage(&support::options(&*url), support::random_of(8)).await,
    ];
    let patient = people(&instances[0], Role::Patient, 1, "139").await.remove(0);
    for round in 0..5_u64 {
        tamper(&url, &["INSERT INTO tally (kind, level, span, code, n) VALUES (0, 2, 0, 0, 100) ON DUPLICATE KEY UPDATE n = n + 100"]).await;
        let adding = async {
            for _ in 0..10 {
                inquiry(&instances[0], &patient).await;
            }
        };
        let folding = async {
            for _ in 0..10 {
                instances[1].maintain(NOW).await.unwrap();
            }
        };
        let repairs = async { tokio::join!(instances[0].repair_totals(), instances[1].repair_totals()) };
        let ((), (), (first, second)) = tokio::join!(adding, folding, repairs);
        let repaired = first.unwrap().len() + second.unwrap().len();
        assert_eq!(repaired, 1, "in round {round}");
        assert_eq!(instances[0].wrong_totals().await.unwrap(), []);
        assert_eq!(totals(&instances[1]).await, (10 * (round + 1), 0, 1));
    }
}
