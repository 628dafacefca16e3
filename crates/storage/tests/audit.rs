//! The audit log against whoever can write to the database: what they change is found, and they
//! cannot change it by accident.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use chrono::{DateTime, TimeDelta};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    AuditAction, AuditEvent, AuditFilter, ChainFault, ChainId, ChainOpening, Entity, FaultKind, Tail,
};
use yilin_domain::list::PageRequest;
use yilin_domain::usecase::verify_audit_log;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::Place;

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

async fn faults(storage: &Storage) -> Vec<(u64, FaultKind)> {
    let faults = verify_audit_log(&*storage.audit(), &[]).await.unwrap().faults;
    faults.into_iter().map(|ChainFault { sequence, kind, .. }| (sequence, kind)).collect()
}

/// What somebody does to the table, and what is found then.
const CRIMES: [(&str, u64, FaultKind); 5] = [
    ("UPDATE audit_event SET outcome = 404 WHERE sequence = 3", 3, FaultKind::Changed),
    ("UPDATE audit_event SET patient_uuid = NULL WHERE sequence = 0", 0, FaultKind::Changed),
    ("DELETE FROM audit_event WHERE sequence = 600", 600, FaultKind::Missing { found: 601 }),
    ("DELETE FROM audit_event WHERE sequence = 0", 0, FaultKind::Missing { found: 1 }),
    ("UPDATE audit_chain SET instance = 'another'", 0, FaultKind::Unlinked),
];

/// Sequence 7 takes the place of 8 and the other way round.
const SWAP: [&str; 3] = [
    "UPDATE audit_event SET sequence = 99999 WHERE sequence = 7",
    "UPDATE audit_event SET sequence = 7 WHERE sequence = 8",
    "UPDATE audit_event SET sequence = 8 WHERE sequence = 99999",
];

const WITHOUT_TRIGGERS: &str = "DROP TRIGGER audit_event_keeps_its_rows; DROP TRIGGER audit_event_never_changes; \
    DROP TRIGGER audit_chain_keeps_its_rows; DROP TRIGGER audit_chain_never_changes;";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_table_is_found_on_sqlite() {
    for (crime, sequence, kind) in CRIMES {
        let place = Place::new();
        let storage = support::storage(&StorageOptions::new(place.url()), support::random()).await;
        fill(&storage, 700).await;
        assert_eq!(faults(&storage).await, []);
        let mut conn = SqliteConnection::establish(place.url().trim_start_matches("sqlite:")).unwrap();
        let refused = conn.batch_execute(crime).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
        assert_eq!(faults(&storage).await, []);
        conn.batch_execute(WITHOUT_TRIGGERS).unwrap();
        conn.batch_execute(crime).unwrap();
        assert_eq!(faults(&storage).await, [(sequence, kind)], "{crime}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_table_is_found_on_mariadb() {
    for crime in CRIMES.into_iter().map(Some).chain([None]) {
        let url = Server::shared().await.database().await;
        let storage = support::storage(&StorageOptions::new(&*url), support::random()).await;
        fill(&storage, 700).await;
        assert_eq!(faults(&storage).await, []);
        let mut conn = Conn::from_url(&url).await.unwrap();
        let (statements, found) = match crime {
            Some((crime, sequence, kind)) => (vec![crime], (sequence, kind)),
            None => (SWAP.to_vec(), (7, FaultKind::Unlinked)),
        };
        for statement in &statements {
            conn.query_drop(*statement).await.unwrap();
        }
        assert_eq!(faults(&storage).await, [found], "{statements:?}");
    }
}

/// Each filter is found along an index, not by reading the whole log.
#[tokio::test(flavor = "multi_thread")]
async fn filters_have_indexes() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&StorageOptions::new(&*url), support::random()).await;
    fill(&storage, 20_000).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    conn.query_drop("ANALYZE TABLE audit_event").await.unwrap();
    for condition in [
        "agent_uuid = '00000001'",
        "patient_uuid = '00000001'",
        "operation = 'operation7'",
        "outcome = 404",
        "recorded >= 1795000019900000",
    ] {
        let list = format!("EXPLAIN SELECT * FROM audit_event WHERE {condition} ORDER BY id DESC LIMIT 10");
        let plan: Vec<mysql_async::Row> = conn.query(list).await.unwrap();
        assert!(plan.iter().all(|step| step.get::<Option<String>, _>("key").flatten().is_some()), "{plan:?}");
        let rows: u64 = plan[0].get("rows").unwrap();
        assert!(rows <= 1500, "{condition}: {plan:?}");
    }
    let audit = storage.audit();
    let filter = AuditFilter { patient: event(7).patient, ..AuditFilter::default() };
    let page = audit.page(&filter, PageRequest { number: 1, size: 10 }).await.unwrap();
    assert_eq!((page.total, page.items.len()), (400, 10));
}
