//! Contract of [`AuditRepository`](yilin_domain::port::AuditRepository).

use chrono::{DateTime, TimeDelta};
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::audit::{
    AuditAction, AuditAgent, AuditEntry, AuditEvent, AuditFilter, AuditHash, AuditRecordId, ChainHead,
    ChainId, ChainOpening, ChainRemoval, Entity, FaultKind, Tail,
};
use yilin_domain::list::PageRequest;
use yilin_domain::port::{Appended, AuditRepository, PortError};
use yilin_domain::usecase::verify_audit_log;

use super::Subject;
use super::race::race;

fn opening(n: u8) -> ChainOpening {
    ChainOpening {
        id: ChainId::from_bytes([n; 16]),
        instance: format!("诊室-{n} 127.0.0.1:8088"),
        opened_at: DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap(),
    }
}

fn uuid(n: usize) -> AccountUuid {
    AccountUuid::from_bytes([1, 2, 3, u8::try_from(n).unwrap()])
}

/// An event; no two are equal.
fn event(n: usize) -> AuditEvent {
    AuditEvent {
        recorded: opening(0).opened_at + TimeDelta::microseconds(i64::try_from(n).unwrap()),
        agent: (!n.is_multiple_of(4)).then(|| AuditAgent { uuid: uuid(n % 4), role: Role::Physician }),
        session: (!n.is_multiple_of(4)).then(|| format!("{n:016x}")),
        source: "2001:db8::1".to_owned(),
        request: format!("{n:x}"),
        operation: ["queryDrugByID", "queryAllDrug"][n % 2].to_owned(),
        action: AuditAction::ALL[n % 5],
        entity: (!n.is_multiple_of(3)).then(|| Entity { kind: "inquiry".to_owned(), id: n.to_string() }),
        patient: (!n.is_multiple_of(3)).then(|| uuid(10 + n % 3)),
        outcome: [200, 404, 503][n % 3],
        query: format!("val=张&n={n}"),
        results: (!n.is_multiple_of(2)).then_some(u32::MAX),
    }
}

fn events(number: usize) -> Vec<AuditEvent> {
    (0..number).map(event).collect()
}

/// Appends entries, which must succeed.
async fn store(audit: &dyn AuditRepository, chain: ChainId, entries: &[AuditEntry]) {
    assert_eq!(audit.append(chain, entries, &[]).await.unwrap(), Appended::Stored);
}

/// A chain with these events.
async fn write(subject: &Subject, opening: &ChainOpening, events: Vec<AuditEvent>) -> Vec<AuditEntry> {
    subject.audit.open_chain(opening).await.unwrap();
    let mut tail = Tail::new(opening);
    let entries: Vec<_> = events.into_iter().map(|event| tail.link(event)).collect();
    store(&*subject.audit, opening.id, &entries).await;
    entries
}

/// The entries found, oldest first.
async fn found(subject: &Subject, filter: AuditFilter) -> Vec<AuditEvent> {
    let mut records = subject.audit.batch(&filter, None, 1000).await.unwrap().unwrap();
    records.reverse();
    records.into_iter().map(|record| record.entry.event).collect()
}

/// Every field is preserved, times to the microsecond, and so are the chain's hashes.
pub async fn entries_come_back_as_they_were_recorded(subject: &Subject) {
    assert_eq!(subject.audit.chains().await.unwrap(), []);
    let mut odd = event(12);
    (odd.source, odd.query) = (String::new(), "🤕' \\ \"%_".repeat(50));
    odd.entity = Some(Entity { kind: "account".to_owned(), id: String::new() });
    let mut all = events(12);
    all.push(odd);
    let entries = write(subject, &opening(1), all.clone()).await;
    store(&*subject.audit, opening(1).id, &[]).await;
    assert_eq!(subject.audit.chains().await.unwrap(), [opening(1)]);
    assert_eq!(subject.audit.chain(opening(1).id, 0, 100).await.unwrap(), entries);
    assert_eq!(found(subject, AuditFilter::default()).await, all);
    let record = subject.audit.batch(&AuditFilter::default(), None, 1).await.unwrap().unwrap().remove(0);
    assert_eq!((record.chain, &record.entry), (opening(1).id, entries.last().unwrap()));
}

