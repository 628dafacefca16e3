//! `yilin migrate --from … --to …`: moves all rows to another database.

use std::sync::mpsc::{Receiver, sync_channel};

use yilin_storage::{Loader, Row, SchemaState, Snapshot, Steps, Storage, Table, TransferError};

use crate::adapters::OsRandom;
use crate::error::StartError;
use crate::instance_lock::InstanceLock;
use crate::output::{say, tell};
use crate::parts::{PartsError, connect, database_error, examine_server, open_storage};
use crate::progress::Progress;
use crate::secret::{hand_over, signing_secret};
use crate::settings::{Database, Settings};
use crate::text::in_background;

/// How many rows wait for being compared.
const WAITING_ROWS: usize = 1000;

/// Why a database was not moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    /// It is the same database.
    #[error("来源与目标是同一个数据库 / it is the same database")]
    Same,
    /// The target has records that are not of an earlier attempt.
    #[error(
        "目标库中已有数据（{table}），未做任何更改 / the target has records (in {table}), and nothing was changed"
    )]
    NotEmpty {
        /// A table with rows in it.
        table: String,
    },
    /// Tables cannot be read or written.
    #[error("无法迁移数据库 / cannot move the database")]
    Tables(#[source] TransferError),
    /// A row is not what it was.
    #[error(
        "核对失败：{table} 第 {row} 行不同；来源可能仍有实例在写入，请停止后重新迁移到空库 / row {row} of {table} differs: does an \
         instance still write to the source? Stop it, and move again to an empty database"
    )]
    Different {
        /// The table.
        table: String,
        /// Which row, from 1.
        row: u64,
    },
}

impl From<TransferError> for MoveError {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::NotEmpty { table } => Self::NotEmpty { table },
            other => Self::Tables(other),
        }
    }
}

/// Copies every row of a database to another one, of the other kind or not, and compares both row by row. An attempt
/// that was interrupted goes on where it was. No instance may write meanwhile.
pub(crate) async fn move_database(
    settings: &Settings,
    from: Database,
    to: Database,
) -> Result<(), StartError> {
    if from.url() == to.url() {
        return Err(MoveError::Same.into());
    }
    let (source, target) = (settings.with_database(from), settings.with_database(to));
    let storage = open_storage(&source).await?;
    match storage.schema_state().await.map_err(|error| database_error(&source, error))? {
        SchemaState::Current => {}
        SchemaState::Empty => return Err(StartError::NoDatabase { database: source.describe_database() }),
        SchemaState::Older { .. } => return Err(StartError::OlderTables),
        SchemaState::Newer { unknown } => return Err(StartError::NewerTables { unknown }),
        SchemaState::Unfinished => return Err(StartError::UnfinishedMove),
    }
    // A service on either side would write meanwhile.
    let _locks = [lock(&source)?, lock(&target)?];
    tell!("目标 / target: {}", target.database.absolute());
    let receiving = connect(&target)?;
    examine_server(&target, &receiving).await?;
    prepare(&target, &receiving).await?;
    let secret = match source.jwt_secret {
        Some(_) => None,
        None => Some(signing_secret(&source, &storage, &OsRandom::new().map_err(PartsError::from)?).await?),
    };
    let urls = (source.database.url(), target.database.url());
    let rows = in_background(move || copy(&urls.0, &urls.1)).await??;
    if let Some(secret) = secret {
        hand_over(&target, &receiving, &secret).await?;
    }
    say!("已迁移并逐行核对 {rows} 行 / {rows} rows were moved, and compared one by one");
    if target.database.url() == settings.database.url() {
        say!("文件仍在数据文件夹中；现在可以启动服务 / files stay in the data folder: now start the service");
    } else {
        say!(
            "文件仍在数据文件夹中；请修改 YILIN_DATABASE_URL，再启动服务 / files stay in the data folder: now change \
             YILIN_DATABASE_URL, and start the service"
        );
    }
    Ok(())
}

fn lock(settings: &Settings) -> Result<Option<InstanceLock>, StartError> {
    match &settings.database {
        Database::Sqlite(path) => Ok(Some(InstanceLock::take(path)?)),
        Database::Mysql(_) => Ok(None),
    }
}

async fn prepare(target: &Settings, storage: &Storage) -> Result<(), StartError> {
    let failed = |source| database_error(target, source);
    match storage.schema_state().await.map_err(failed)? {
        SchemaState::Newer { unknown } => return Err(StartError::NewerTables { unknown }),
        SchemaState::Unfinished => {}
        SchemaState::Empty | SchemaState::Older { .. } | SchemaState::Current => {
            storage.migrate().await.map_err(failed)?;
        }
    }
    Ok(())
}

/// Copies what the target lacks, then compares all of it; gives how many rows there are.
fn copy(from: &str, to: &str) -> Result<u64, MoveError> {
    let mut source = Snapshot::open(from)?;
    let mut loader = Loader::open(to, Steps::Many)?;
    let theirs = source.tables()?;
    let ours = loader.start(&theirs)?;
    let (progress, mut moved) = (Progress::new("行 rows"), 0);
    for (theirs, ours) in theirs.iter().zip(&ours) {
        // In the order of the key, and each step a whole one: what is there are the first ones.
        let (there, mut seen) = (loader.rows(ours)?, 0);
        source.read(theirs, |row| {
            seen += 1;
            moved += 1;
            progress.tell(moved, 0);
            if seen > there { loader.add(ours, ours.adopt(theirs, row)?) } else { Ok(()) }
        })?;
        loader.flush(ours)?;
    }
    loader.commit_all()?;
    progress.end();
    let rows = compare(&mut source, to)?;
    loader.finish()?;
    Ok(rows)
}

/// Compares both databases row by row, as the target keeps them.
fn compare(source: &mut Snapshot, to: &str) -> Result<u64, MoveError> {
    let mut target = Snapshot::open(to)?;
    let (theirs, ours) = (source.tables()?, target.tables()?);
    let (progress, mut compared) = (Progress::new("核对 comparing"), 0);
    for theirs in &theirs {
        let ours = ours.iter().find(|table| table.name == theirs.name);
        let ours = ours.ok_or_else(|| TransferError::OtherColumns { table: theirs.name.clone() })?;
        let (sender, received) = sync_channel(WAITING_ROWS);
        let rows = std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                source.read(theirs, |row| {
                    let row = ours.adopt(theirs, row)?;
                    // It is not received any more if a row was different.
                    let _ended = sender.send(row);
                    Ok::<_, TransferError>(())
                })?;
                drop(sender);
                Ok::<_, TransferError>(())
            });
            let rows = compare_table(&mut target, ours, &received, &|rows| progress.tell(compared + rows, 0));
            // Otherwise the reader would wait for room if a row was different.
            drop(received);
            match reading.join() {
                Ok(read) => read.map_err(MoveError::from).and(rows),
                Err(_) => Err(MoveError::Different { table: ours.name.clone(), row: 0 }),
            }
        })?;
        compared += rows;
    }
    progress.end();
    Ok(compared)
}

fn compare_table(
    target: &mut Snapshot,
    table: &Table,
    expected: &Receiver<Row>,
    tell: &dyn Fn(u64),
) -> Result<u64, MoveError> {
    let mut rows = 0;
    let different = |row| MoveError::Different { table: table.name.clone(), row };
    target.read(table, |row| {
        rows += 1;
        tell(rows);
        let row = table.adopt(table, row)?;
        if expected.recv().is_ok_and(|expected| expected == row) { Ok(()) } else { Err(different(rows)) }
    })?;
    if expected.recv().is_ok() { Err(different(rows + 1)) } else { Ok(rows) }
}
