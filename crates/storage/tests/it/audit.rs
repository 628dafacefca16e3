//! The audit log against whoever can write to the database: what they change is found, and they
//! cannot change it by accident.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chrono::{DateTime, TimeDelta};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    AuditAction, AuditEvent, AuditFilter, ChainFault, ChainId, ChainOpening, Entity, Tail,
};
use yilin_domain::list::PageRequest;
use yilin_domain::usecase::verify_audit_log;
use yilin_storage::{AuditIndexFault, Storage};
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::Place;

use crate::support;

fn opening() -> ChainOpening {
    let opened_at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    ChainOpening { id: ChainId::from_bytes([5; 16]), instance: "ward".to_owned(), opened_at }
}

fn event(n: u32) -> AuditEvent {
    AuditEvent {
        recorded: opening().opened_at + TimeDelta::milliseconds(n.into()),
        agent: None,
        session: None,
        source: "::1".to_owned(),
        request: format!("{n:016x}"),
        operation: format!("operation{}", n % 20),
        action: AuditAction::Read,
        entity: Some(Entity { kind: "inquiry".to_owned(), id: n.to_string() }),
        patient: Some(AccountUuid::from_bytes((n % 50).to_be_bytes())),
        outcome: 200,
        query: String::new(),
        results: None,
    }
}

async fn fill(storage: &Storage, number: u32) {
    let audit = storage.audit();
    audit.open_chain(&opening()).await.unwrap();
    let mut tail = Tail::new(&opening());
    let entries: Vec<_> = (0..number).map(|n| tail.link(event(n))).collect();
    for part in entries.chunks(500) {
        audit.append(opening().id, part).await.unwrap();
    }
}

async fn faults(storage: &Storage) -> Vec<(u64, String)> {
    let faults = verify_audit_log(&*storage.audit(), &[]).await.unwrap().faults;
    faults.into_iter().map(|ChainFault { sequence, kind, .. }| (sequence, kind.to_string())).collect()
}

/// What somebody does to the tables (in which there is a block of 500 entries and one of 200), and what
/// is found then.
const CRIMES: [(&[&str], u64, &str); 10] = [
    (
        &["UPDATE audit_block SET body = JSON_REPLACE(body, '$[3].outcome', 404) WHERE sequence = 0"],
        3,
        CHANGED,
    ),
    (&["UPDATE audit_block SET body = JSON_REMOVE(body, '$[0].patient') WHERE sequence = 0"], 0, CHANGED),
    (&["UPDATE audit_block SET body = JSON_REMOVE(body, '$[100]') WHERE sequence = 500"], 500, UNREADABLE),
    (&["UPDATE audit_block SET body = '[]', links = SUBSTR(links, 1, 32) WHERE sequence = 0"], 0, MISSING),
    (&["UPDATE audit_block SET links = SUBSTR(links, 1, 320) WHERE sequence = 500"], 500, UNREADABLE),
    (&["DELETE FROM audit_block WHERE sequence = 0"], 0, MISSING),
    (&["UPDATE audit_chain SET instance = 'another'"], 0, "the entry does not follow the one before it"),
    (
        &["UPDATE audit_block SET body = JSON_SET(body, '$[7]', JSON_EXTRACT(body, '$[8]'), \
           '$[8]', JSON_EXTRACT(body, '$[7]')) WHERE sequence = 0"],
        7,
        CHANGED,
    ),
    // One block goes behind the other.
    (&["UPDATE audit_block SET sequence = 700 WHERE sequence = 0"], 0, MISSING),
    // A block that says that it reaches to the end does not hide what follows.
    (
        &[
            "UPDATE audit_block SET entries = 100000 WHERE sequence = 0",
            "UPDATE audit_block SET body = JSON_REPLACE(body, '$[1].outcome', 404) WHERE sequence = 500",
        ],
        501,
        CHANGED,
    ),
];

const CHANGED: &str = "the entry was changed";
const MISSING: &str = "the entry is missing; 500 comes next";
const UNREADABLE: &str = "entries cannot be read from here on: audit_block.links of row 2";

const WITHOUT_TRIGGERS: &str = "DROP TRIGGER audit_block_keeps_its_rows; DROP TRIGGER audit_block_never_changes; \
    DROP TRIGGER audit_chain_keeps_its_rows; DROP TRIGGER audit_chain_never_changes;";