/// Repeating a call with an unknown outcome succeeds.
pub async fn appending_again_changes_nothing(subject: &Subject) {
    let entries = write(subject, &opening(1), events(5)).await;
    subject.audit.open_chain(&opening(1)).await.unwrap();
    store(&*subject.audit, opening(1).id, &entries).await;
    assert_eq!(subject.audit.chain(opening(1).id, 0, 100).await.unwrap(), entries);
}

/// Different entries at taken positions are rejected, and none of them is stored.
pub async fn entries_that_do_not_fit_are_refused_together(subject: &Subject) {
    let entries = write(subject, &opening(1), events(3)).await;
    let mut tail = Tail::new(&opening(1));
    let forged: Vec<_> = (0..4).map(|n| tail.link(event(n + 50))).collect();
    for refused in [&forged[..], &forged[..1]] {
        let outcome = subject.audit.append(opening(1).id, refused, &[]).await;
        assert!(matches!(outcome, Err(PortError::Failed { .. })), "{outcome:?}");
    }
    let other = ChainOpening { instance: "another".to_owned(), ..opening(1) };
    assert!(matches!(subject.audit.open_chain(&other).await, Err(PortError::Failed { .. })));
    assert_eq!(subject.audit.chain(opening(1).id, 0, 100).await.unwrap(), entries);
    assert_eq!(subject.audit.chains().await.unwrap(), [opening(1)]);
}

/// A chain is read from any position on, in order.
pub async fn a_chain_is_read_in_parts(subject: &Subject) {
    let entries = write(subject, &opening(1), events(7)).await;
    for (from, limit, part) in [(0, 3, 0..3), (3, 3, 3..6), (6, 3, 6..7), (7, 3, 7..7), (u64::MAX, 1, 7..7)] {
        assert_eq!(subject.audit.chain(opening(1).id, from, limit).await.unwrap(), entries[part]);
    }
    assert_eq!(subject.audit.chain(opening(2).id, 0, 9).await.unwrap(), []);
}

/// Each chain has its own positions.
pub async fn chains_of_instances_grow_apart(subject: &Subject) {
    let first = write(subject, &opening(2), events(3)).await;
    let second = write(subject, &opening(1), events(2)).await;
    assert_eq!(subject.audit.chains().await.unwrap(), [opening(1), opening(2)]);
    assert_eq!(subject.audit.chain(opening(2).id, 0, 9).await.unwrap(), first);
    assert_eq!(subject.audit.chain(opening(1).id, 0, 9).await.unwrap(), second);
}

/// Each filter, and all of them together, return the matching entries.
pub async fn each_filter_shows_what_belongs_there(subject: &Subject) {
    let all = events(24);
    write(subject, &opening(1), all.clone()).await;
    let none = AuditFilter::default;
    let (from, to) = (Some(event(5).recorded), Some(event(20).recorded));
    for filter in [
        AuditFilter { agent: Some(uuid(1)), ..none() },
        AuditFilter { patient: Some(uuid(12)), ..none() },
        AuditFilter { operation: Some("queryAllDrug".to_owned()), ..none() },
        AuditFilter { outcome: Some(404), ..none() },
        AuditFilter { from, ..none() },
        AuditFilter { to, ..none() },
        AuditFilter { from, to, agent: Some(uuid(2)), patient: Some(uuid(11)), ..none() },
        AuditFilter { agent: Some(uuid(99)), ..none() },
        none(),
    ] {
        let expected: Vec<_> = all.iter().filter(|event| filter.admits(event)).cloned().collect();
        assert_eq!(found(subject, filter.clone()).await, expected, "{filter:?}");
        let page = PageRequest { number: 2, size: 2 };
        let page = subject.audit.page(&filter, page).await.unwrap();
        assert_eq!(page.total, expected.len() as u64, "{filter:?}");
        let shown: Vec<_> = page.items.into_iter().map(|record| record.entry.event).collect();
        let newest: Vec<_> = expected.into_iter().rev().skip(2).take(2).collect();
        assert_eq!(shown, newest, "{filter:?}");
    }
}

