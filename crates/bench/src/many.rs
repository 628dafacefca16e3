//! A large hospital from a small one: its visits, copied with ids of their own.

use std::sync::Arc;
use std::time::Duration;

use yilin_storage::{Cell, Loader, Row, Snapshot, Steps, Storage, StorageOptions, Table, TransferError};
use yilin_testkit::fakes::FakeRandom;

use crate::hospital::ZONE;
use crate::{Outcome, audit_search};

/// The tables of visits, each with the columns that hold ids of visits, records and orders.
const VISITS: &[(&str, &[&str])] = &[
    ("inquiry", &["id"]),
    ("inquiry_history", &["inquiry_id"]),
    ("medical_record", &["id", "inquiry_id"]),
    ("medical_addendum", &["id", "medical_record_id"]),
    ("drug_order", &["id", "medical_record_id", "inquiry_id"]),
    ("drug_order_history", &["drug_order_id"]),
];

/// Larger than the ids of the small hospital.
const STRIDE: i64 = 1_000_000;

/// About how many entries in the audit log a visit leaves.
const ENTRIES_PER_VISIT: u32 = 12;

/// Fills an empty database with the rows of another one, its visits this many times, and with an audit log of that many
/// visits.
pub(crate) async fn multiply(from: String, to: String, visits: u32, times: u32) -> Outcome<()> {
    // Counting everything anew is one unit, and long.
    let options = StorageOptions::new(&*to).with_timeouts(Duration::from_secs(3600));
    let storage = Storage::open(&options, Arc::new(FakeRandom::new(7)), ZONE)?;
    storage.migrate().await?;
    tokio::task::spawn_blocking(move || copy(&from, &to, times)).await??;
    storage.repair_totals().await?;
    audit_search::fill(&*storage.audit(), visits * ENTRIES_PER_VISIT).await?;
    Ok(())
}

fn copy(from: &str, to: &str, times: u32) -> Result<(), TransferError> {
    let mut source = Snapshot::open(from)?;
    let mut loader = Loader::open(to, Steps::Many)?;
    let theirs = source.tables()?;
    let ours = loader.start(&theirs)?;
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let shifted = VISITS.iter().find(|(name, _)| *name == theirs.name).map(|(_, columns)| *columns);
        let copies = if shifted.is_some() { i64::from(times) } else { 1 };
        source.read(theirs, |row| {
            for copy in 0..copies {
                let row = shift(theirs, row.clone(), shifted.unwrap_or_default(), copy * STRIDE);
                loader.add(ours, ours.adopt(theirs, row)?)?;
            }
            Ok::<_, TransferError>(())
        })?;
        loader.flush(ours)?;
    }
    loader.commit_all()?;
    loader.finish()
}

fn shift(table: &Table, row: Row, columns: &[&str], by: i64) -> Row {
    let shifted = |(cell, name): (Cell, &str)| match cell {
        Cell::Integer(id) if columns.contains(&name) => Cell::Integer(id + by),
        cell => cell,
    };
    row.into_iter().zip(table.columns.iter().map(|column| column.name.as_str())).map(shifted).collect()
}
