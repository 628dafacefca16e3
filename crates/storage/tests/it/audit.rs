//! The audit log against an attacker with write access to the database: tampering is detected, and accidental
//! changes are prevented.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use crate::support;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    AuditAction, AuditEvent, AuditFilter, ChainFault, ChainId, ChainOpening, ChainRemoval, Entity, Tail,
};
use yilin_domain::list::PageRequest;
use yilin_domain::port::Appended;
use yilin_domain::usecase::{ChainWriter, verify_audit_log};
use yilin_storage::Storage;
use yilin_testkit::fakes::FakeClock;
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::TempDatabase;

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
        assert_eq!(audit.append(opening().id, part, &[]).await.unwrap(), Appended::Stored);
    }
}

async fn faults(storage: &Storage) -> Vec<(u64, String)> {
    let faults = verify_audit_log(&*storage.audit(), &[]).await.unwrap().faults;
    faults.into_iter().map(|ChainFault { sequence, kind, .. }| (sequence, kind.to_string())).collect()
}

/// Manipulations of the tables (which contain a block of 500 entries and one of 200), and the fault that is
/// found.
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
    (&["UPDATE audit_chain SET instance = 'another'"], 0, "the entry does not link to the previous one"),
    (
        &["UPDATE audit_block SET body = JSON_SET(body, '$[7]', JSON_EXTRACT(body, '$[8]'), \
           '$[8]', JSON_EXTRACT(body, '$[7]')) WHERE sequence = 0"],
        7,
        CHANGED,
    ),
    // One block moves behind the other.
    (&["UPDATE audit_block SET sequence = 700 WHERE sequence = 0"], 0, MISSING),
    // A block that claims to reach to the end.
    (&["UPDATE audit_block SET entries = 100000 WHERE sequence = 0"], 0, MISFILED),
];

const CHANGED: &str = "the entry was modified";
const MISSING: &str = "the entry is missing; 500 comes next";
const UNREADABLE: &str = "entries cannot be read from here on: audit_block.links of row 2";

const WITHOUT_TRIGGERS: &str = "DROP TRIGGER audit_chain_is_not_changed; DROP TRIGGER audit_chain_is_not_deleted; \
    DROP TRIGGER audit_block_is_not_changed; DROP TRIGGER audit_block_is_not_deleted; \
    DROP TRIGGER audit_person_is_not_changed; DROP TRIGGER audit_person_is_not_deleted;";

