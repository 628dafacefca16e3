//! Fills an empty database with a hospital, by bulk inserts.

use std::sync::Arc;
use std::time::Duration;

use yilin_domain::session::Session;
use yilin_storage::{Loader, Row, Snapshot, Steps, Storage, StorageOptions, Table, TransferError};
use yilin_testkit::fakes::FakeRandom;

use super::content::{self, Content, Writer};
use super::people::People;
use super::plan::Plan;
use crate::Outcome;
use crate::hospital::ZONE;

/// What one connection inserts while another inserts the rest, if the database has more than one writer.
const TOGETHER: [&[Content]; 2] = [&[content::INQUIRIES], &content::OTHERS];

/// Fills an empty database; gives its people and their sessions.
pub(crate) async fn fill(url: &str, plan: Plan) -> Outcome<(People, Vec<Session>)> {
    // Counting everything anew is one unit, and long.
    let options = StorageOptions::new(url).with_timeouts(Duration::from_secs(3600));
    let storage = Storage::open(&options, Arc::new(FakeRandom::new(7)), ZONE)?;
    storage.migrate().await?;
    let seeds = {
        let url = url.to_owned();
        tokio::task::spawn_blocking(move || begin(&url)).await??
    };
    let people = People::store(&storage, plan).await?;
    let sessions: Vec<_> = people.sessions(plan.now).collect();
    let hospital = Arc::new((people, sessions));
    {
        let (url, hospital) = (url.to_owned(), hospital.clone());
        tokio::task::spawn_blocking(move || insert_all(&url, plan, &seeds, &hospital)).await??;
    }
    storage.repair_totals().await?;
    Arc::try_unwrap(hospital).map_err(|_| "the hospital is still being filled".into())
}

/// Rows that migrations made, which filling a database deletes.
type Seeds = Vec<(Table, Vec<Row>)>;

/// Marks the database as unfinished, so that several connections may fill it.
fn begin(url: &str) -> Outcome<Seeds> {
    let mut seeds = Seeds::new();
    let mut snapshot = Snapshot::open(url)?;
    for table in snapshot.tables()? {
        let mut rows = Vec::new();
        snapshot.read(&table, |row| {
            rows.push(row);
            Ok::<_, TransferError>(())
        })?;
        seeds.push((table, rows));
    }
    drop(snapshot);
    let mut loader = Loader::open(url, Steps::Many)?;
    loader.start(&[])?;
    loader.commit_all()?;
    Ok(seeds)
}

fn insert_all(url: &str, plan: Plan, seeds: &Seeds, hospital: &(People, Vec<Session>)) -> Outcome<()> {
    let mut loader = Loader::open(url, Steps::Many)?;
    loader.start(&[])?;
    for (table, rows) in seeds {
        for row in rows {
            loader.add(table, row.clone())?;
        }
        loader.flush(table)?;
    }
    let tables = loader.tables()?;
    let (people, sessions) = hospital;
    let insert = |loader: &mut Loader, contents: &[Content]| -> Outcome<()> {
        for content in contents {
            let mut writer = Writer::new(loader, &tables, content)?;
            (content.write)(&mut writer, plan, people, sessions)?;
            writer.flush()?;
        }
        Ok(())
    };
    let [inquiries, others] = TOGETHER;
    if url.starts_with("sqlite:") {
        insert(&mut loader, inquiries)?;
        insert(&mut loader, others)?;
    } else {
        std::thread::scope(|scope| -> Outcome<()> {
            let beside = scope.spawn(|| {
                let mut loader = Loader::open(url, Steps::Many)?;
                insert(&mut loader, others)?;
                Outcome::Ok(loader.commit_all()?)
            });
            insert(&mut loader, inquiries)?;
            beside.join().map_err(|_| "an insert panicked")?
        })?;
    }
    loader.commit_all()?;
    Ok(loader.finish()?)
}