/// Thousands of entries, appended in small and large batches by two instances alternately, are found like a
/// few; also while more are being appended.
pub async fn a_long_log_is_found_as_a_short_one_is(subject: &Subject) {
    let sizes = [1, 7, 300, 600, 3, 1200, 450, 2, 513, 512, 900, 100, 1, 911];
    let openings = [opening(1), opening(2)];
    let mut tails = openings.each_ref().map(Tail::new);
    for opening in &openings {
        subject.audit.open_chain(opening).await.unwrap();
    }
    let mut all = Vec::new();
    for (turn, size) in sizes.into_iter().enumerate() {
        let events: Vec<_> = (all.len()..all.len() + size).map(event).collect();
        let entries: Vec<_> = events.iter().map(|event| tails[turn % 2].link(event.clone())).collect();
        store(&*subject.audit, openings[turn % 2].id, &entries).await;
        all.extend(events);
        let filter = AuditFilter { patient: Some(uuid(11)), ..AuditFilter::default() };
        let expected = all.iter().filter(|event| filter.admits(event)).count();
        let page = subject.audit.page(&filter, PageRequest { number: 1, size: 1 }).await.unwrap();
        assert_eq!(page.total, expected as u64, "after {} entries", all.len());
    }
    assert_eq!(all.len(), 5500);
    let (from, to) = (Some(event(1000).recorded), Some(event(3333).recorded));
    let none = AuditFilter::default;
    for filter in [
        none(),
        AuditFilter { from, ..none() },
        AuditFilter { to, ..none() },
        AuditFilter { agent: Some(uuid(3)), from, to, ..none() },
        AuditFilter { outcome: Some(503), operation: Some("queryDrugByID".to_owned()), ..none() },
        AuditFilter { patient: Some(uuid(12)), outcome: Some(503), agent: Some(uuid(1)), to, ..none() },
        AuditFilter { patient: Some(uuid(10)), ..none() },
    ] {
        let expected: Vec<_> = all.iter().rev().filter(|event| filter.admits(event)).cloned().collect();
        let mut walked = Vec::new();
        let mut before = None;
        loop {
            let batch = subject.audit.batch(&filter, before, 700).await.unwrap().unwrap();
            let Some(last) = batch.last() else { break };
            before = Some(last.id);
            walked.extend(batch.into_iter().map(|record| record.entry.event));
        }
        assert_eq!(walked, expected, "{filter:?}");
        for (number, size) in [(1, 10), (7, 33), (2, 1000), (60, 100)] {
            let page = subject.audit.page(&filter, PageRequest { number, size }).await.unwrap();
            assert_eq!(page.total, expected.len() as u64, "{filter:?}");
            let shown: Vec<_> = page.items.into_iter().map(|record| record.entry.event).collect();
            let skipped = usize::try_from((number - 1) * u64::from(size)).unwrap();
            let wanted: Vec<_> = expected.iter().skip(skipped).take(size.into()).cloned().collect();
            assert_eq!(shown, wanted, "{filter:?}, page {number} of {size}");
        }
    }
    let verification = verify_audit_log(&*subject.audit, &[]).await.unwrap();
    assert_eq!((verification.faults, verification.entries), (Vec::new(), 5500));
}

/// A complete list continues below any id.
pub async fn a_cursor_may_stand_anywhere(subject: &Subject) {
    write(subject, &opening(1), events(5)).await;
    let all = subject.audit.batch(&AuditFilter::default(), None, 9).await.unwrap().unwrap();
    let rest = subject.audit.batch(&AuditFilter::default(), Some(all[1].id), 2).await.unwrap().unwrap();
    assert_eq!(rest, all[2..4]);
}

