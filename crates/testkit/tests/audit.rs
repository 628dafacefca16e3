//! Writing, verifying and expiring the audit log, over the fakes.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use chrono::{Months, TimeDelta};
use yilin_domain::audit::{AuditAction, AuditEvent, ChainFault, ChainId, Entity, FaultKind};
use yilin_domain::port::{AuditRepository as _, Clock as _};
use yilin_domain::usecase::{ChainWriter, WriteError, expired_audit_chains, verify_audit_log};
use yilin_testkit::fakes::{FakeClock, Fakes};

async fn open(fakes: &Fakes) -> ChainWriter {
    let (audit, clock, random) = (fakes.storage.clone(), fakes.clock.clone(), fakes.random.clone());
    ChainWriter::open(audit, clock, random, "ward".to_owned()).await.unwrap()
}

fn event(query: &str) -> AuditEvent {
    AuditEvent {
        recorded: FakeClock::START,
        agent: None,
        session: None,
        source: "192.0.2.1".to_owned(),
        request: "1".to_owned(),
        operation: "search".to_owned(),
        action: AuditAction::Read,
        entity: Some(Entity { kind: "inquiry".to_owned(), id: "7".to_owned() }),
        patient: None,
        outcome: 200,
        query: query.to_owned(),
        results: Some(3),
    }
}

fn events(queries: &[&str]) -> Vec<AuditEvent> {
    queries.iter().map(|query| event(query)).collect()
}

/// Writes events with these queries; returns how many were replaced.
async fn write(writer: &mut ChainWriter, queries: &[&str]) -> usize {
    writer.add(events(queries));
    writer.flush().await.unwrap()
}

/// Puts the event of a change into the outbox.
async fn leave(fakes: &Fakes, writer: ChainId, query: &str) {
    let event = AuditEvent { recorded: fakes.clock.now(), ..event(query) };
    fakes.storage.leave(writer, &event).await.unwrap();
}

/// The events of the chain, which must be intact.
async fn written(fakes: &Fakes, writer: &ChainWriter) -> Vec<AuditEvent> {
    assert_eq!(verify_audit_log(&*fakes.storage, &[]).await.unwrap().faults, []);
    let entries = fakes.storage.chain(writer.chain(), 0, 1000).await.unwrap();
    entries.into_iter().map(|entry| entry.event).collect()
}

#[tokio::test]
async fn a_rejected_entry_does_not_block_the_others() {
    let fakes = Fakes::new();
    let mut writer = open(&fakes).await;
    fakes.storage.refuse_audited_query("poison");
    let all = ["a", "b", "poison", "c", "d", "e", "poisonous"];
    assert_eq!(write(&mut writer, &all).await, 2);
    assert_eq!(write(&mut writer, &["f"]).await, 0);
    let written = written(&fakes, &writer).await;
    let queries: Vec<_> = written.iter().map(|event| &*event.query).collect();
    let replaced = "source, request, record and query were not stored: the test does not accept this entry";
    assert_eq!(queries, ["a", "b", replaced, "c", "d", "e", replaced, "f"]);
    let expected = AuditEvent {
        source: String::new(),
        request: String::new(),
        entity: Some(Entity { kind: "inquiry".to_owned(), id: String::new() }),
        query: replaced.to_owned(),
        ..event("")
    };
    assert_eq!(written[2], expected, "who, what, when and the outcome are kept");
}

#[tokio::test]
async fn unwritten_entries_are_written_by_the_next_call() {
    let fakes = Fakes::new();
    let mut writer = open(&fakes).await;
    writer.add(events(&["a", "b", "c"]));
    fakes.storage.refuse_audit(true);
    for _ in 0..2 {
        assert!(matches!(writer.flush().await, Err(WriteError::Port(_))));
    }
    fakes.storage.refuse_audit(false);
    write(&mut writer, &["d"]).await;
    assert_eq!(written(&fakes, &writer).await, events(&["a", "b", "c", "d"]));
}

/// If the storage has stored them nevertheless, the chain contains nothing twice.
#[tokio::test]
async fn entries_written_with_a_lost_result_are_not_written_twice() {
    let fakes = Fakes::new();
    let mut writer = open(&fakes).await;
    leave(&fakes, writer.chain(), "c").await;
    writer.add(events(&["a", "b"]));
    assert_eq!(writer.add_outbox().await.unwrap(), 1);
    fakes.storage.lose_audit_answers(1);
    assert!(matches!(writer.flush().await, Err(WriteError::Port(_))));
    write(&mut writer, &["d"]).await;
    assert_eq!(written(&fakes, &writer).await, events(&["a", "b", "c", "d"]));
}

#[tokio::test]
async fn a_restored_database_is_detected() {
    let fakes = Fakes::new();
    let mut writer = open(&fakes).await;
    write(&mut writer, &["a"]).await;
    fakes.storage.lose_audit();
    for _ in 0..2 {
        writer.add(events(&["b"]));
        assert!(matches!(writer.flush().await, Err(WriteError::ChainGone)));
    }
}