fn sqlite(place: &TempDatabase) -> SqliteConnection {
    SqliteConnection::establish(place.url().trim_start_matches("sqlite:")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_the_tables_is_detected_on_sqlite() {
    for (crime, sequence, fault) in CRIMES {
        let place = TempDatabase::new();
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
async fn tampering_with_the_tables_is_detected_on_mariadb() {
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

/// An unreadable entry is a fault of its chain, and does not prevent the verification of others.
#[tokio::test(flavor = "multi_thread")]
async fn unreadable_entries_are_detected() {
    for nonsense in ["[{", "{}", "[{\"recorded\": 500}]", "[1]"] {
        let place = TempDatabase::new();
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

/// Manipulations of the search index, and the fault that is found.
const CRIMES_AGAINST_SEARCHES: [(&str, u64); 5] = [
    ("DELETE FROM audit_person WHERE person = '00000007'", 0),
    ("UPDATE audit_person SET person = '00000099' WHERE person = '00000007' AND block = 2", 500),
    ("UPDATE audit_person SET entries = 1 WHERE person = '00000007' AND block = 1", 0),
    ("UPDATE audit_block SET recorded_first = 0, recorded_last = 0 WHERE sequence = 500", 500),
    (
        "UPDATE audit_block SET body = REPLACE(body, '\"operation\":', '\"operation\": ') WHERE sequence = 500",
        500,
    ),
];

const MISFILED: &str = "the search index omits this entry and those written with it";

#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_the_search_index_is_detected_on_sqlite() {
    for (crime, sequence) in CRIMES_AGAINST_SEARCHES {
        let place = TempDatabase::new();
        let storage = support::storage(&support::options(place.url()), support::random()).await;
        fill(&storage, 700).await;
        let mut conn = sqlite(&place);
        let refused = conn.batch_execute(crime).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
        conn.batch_execute(WITHOUT_TRIGGERS).unwrap();
        conn.batch_execute(crime).unwrap();
        assert_eq!(faults(&storage).await, [(sequence, MISFILED.to_owned())], "{crime}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_the_search_index_is_detected_on_mariadb() {
    for (crime, sequence) in CRIMES_AGAINST_SEARCHES {
        let url = Server::shared().await.database().await;
        let storage = support::storage(&support::options(&*url), support::random()).await;
        fill(&storage, 700).await;
        Conn::from_url(&url).await.unwrap().query_drop(crime).await.unwrap();
        assert_eq!(faults(&storage).await, [(sequence, MISFILED.to_owned())], "{crime}");
    }
}

/// Statements that change, replace or remove rows, including those that fire no delete trigger.
const FORBIDDEN: [&str; 14] = [
    "UPDATE audit_chain SET instance = 'x'",
    "UPDATE audit_block SET entries = 1",
    "UPDATE audit_person SET entries = entries + 1",
    "UPDATE audit_removal SET entries = 1",
    "DELETE FROM audit_chain",
    "DELETE FROM audit_block WHERE sequence = 500",
    "DELETE FROM audit_person WHERE person = '00000007'",
    "DELETE FROM audit_removal",
    "REPLACE INTO audit_chain SELECT * FROM audit_chain",
    "REPLACE INTO audit_block SELECT * FROM audit_block WHERE sequence = 500",
    "REPLACE INTO audit_block (chain, sequence, entries, recorded_first, recorded_last, links, body) \
     SELECT chain, sequence, 0, 0, 0, links, '[]' FROM audit_block WHERE sequence = 500",
    "REPLACE INTO audit_person SELECT * FROM audit_person",
    "REPLACE INTO audit_removal SELECT * FROM audit_removal",
    // A chain of the last six months.
    "INSERT INTO audit_removal SELECT id, 0, id, 0 FROM audit_chain",
];

/// An old chain, which the service removed, and a recent one.
async fn fill_and_remove(storage: &Storage) {
    let audit = storage.audit();
    let opened_at = DateTime::from_timestamp(1_590_000_000, 0).unwrap();
    let old = ChainOpening { id: ChainId::from_bytes([4; 16]), opened_at, ..opening() };
    audit.open_chain(&old).await.unwrap();
    let mut tail = Tail::new(&old);
    let aged = |n| AuditEvent { recorded: opened_at, ..event(n) };
    let entries: Vec<_> = (0..700).map(|n| tail.link(aged(n))).collect();
    assert_eq!(audit.append(old.id, &entries, &[]).await.unwrap(), Appended::Stored);
    fill(storage, 700).await;
    let hash = entries.last().unwrap().hash;
    let removal = ChainRemoval { chain: old.id, entries: 700, hash, removed_at: opening().opened_at };
    assert!(audit.remove_chain(&removal).await.unwrap());
    assert_eq!(verify_audit_log(&*audit, &[]).await.unwrap().entries, 700);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_only_allows_appending_and_removing_old_chains() {
    let place = TempDatabase::new();
    let storage = support::storage(&support::options(place.url()), support::random()).await;
    fill_and_remove(&storage).await;
    let mut conn = sqlite(&place);
    for statement in FORBIDDEN {
        for statement in [statement.to_owned(), statement.replacen("REPLACE", "INSERT OR REPLACE", 1)] {
            let refused = conn.batch_execute(&statement).unwrap_err().to_string();
            assert!(refused.contains("audit log"), "{statement}: {refused}");
        }
    }
    assert_eq!(faults(&storage).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_with_the_triggers_allows_no_more() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    let triggers = include_str!("../../../../deploy/audit-triggers.sql");
    let (_, triggers) = triggers.split_once("DELIMITER //").unwrap();
    for trigger in triggers.split("//").filter(|text| text.contains("CREATE TRIGGER")) {
        conn.query_drop(trigger).await.unwrap();
    }
    fill_and_remove(&storage).await;
    for statement in FORBIDDEN {
        let refused = conn.query_drop(statement).await.unwrap_err().to_string();
        assert!(
            refused.contains("audit log") || refused.contains("Duplicate entry"),
            "{statement}: {refused}"
        );
    }
    assert_eq!(faults(&storage).await, []);
}

/// Entries stay visible without the opening of their chain.
#[tokio::test(flavor = "multi_thread")]
async fn entries_without_an_opening_are_found_on_mariadb() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    fill(&storage, 700).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    conn.query_drop("DELETE FROM audit_chain").await.unwrap();
    assert_eq!(storage.audit().chains_without_opening().await.unwrap(), [opening().id]);
    let found = faults(&storage).await;
    assert!(matches!(&found[..], [(0, kind)] if kind.contains("the opening of the chain")), "{found:?}");
}

/// A writer of a chain in this storage, whose id is derived from the seed.
async fn writer(storage: &Storage, seed: usize) -> ChainWriter {
    let (clock, random) = (Arc::new(FakeClock::new()), support::random_of(seed as u64));
    ChainWriter::open(storage.audit(), clock, random, "ward".to_owned()).await.unwrap()
}

/// Writes events with these queries, some of which the database rejects; returns what is stored.
async fn write(storage: &Storage, queries: &[String]) -> (usize, Vec<String>) {
    let mut writer = writer(storage, queries.iter().map(String::len).sum()).await;
    let numbered = queries.iter().zip(0..);
    writer.add(numbered.map(|(query, n)| AuditEvent { query: query.clone(), ..event(n) }));
    let replaced = writer.flush().await.unwrap();
    assert_eq!(faults(storage).await, []);
    let entries = storage.audit().chain(writer.chain(), 0, 1000).await.unwrap();
    (replaced, entries.into_iter().map(|entry| entry.event.query).collect())
}

async fn replaces_rejected_entries(storage: &Storage) {
    let mut queries: Vec<_> = (0..600).map(|n| format!("val={n}")).collect();
    "poison".clone_into(&mut queries[77]);
    let (replaced, stored) = write(storage, &queries).await;
    assert!(replaced == 1 && stored.len() == 600, "{replaced} of {}", stored.len());
    assert!(
        stored[77].contains("were not stored: ") && stored[77].contains("a trigger says no"),
        "{}",
        stored[77]
    );
    queries[77].clone_from(&stored[77]);
    assert_eq!(stored, queries);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_entry_does_not_block_the_others_on_sqlite() {
    let place = TempDatabase::new();
    let storage = support::storage(&support::options(place.url()), support::random()).await;
    let refuse = "CREATE TRIGGER poison BEFORE INSERT ON audit_block WHEN INSTR(NEW.body, 'poison') \
        BEGIN SELECT RAISE(ABORT, 'a trigger says no'); END";
    sqlite(&place).batch_execute(refuse).unwrap();
    replaces_rejected_entries(&storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_entry_does_not_block_the_others_on_mariadb() {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let refuse = "CREATE TRIGGER poison BEFORE INSERT ON audit_block FOR EACH ROW \
        IF INSTR(NEW.body, 'poison') THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a trigger says no'; END IF";
    Conn::from_url(&url).await.unwrap().query_drop(refuse).await.unwrap();
    replaces_rejected_entries(&storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_outbox_row_does_not_block_the_others() {
    let place = TempDatabase::new();
    let storage = support::storage(&support::options(place.url()), support::random()).await;
    let audit = storage.audit();
    let writer = opening().id;
    for n in 0..3 {
        audit.leave(writer, &event(n)).await.unwrap();
    }
    let tampered = "UPDATE audit_outbox SET body = 'nonsense' WHERE id = 2";
    sqlite(&place).batch_execute(tampered).unwrap();
    let left = audit.outbox(writer, opening().opened_at, 9).await.unwrap();
    let operations: Vec<_> = left.iter().map(|left| left.event.operation.as_str()).collect();
    assert_eq!(operations, ["operation0", "unreadable outbox row", "operation2"]);
    assert_eq!((left[1].event.recorded, left[1].event.outcome), (event(1).recorded, 500));
}

/// Old configurations limit statements to 1 MiB, or less.
#[tokio::test(flavor = "multi_thread")]
async fn blocks_over_the_packet_limit_are_split_on_mariadb() {
    let server = Server::start().await;
    for (limit, too_large) in [(1 << 20, 0), (64 << 10, 1)] {
        let url = server.database().await;
        let mut conn = Conn::from_url(&url).await.unwrap();
        conn.query_drop(format!("SET GLOBAL max_allowed_packet = {limit}")).await.unwrap();
        let storage = support::storage(&support::options(&*url), support::random()).await;
        let mut queries: Vec<_> = (0..800).map(|n| format!("val={n:02000}")).collect();
        if too_large > 0 {
            queries[5] = "x".repeat(limit);
        }
        let (replaced, stored) = write(&storage, &queries).await;
        assert_eq!(replaced, too_large);
        let different = stored.iter().zip(&queries).filter(|(stored, query)| stored != query).count();
        assert_eq!((stored.len(), different), (800, too_large), "{limit}");
    }
}

/// Some minutes of these are a small part of the log.
fn each_second(n: u32) -> AuditEvent {
    AuditEvent { recorded: opening().opened_at + TimeDelta::seconds(n.into()), ..event(n) }
}

/// A search follows an index and sorts nothing, whatever the length of the log.
#[tokio::test(flavor = "multi_thread")]
async fn searches_follow_indexes_on_mariadb() {
    let server = Server::start().await;
    let url = server.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let audit = storage.audit();
    audit.open_chain(&opening()).await.unwrap();
    let mut tail = Tail::new(&opening());
    let mut conn = Conn::from_url(&url).await.unwrap();
    // Blocks of a few entries, as written under light load.
    let entries: Vec<_> = (0..12_000).map(|n| tail.link(each_second(n))).collect();
    for part in entries.chunks(3) {
        assert_eq!(audit.append(opening().id, part, &[]).await.unwrap(), Appended::Stored);
    }
    conn.query_drop("ANALYZE TABLE audit_block, audit_person, audit_chain").await.unwrap();
    // The server logs every statement with its values.
    for statement in ["SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = ON"] {
        conn.query_drop(statement).await.unwrap();
    }
    let pages = [PageRequest { number: 1, size: 10 }, PageRequest { number: 5, size: 10 }];
    let (from, to) = (Some(each_second(9000).recorded), Some(each_second(9900).recorded));
    let (patient, agent) = (event(7).patient, event(8).patient);
    let operation = Some("operation7".to_owned());
    let none = AuditFilter::default;
    for (filter, total) in [
        (none(), 12_000),
        (AuditFilter { from, to, ..none() }, 900),
        (AuditFilter { patient, ..none() }, 240),
        (AuditFilter { patient, from, to, ..none() }, 18),
        (AuditFilter { agent, from, to, ..none() }, 0),
        (AuditFilter { operation: operation.clone(), from, to, ..none() }, 45),
        (AuditFilter { operation, patient, from, to, outcome: Some(200), ..none() }, 9),
    ] {
        for page in pages {
            assert_eq!(audit.page(&filter, page).await.unwrap().total, total, "{filter:?}");
        }
        let first = audit.batch(&filter, None, 5).await.unwrap().unwrap();
        if let Some(last) = first.last() {
            audit.batch(&filter, Some(last.id), 5).await.unwrap().unwrap();
        }
    }
    audit.chain(opening().id, 12_345, 10).await.unwrap();
    conn.query_drop("SET GLOBAL general_log = OFF").await.unwrap();
    let logged: Vec<String> = conn
        .query(
            "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
             WHERE command_type = 'Execute' AND argument LIKE 'SELECT%'",
        )
        .await
        .unwrap();
    assert!(logged.len() >= 60, "{logged:?}");
    for statement in logged {
        let plan: Vec<mysql_async::Row> = conn.query(format!("EXPLAIN {statement}")).await.unwrap();
        for step in &plan {
            let text = |column: &str| step.get::<Option<String>, _>(column).flatten().unwrap_or_default();
            // There are few chains.
            let walked = ["ALL", "index"].contains(&&*text("type")) && text("table") != "audit_chain";
            let sorted = text("Extra").contains("filesort") || text("Extra").contains("temporary");
            assert!(!walked && !sorted, "{plan:?}\n{statement}");
        }
    }
}