/// The previous entries are missing, so this is not the database that the chain was written to.
pub async fn a_chain_that_is_gone_is_not_appended_to(subject: &Subject) {
    let mut tail = Tail::new(&opening(1));
    let entries: Vec<_> = events(4).into_iter().map(|event| tail.link(event)).collect();
    let append = async |entries| subject.audit.append(opening(1).id, entries, &[]).await.unwrap();
    assert_eq!(append(&entries[..2]).await, Appended::ChainGone, "it was never opened");
    subject.audit.open_chain(&opening(1)).await.unwrap();
    assert_eq!(append(&entries[2..]).await, Appended::ChainGone, "the first two are missing");
    assert_eq!(append(&entries[..1]).await, Appended::Stored);
    assert_eq!(append(&entries[2..]).await, Appended::ChainGone, "the second is missing");
    assert_eq!(append(&entries[1..]).await, Appended::Stored);
    assert_eq!(subject.audit.chain(opening(1).id, 0, 9).await.unwrap(), entries);
}

/// Events in the outbox are reserved for one writer at first and available to all later; linking removes
/// them.
pub async fn the_outbox_is_emptied_by_linking(subject: &Subject) {
    let audit = &*subject.audit;
    let [own, other] = [opening(1).id, opening(2).id];
    let mut odd = event(7);
    "🤕' \\ \"%_".clone_into(&mut odd.query);
    for (writer, event) in [(own, &odd), (other, &event(1)), (own, &event(2)), (other, &event(9))] {
        audit.leave(writer, event).await.unwrap();
    }
    let left = async |writer, abandoned, limit| {
        let events = audit.outbox(writer, abandoned, limit).await.unwrap();
        events.into_iter().map(|event| event.event).collect::<Vec<_>>()
    };
    let never = event(0).recorded;
    assert_eq!(left(own, never, 9).await, [odd.clone(), event(2)]);
    assert_eq!(left(own, event(9).recorded, 9).await, [odd.clone(), event(1), event(2)]);
    assert_eq!(left(own, never, 1).await, [odd.clone()]);
    assert_eq!(audit.unlinked(never).await.unwrap(), 0);
    assert_eq!(audit.unlinked(event(9).recorded).await.unwrap(), 3);

    let ids = async |writer| {
        let events = audit.outbox(writer, never, 9).await.unwrap();
        events.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    let (of_own, of_other) = (ids(own).await, ids(other).await);
    audit.open_chain(&opening(1)).await.unwrap();
    let mut tail = Tail::new(&opening(1));
    let entries = [tail.link(odd), tail.link(event(2))];
    for _ in 0..2 {
        assert_eq!(audit.append(own, &entries, &of_own).await.unwrap(), Appended::Stored, "also again");
    }
    assert_eq!((left(own, never, 9).await, left(other, never, 9).await), (vec![], vec![event(1), event(9)]));
    // One of them was linked by another writer.
    let late = [tail.link(event(3)), tail.link(event(9))];
    let linked = [of_own[0], of_other[0]];
    assert_eq!(audit.append(own, &late, &linked).await.unwrap(), Appended::Contended);
    assert_eq!(audit.chain(own, 0, 9).await.unwrap(), entries);
    assert_eq!(left(other, never, 9).await, [event(1), event(9)]);
}

/// Writers that link the same events concurrently link each of them once.
pub async fn racing_writers_link_each_event_once(subject: &Subject) {
    const EVENTS: usize = 60;
    for n in 0..EVENTS {
        subject.audit.leave(opening(9).id, &event(n)).await.unwrap();
    }
    race(4, |n| {
        let audit = subject.audit.clone();
        async move {
            let opening = opening(u8::try_from(n).unwrap());
            audit.open_chain(&opening).await.unwrap();
            let mut tail = Tail::new(&opening);
            loop {
                let events = audit.outbox(opening.id, event(EVENTS).recorded, 7).await.unwrap();
                if events.is_empty() {
                    break;
                }
                let ids: Vec<_> = events.iter().map(|event| event.id).collect();
                let mut next = tail.clone();
                let entries: Vec<_> = events.into_iter().map(|event| next.link(event.event)).collect();
                match audit.append(opening.id, &entries, &ids).await.unwrap() {
                    Appended::Stored => tail = next,
                    Appended::Contended => {}
                    Appended::ChainGone => panic!("the chain exists"),
                }
            }
        }
    })
    .await;
    let verified = verify_audit_log(&*subject.audit, &[]).await.unwrap();
    assert_eq!((verified.faults, verified.entries), (Vec::new(), EVENTS as u64));
    let mut linked = found(subject, AuditFilter::default()).await;
    linked.sort_by_key(|event| event.recorded);
    assert_eq!(linked, events(EVENTS));
}

/// An opening in 2020, of a chain that may be removed.
fn old_opening(n: u8) -> ChainOpening {
    ChainOpening { opened_at: DateTime::from_timestamp(1_590_000_000, 0).unwrap(), ..opening(n) }
}

fn old_events(number: usize) -> Vec<AuditEvent> {
    let old = |n| AuditEvent {
        recorded: old_opening(0).opened_at + (event(n).recorded - event(0).recorded),
        ..event(n)
    };
    (0..number).map(old).collect()
}

/// A chain is removed as a whole, and its removal is stored. The others are unchanged.
pub async fn a_chain_is_removed_as_a_whole(subject: &Subject) {
    let kept = write(subject, &opening(1), events(30)).await;
    let entries = write(subject, &old_opening(2), old_events(1200)).await;
    let empty = old_opening(3);
    subject.audit.open_chain(&empty).await.unwrap();
    let verified = verify_audit_log(&*subject.audit, &[]).await.unwrap();
    assert_eq!((verified.faults, verified.entries), (Vec::new(), 1230));
    let last = entries.last().unwrap();
    let head = ChainHead { chain: old_opening(2).id, sequence: last.sequence, hash: last.hash };

    let removed_at = opening(0).opened_at;
    let removal = ChainRemoval { chain: head.chain, entries: 1200, hash: last.hash, removed_at };
    for wrong in [1199, 1201] {
        let wrong = ChainRemoval { entries: wrong, ..removal };
        assert!(!subject.audit.remove_chain(&wrong).await.unwrap());
    }
    assert_eq!(subject.audit.removals().await.unwrap(), []);
    assert!(subject.audit.remove_chain(&removal).await.unwrap());
    assert!(!subject.audit.remove_chain(&removal).await.unwrap(), "it is gone");
    let of_empty = ChainRemoval { chain: empty.id, entries: 0, hash: empty.hash(), removed_at };
    assert!(subject.audit.remove_chain(&of_empty).await.unwrap());

    assert_eq!(subject.audit.chains().await.unwrap(), [opening(1)]);
    assert_eq!(subject.audit.removals().await.unwrap(), [removal, of_empty]);
    assert_eq!(subject.audit.chain(removal.chain, 0, 9).await.unwrap(), []);
    assert_eq!(subject.audit.chain(opening(1).id, 0, 99).await.unwrap(), kept);
    for patient in [None, Some(uuid(11))] {
        let filter = AuditFilter { patient, ..AuditFilter::default() };
        let expected: Vec<_> = events(30).into_iter().filter(|event| filter.admits(event)).collect();
        let page = subject.audit.page(&filter, PageRequest { number: 1, size: 1 }).await.unwrap();
        assert_eq!((page.total, found(subject, filter).await), (expected.len() as u64, expected));
    }

    // A stored head can still be compared.
    let cut_off = ChainHead { sequence: 1200, ..head };
    let other = ChainHead { hash: AuditHash([0; 32]), ..head };
    for (kept, fault) in
        [(head, None), (cut_off, Some(FaultKind::CutOff)), (other, Some(FaultKind::NotTheKeptHead))]
    {
        let verified = verify_audit_log(&*subject.audit, &[kept]).await.unwrap();
        assert_eq!(verified.faults.into_iter().map(|fault| fault.kind).next(), fault);
        assert_eq!(verified.removed, [removal, of_empty]);
    }
}

/// A list whose last entry was in a removed chain does not end early. Neither does one from an entry that never was.
pub async fn a_list_that_loses_its_place_has_none(subject: &Subject) {
    write(subject, &opening(1), events(5)).await;
    let entries = write(subject, &old_opening(2), old_events(5)).await;
    let batch = subject.audit.batch(&AuditFilter::default(), None, 7).await.unwrap().unwrap();
    let hash = entries[4].hash;
    let removal =
        ChainRemoval { chain: old_opening(2).id, entries: 5, hash, removed_at: opening(0).opened_at };
    assert!(subject.audit.remove_chain(&removal).await.unwrap());
    for lost in [batch[6].id, AuditRecordId(i64::MAX), AuditRecordId(0), AuditRecordId(i64::MIN)] {
        let next = subject.audit.batch(&AuditFilter::default(), Some(lost), 7).await.unwrap();
        assert_eq!(next, None, "{lost:?}");
    }
    let next = subject.audit.batch(&AuditFilter::default(), Some(batch[3].id), 7).await.unwrap().unwrap();
    assert_eq!(next, batch[4..5]);
}

/// Lists are in time order, whenever the entries were written.
pub async fn what_was_recorded_earlier_is_listed_later(subject: &Subject) {
    let late = |n: usize| AuditEvent { recorded: event(0).recorded + TimeDelta::hours(1), ..event(n) };
    let all: Vec<_> = (0..6).map(late).collect();
    write(subject, &opening(1), all.clone()).await;
    write(subject, &opening(2), events(6)).await;
    let mut expected = events(6);
    expected.extend(all);
    assert_eq!(found(subject, AuditFilter::default()).await, expected);
    for filter in [
        AuditFilter { from: Some(late(0).recorded), ..AuditFilter::default() },
        AuditFilter { to: Some(late(0).recorded), ..AuditFilter::default() },
        AuditFilter { patient: Some(uuid(11)), from: Some(event(4).recorded), ..AuditFilter::default() },
    ] {
        let expected: Vec<_> = expected.iter().filter(|event| filter.admits(event)).cloned().collect();
        let page = subject.audit.page(&filter, PageRequest { number: 1, size: 2 }).await.unwrap();
        assert_eq!(page.total, expected.len() as u64, "{filter:?}");
        assert_eq!(found(subject, filter).await, expected);
    }
}

/// Chains written concurrently are intact, and missing entries are detected.
pub async fn a_crowd_of_chains_verifies(subject: &Subject) {
    race(8, |n| {
        let audit = subject.audit.clone();
        async move {
            let opening = opening(u8::try_from(n).unwrap());
            audit.open_chain(&opening).await.unwrap();
            let mut tail = Tail::new(&opening);
            for at in 0..20 {
                let entries: Vec<_> = (0..at).map(|n| tail.link(event(n))).collect();
                store(&*audit, opening.id, &entries).await;
            }
        }
    })
    .await;
    let verification = verify_audit_log(&*subject.audit, &[]).await.unwrap();
    assert_eq!((verification.faults.len(), verification.entries), (0, 8 * 190));
    let heads = verification.heads;
    assert_eq!(heads.len(), 8);
    assert!(verify_audit_log(&*subject.audit, &heads).await.unwrap().faults.is_empty());
    let longer = ChainHead { sequence: 190, ..heads[0] };
    let missing = ChainHead { chain: ChainId::from_bytes([99; 16]), ..heads[0] };
    let faults = verify_audit_log(&*subject.audit, &[longer, missing]).await.unwrap().faults;
    let kinds: Vec<_> = faults.into_iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::NoSuchChain, FaultKind::CutOff]);
}