/// Allows old entries to be removed even if an instance runs for years.
#[tokio::test]
async fn a_long_run_opens_a_new_chain_each_month() {
    let fakes = Fakes::new();
    let mut writer = open(&fakes).await;
    let first = writer.chain();
    for days in [0, 29, 2, 1] {
        fakes.clock.advance(TimeDelta::days(days));
        write(&mut writer, &["a", "b"]).await;
    }
    assert_ne!(writer.chain(), first);
    let chains = fakes.storage.chains().await.unwrap();
    assert!(chains.len() == 2 && chains.iter().all(|opening| opening.instance == "ward"));
    assert_eq!(written(&fakes, &writer).await.len(), 4);
    assert_eq!(fakes.storage.chain(first, 0, 9).await.unwrap().len(), 4);
}

#[tokio::test]
async fn chains_expire_as_a_whole() {
    let fakes = Fakes::new();
    let mut old = open(&fakes).await;
    let end = event("at the end");
    old.add([event("early"), end.clone()]);
    old.flush().await.unwrap();
    fakes.clock.advance(TimeDelta::days(20));
    // Opened and written to later.
    let mut young = open(&fakes).await;
    let late = AuditEvent { recorded: fakes.clock.now(), ..event("late") };
    young.add([event("early"), late.clone()]);
    young.flush().await.unwrap();
    let expired = async |before| {
        let expired = expired_audit_chains(&*fakes.storage, before).await.unwrap();
        assert_eq!(expired.faults, []);
        expired.whole.into_iter().map(|chain| (chain.opening.id, chain.end.entries)).collect::<Vec<_>>()
    };
    assert_eq!(expired(FakeClock::START).await, []);
    assert_eq!(expired(end.recorded + TimeDelta::microseconds(1)).await, [(old.chain(), 2)]);
    assert_eq!(expired(late.recorded).await, [(old.chain(), 2)]);
    let all = expired(late.recorded + Months::new(6)).await;
    assert!(all.len() == 2 && all.contains(&(young.chain(), 2)), "{all:?}");
}

/// Entries stay visible without the opening of their chain.
#[tokio::test]
async fn entries_without_an_opening_are_found() {
    let fakes = Fakes::new();
    let mut writer = open(&fakes).await;
    write(&mut writer, &["a"]).await;
    fakes.storage.lose_audit_opening(writer.chain());
    let verified = verify_audit_log(&*fakes.storage, &[]).await.unwrap();
    let missing = ChainFault { chain: writer.chain(), sequence: 0, kind: FaultKind::NoOpening };
    assert_eq!(verified.faults, [missing]);
}

/// Outbox events are linked by their own writer at once, and by another if they have waited too long.
#[tokio::test]
async fn the_outbox_of_a_dead_instance_is_linked_by_another() {
    let fakes = Fakes::new();
    let (mut one, mut other) = (open(&fakes).await, open(&fakes).await);
    for query in ["a", "b"] {
        leave(&fakes, one.chain(), query).await;
    }
    assert_eq!(other.add_outbox().await.unwrap(), 0, "they are for the first");
    assert_eq!(one.add_outbox().await.unwrap(), 2);
    assert_eq!(one.add_outbox().await.unwrap(), 0, "it has them already");
    one.flush().await.unwrap();
    assert_eq!(one.add_outbox().await.unwrap(), 0);
    leave(&fakes, one.chain(), "c").await;
    let later = fakes.clock.now() + TimeDelta::minutes(1);
    assert_eq!(fakes.storage.unlinked(later).await.unwrap(), 1);
    fakes.clock.advance(TimeDelta::minutes(1));
    assert_eq!(other.add_outbox().await.unwrap(), 1);
    other.flush().await.unwrap();
    assert_eq!(fakes.storage.unlinked(later).await.unwrap(), 0);
    let queries = async |writer: &ChainWriter| {
        written(&fakes, writer).await.into_iter().map(|event| event.query).collect::<String>()
    };
    assert_eq!((queries(&one).await, queries(&other).await), ("ab".to_owned(), "c".to_owned()));
}

/// If two writers link the same event, one succeeds.
#[tokio::test]
async fn an_event_is_linked_once() {
    let fakes = Fakes::new();
    let (mut one, mut other) = (open(&fakes).await, open(&fakes).await);
    leave(&fakes, one.chain(), "change").await;
    fakes.clock.advance(TimeDelta::minutes(1));
    assert_eq!((one.add_outbox().await.unwrap(), other.add_outbox().await.unwrap()), (1, 1));
    for (writer, read) in [(&mut one, "x"), (&mut other, "y")] {
        write(writer, &[read]).await;
    }
    let queries: Vec<_> = written(&fakes, &one).await.into_iter().map(|event| event.query).collect();
    assert_eq!(queries, ["change", "x"]);
    let queries: Vec<_> = written(&fakes, &other).await.into_iter().map(|event| event.query).collect();
    assert_eq!(queries, ["y"]);
}