fn sqlite(place: &Place) -> SqliteConnection {
    SqliteConnection::establish(place.url().trim_start_matches("sqlite:")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_tables_is_found_on_sqlite() {
    for (crime, sequence, fault) in CRIMES {
        let place = Place::new();
        let storage = support::storage(&support::options(place.url()), support::random()).await;
        fill(&storage, 700).await;
        assert_eq!(faults(&storage).await, []);
        let mut conn = sqlite(&place);
        for statement in crime {
            let refused = conn.batch_execute(statement).unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{refused}");
        }
        assert_eq!(faults(&storage).await, []);
        conn.batch_execute(WITHOUT_TRIGGERS).unwrap();
        for statement in crime {
            conn.batch_execute(statement).unwrap();
        }
        let found = faults(&storage).await;
        assert!(
            matches!(&found[..], [(at, kind)] if *at == sequence && kind.starts_with(fault)),
            "{found:?}: {crime:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_tables_is_found_on_mariadb() {
    for (crime, sequence, fault) in CRIMES {
        let url = Server::shared().await.database().await;
        let storage = support::storage(&support::options(&*url), support::random()).await;
        fill(&storage, 700).await;
        assert_eq!(faults(&storage).await, []);
        let mut conn = Conn::from_url(&url).await.unwrap();
        for statement in crime {
            conn.query_drop(*statement).await.unwrap();
        }
        let found = faults(&storage).await;
        assert!(
            matches!(&found[..], [(at, kind)] if *at == sequence && kind.starts_with(fault)),
            "{found:?}: {crime:?}"
        );
    }
}

/// What is no entry any more is a fault of its chain, and does not keep the others from being looked at.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_found() {
    for nonsense in ["[{", "{}", "[{\"recorded\": 500}]", "[1]"] {
        let place = Place::new();
        let storage = support::storage(&support::options(place.url()), support::random()).await;
        fill(&storage, 700).await;
        let mut conn = sqlite(&place);
        conn.batch_execute(WITHOUT_TRIGGERS).unwrap();
        conn.batch_execute(&format!("UPDATE audit_block SET body = '{nonsense}' WHERE sequence = 500"))
            .unwrap();
        let found = faults(&storage).await;
        assert!(
            matches!(&found[..], [(500, kind)] if kind.contains("audit_block.body of row 2")),
            "{found:?}"
        );
    }
}

/// What an instance left unsearchable when it ended is made searchable when the next one begins.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_instance_finishes_the_index_on_mariadb() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    fill(&storage, 5000).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    // A segment is some thousand entries; the rest is read.
    eventually("a segment", async || searchable_to(&mut conn).await == 4500).await;
    drop(storage);
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let other = ChainOpening { id: ChainId::from_bytes([6; 16]), ..opening() };
    storage.audit().open_chain(&other).await.unwrap();
    eventually("the rest", async || searchable_to(&mut conn).await == 5000).await;
    let filter = AuditFilter { patient: event(7).patient, ..AuditFilter::default() };
    assert_eq!(storage.audit().page(&filter, PageRequest { number: 1, size: 1 }).await.unwrap().total, 100);
}

/// What somebody does to the index, which keeps entries from being found or shows them to others.
const CRIMES_AGAINST_THE_INDEX: [&str; 9] = [
    "DELETE FROM audit_posting WHERE bucket = 'patient:7'",
    "UPDATE audit_posting SET terms = REPLACE(terms, '00000007', '00000077') WHERE bucket = 'patient:7'",
    "UPDATE audit_posting SET bucket = 'agent:f' WHERE bucket = 'patient:f'",
    "UPDATE audit_segment SET recorded_last = recorded_first",
    "DELETE FROM audit_segment",
    "UPDATE audit_indexed SET next = 5000",
    "DELETE FROM audit_indexed",
    "INSERT INTO audit_indexed (chain, next) VALUES (X'06060606060606060606060606060606', 0)",
    "INSERT INTO audit_segment (chain, sequence, recorded_first, recorded_last) \
     VALUES (X'06060606060606060606060606060606', 0, 0, 0)",
];

/// They are found, and mended from the entries.
async fn mends(storage: &Storage, crime: &str) {
    let faults = storage.check_audit_index().await.unwrap();
    assert!(matches!(faults[..], [AuditIndexFault { sequence: 0, .. }]), "{faults:?}: {crime}");
    assert_eq!(self::faults(storage).await, [], "the log itself is whole: {crime}");
    storage.empty_audit_index().await.unwrap();
    for round in 0..2 {
        let filter = AuditFilter { patient: event(7).patient, ..AuditFilter::default() };
        let page = PageRequest { number: 1, size: 1 };
        assert_eq!(storage.audit().page(&filter, page).await.unwrap().total, 100, "{crime}: {round}");
        storage.index_audit_chain(opening().id).await.unwrap();
        assert_eq!(storage.check_audit_index().await.unwrap(), [], "{crime}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_index_is_found_on_sqlite() {
    for crime in CRIMES_AGAINST_THE_INDEX {
        let place = Place::new();
        let storage = support::storage(&support::options(place.url()), support::random()).await;
        fill(&storage, 5000).await;
        let mut conn = sqlite(&place);
        eventually("a segment", async || {
            let next = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT MAX(next) FROM audit_indexed");
            next.get_result::<i64>(&mut conn).unwrap() == 4500
        })
        .await;
        assert_eq!(storage.check_audit_index().await.unwrap(), []);
        conn.batch_execute(crime).unwrap();
        mends(&storage, crime).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_index_is_found_on_mariadb() {
    for crime in CRIMES_AGAINST_THE_INDEX {
        let url = Server::shared().await.database().await;
        let storage = support::storage(&support::options(&*url), support::random()).await;
        fill(&storage, 5000).await;
        let mut conn = Conn::from_url(&url).await.unwrap();
        eventually("a segment", async || searchable_to(&mut conn).await == 4500).await;
        assert_eq!(storage.check_audit_index().await.unwrap(), []);
        conn.query_drop(crime).await.unwrap();
        mends(&storage, crime).await;
    }
}

/// However long the log is, a search walks no table but the few chains.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_goes_along_indexes_on_mariadb() {
    let server = Server::start().await;
    let url = server.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    fill(&storage, 20_000).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    eventually("the segments", async || searchable_to(&mut conn).await >= 16_384).await;
    // So many that walking them all would be slower.
    conn.query_drop(
        "INSERT INTO audit_segment (chain, sequence, recorded_first, recorded_last) \
         SELECT REPEAT('x', 16), seq, 0, 0 FROM seq_1_to_3000",
    )
    .await
    .unwrap();
    conn.query_drop("ANALYZE TABLE audit_block, audit_posting, audit_segment, audit_indexed").await.unwrap();
    // The server writes down every statement as it runs it, values and all.
    for statement in ["SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = ON"] {
        conn.query_drop(statement).await.unwrap();
    }
    let (audit, page) = (storage.audit(), PageRequest { number: 2, size: 10 });
    let from = Some(event(9000).recorded);
    let filter = AuditFilter { patient: event(7).patient, ..AuditFilter::default() };
    assert_eq!(audit.page(&filter, page).await.unwrap().total, 400);
    let filter = AuditFilter { operation: Some("operation7".to_owned()), from, ..filter };
    assert_eq!(audit.page(&filter, page).await.unwrap().total, 110);
    let first = audit.batch(&AuditFilter::default(), None, 10).await.unwrap();
    audit.batch(&AuditFilter::default(), first.last().map(|record| record.id), 10).await.unwrap();
    audit.chain(opening().id, 12_345, 10).await.unwrap();
    conn.query_drop("SET GLOBAL general_log = OFF").await.unwrap();
    let logged: Vec<String> = conn
        .query(
            "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
             WHERE command_type = 'Execute' AND argument LIKE 'SELECT%'",
        )
        .await
        .unwrap();
    assert!(logged.len() >= 12, "{logged:?}");
    for statement in logged {
        let plan: Vec<mysql_async::Row> = conn.query(format!("EXPLAIN {statement}")).await.unwrap();
        for step in &plan {
            let text = |column: &str| step.get::<Option<String>, _>(column).flatten().unwrap_or_default();
            let walked = ["ALL", "index"].contains(&&*text("type")) && text("table") != "audit_indexed";
            assert!(!walked && !text("Extra").contains("filesort"), "{plan:?}\n{statement}");
        }
    }
}

async fn searchable_to(conn: &mut Conn) -> u64 {
    conn.query_first("SELECT MAX(next) FROM audit_indexed").await.unwrap().unwrap()
}
