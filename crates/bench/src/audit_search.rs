//! The cost of searching a long audit log and of appending to it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::audit::{
    AuditAction, AuditAgent, AuditEntry, AuditEvent, AuditFilter, ChainId, ChainOpening, Entity, Tail,
};
use yilin_domain::list::{BATCH_SIZE, PageRequest};
use yilin_domain::port::{Appended, AuditRepository};
use yilin_domain::time::Timestamp;
use yilin_storage::Storage;

use crate::Outcome;

/// Number of runs per search; the median counts.
const RUNS: usize = 5;
/// Number of blocks written to compute a mean.
const WRITES: usize = 500;
/// The physicians and the admin cause most entries; patients are numerous.
const STAFF: u32 = 50;
const PATIENTS: u32 = 20_000;
const OPERATIONS: u32 = 30;

/// Interval between entries: three to four per block, as under light load.
const APART: TimeDelta = TimeDelta::seconds(20);

/// Fills a log in a chain of its own; gives the chain, and where it goes on.
pub(crate) async fn fill(audit: &dyn AuditRepository, entries: u32) -> Outcome<(ChainOpening, Tail)> {
    let opening =
        ChainOpening { id: ChainId::from_bytes([1; 16]), instance: "bench".to_owned(), opened_at: start() };
    audit.open_chain(&opening).await?;
    let mut tail = Tail::new(&opening);
    for first in (0..entries).step_by(1000) {
        let part: Vec<_> = (first..entries.min(first + 1000)).map(|n| tail.link(event(n))).collect();
        store(audit, opening.id, &part).await?;
    }
    Ok((opening, tail))
}

/// Fills the log and measures.
pub(crate) async fn measure(name: &str, storage: &Storage, entries: u32) -> Outcome<()> {
    let audit = &*storage.audit();
    let began = Instant::now();
    let (opening, mut tail) = fill(audit, entries).await?;
    println!("The audit log on {name}, {entries} entries (written in {:.0?})", began.elapsed());
    searches(audit, entries).await?;
    complete_list(audit).await?;
    for size in [1, 3, 30] {
        let time = writes(audit, &opening, &mut tail, entries, size).await?;
        println!("  a block of {size} entries is written in {time:.0?}");
    }
    Ok(())
}

async fn searches(audit: &dyn AuditRepository, entries: u32) -> Outcome<()> {
    let none = AuditFilter::default;
    let patient = Some(uuid(STAFF + 77));
    let agent = Some(uuid(7));
    let operation = Some("operation7".to_owned());
    let middle = start() + APART * i32::try_from(entries / 2)?;
    let within = |days| (Some(middle), Some(middle + TimeDelta::days(days)));
    let (from, to) = within(1);
    let (month_from, month_to) = within(30);
    for (name, filter, number) in [
        ("everything, first page", none(), 1),
        ("everything, page 1,000", none(), 1000),
        ("a patient", AuditFilter { patient, ..none() }, 1),
        ("a physician", AuditFilter { agent, ..none() }, 1),
        ("a physician, page 100", AuditFilter { agent, ..none() }, 100),
        ("a patient and a physician", AuditFilter { patient, agent, ..none() }, 1),
        ("a day", AuditFilter { from, to, ..none() }, 1),
        ("a month", AuditFilter { from: month_from, to: month_to, ..none() }, 1),
        ("a physician in a month", AuditFilter { agent, from: month_from, to: month_to, ..none() }, 1),
        ("an operation in a day", AuditFilter { operation: operation.clone(), from, to, ..none() }, 1),
        (
            "an operation in a month",
            AuditFilter { operation: operation.clone(), from: month_from, to: month_to, ..none() },
            1,
        ),
        ("an operation, of all time", AuditFilter { operation, ..none() }, 1),
        ("a rare outcome, of all time", AuditFilter { outcome: Some(500), ..none() }, 1),
    ] {
        let mut times = Vec::new();
        let mut total = 0;
        for _ in 0..RUNS {
            let began = Instant::now();
            total = audit.page(&filter, PageRequest { number, size: 10 }).await?.total;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        println!("  {name}: {:.1?}, {total} found", times.get(RUNS / 2).copied().unwrap_or_default());
    }
    Ok(())
}

async fn complete_list(audit: &dyn AuditRepository) -> Outcome<()> {
    let filter = AuditFilter { agent: Some(uuid(7)), ..AuditFilter::default() };
    let (began, mut last, mut listed) = (Instant::now(), None, 0);
    loop {
        let Some(batch) = audit.batch(&filter, last, BATCH_SIZE).await? else { break };
        listed += batch.len();
        match batch.last() {
            Some(record) => last = Some(record.id),
            None => break,
        }
    }
    println!("  a physician's complete list: {listed} entries in {:.0?}", began.elapsed());
    Ok(())
}

/// The mean time of a call that appends one block.
async fn writes(
    audit: &dyn AuditRepository,
    opening: &ChainOpening,
    tail: &mut Tail,
    entries: u32,
    size: u32,
) -> Outcome<Duration> {
    let began = Instant::now();
    let mut next = entries;
    for _ in 0..WRITES {
        let recorded = start() + APART * i32::try_from(entries)?;
        let block: Vec<_> =
            (next..next + size).map(|n| tail.link(AuditEvent { recorded, ..event(n) })).collect();
        next += size;
        store(audit, opening.id, &block).await?;
    }
    Ok(began.elapsed() / u32::try_from(WRITES)?)
}

async fn store(audit: &dyn AuditRepository, chain: ChainId, entries: &[AuditEntry]) -> Outcome<()> {
    match audit.append(chain, entries, &[]).await? {
        Appended::Stored => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

fn start() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn uuid(n: u32) -> AccountUuid {
    AccountUuid::from_bytes(n.to_be_bytes())
}

/// An event; agent, patient and operation are spread without a pattern that would favour an index.
fn event(n: u32) -> AuditEvent {
    let mixed = n.wrapping_mul(2_654_435_761) >> 7;
    let agent = AuditAgent { uuid: uuid(mixed % STAFF), role: Role::Physician };
    AuditEvent {
        recorded: start() + APART * i32::try_from(n).unwrap_or(i32::MAX),
        agent: Some(agent),
        session: Some("0123456789abcdef".to_owned()),
        source: "192.0.2.17".to_owned(),
        request: format!("{mixed:08x}-4000-8000-0000-{n:012x}"),
        operation: format!("operation{}", (mixed / 3) % OPERATIONS),
        action: AuditAction::Read,
        entity: Some(Entity { kind: "inquiry".to_owned(), id: n.to_string() }),
        patient: Some(uuid(STAFF + (mixed / 7) % PATIENTS)),
        outcome: if mixed.is_multiple_of(10_007) { 500 } else { 200 },
        query: "val=%E5%BC%A0&cond=username&page=1&size=10".to_owned(),
        results: None,
    }
}
