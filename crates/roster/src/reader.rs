//! The spreadsheet reader.

use std::fs::File;
use std::io::Seek as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::{Semaphore, mpsc};
use yilin_domain::port::{
    ByteStream, ReadRosterError, ReceivedRoster, RosterPiece, RosterPieces, RosterReader,
};
use yilin_domain::roster::RosterFault;

use crate::fault::{Stop, failed};
use crate::kind::{Kind, Workbook};
use crate::package::Package;
use crate::spool::spool;
use crate::table::Output;
use crate::{csv, ods, xls, xlsx};

/// Maximum number of pieces buffered for the consumer.
const WAITING: usize = 4;

/// Reads `.xlsx`, `.xls`, `.ods` and CSV, one file at a time, so that memory stays bounded under concurrent
/// uploads. Other files wait.
#[derive(Debug)]
pub struct SpreadsheetReader {
    turns: Arc<Semaphore>,
}

impl SpreadsheetReader {
    /// Creates an idle reader.
    pub fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(1)) }
    }
}

impl Default for SpreadsheetReader {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl RosterReader for SpreadsheetReader {
    async fn receive(
        &self,
        content: ByteStream,
        limit: u64,
    ) -> Result<Box<dyn ReceivedRoster>, ReadRosterError> {
        let file = Arc::new(spool(content, limit).await?);
        Ok(Box::new(Received { file, turns: self.turns.clone() }))
    }
}

struct Received {
    file: Arc<File>,
    turns: Arc<Semaphore>,
}

impl ReceivedRoster for Received {
    fn read(&self) -> RosterPieces {
        let (file, turns) = (self.file.clone(), self.turns.clone());
        let begin = async move {
            let turn = match turns.acquire_owned().await {
                Ok(turn) => turn,
                Err(closed) => return stream::iter([Err(failed(closed))]).boxed(),
            };
            let (sender, receiver) = mpsc::channel(WAITING);
            tokio::task::spawn_blocking(move || {
                read_all(&file, &sender);
                drop(turn);
            });
            stream::unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|piece| (piece, receiver))
            })
            .boxed()
        };
        stream::once(begin).flatten().boxed()
    }
}

/// Reads a file to its end or its first fault. A panic in a library counts as a damaged file.
fn read_all(file: &File, sender: &mpsc::Sender<Result<RosterPiece, ReadRosterError>>) {
    let output = Output::new(sender.clone());
    let read = catch_unwind(AssertUnwindSafe(|| from_start(file).and_then(|file| read(file, &output))));
    let error = match read.unwrap_or(Err(Stop::Fault(RosterFault::Damaged))) {
        Ok(()) | Err(Stop::Unwanted) => return,
        Err(Stop::Fault(fault)) => ReadRosterError::from(fault),
        Err(Stop::Io(error)) => failed(error),
    };
    // The send fails only if the receiver was dropped.
    let _taken = sender.blocking_send(Err(error)).is_ok();
}

/// A copy of the handle. Both have one position, which is no harm: only one file is read at a time.
fn from_start(file: &File) -> Result<File, Stop> {
    let mut copy = file.try_clone().map_err(Stop::Io)?;
    copy.rewind().map_err(Stop::Io)?;
    Ok(copy)
}

fn read(mut file: File, output: &Output) -> Result<(), Stop> {
    match Kind::of(&mut file)? {
        Kind::Zip => {
            let mut package = Package::open(file)?;
            match Workbook::of(&mut package)? {
                Workbook::Xlsx => xlsx::read(package, output),
                Workbook::Ods => ods::read(package, output),
            }
        }
        Kind::Compound => xls::read(file, output),
        Kind::Text => csv::read(file, output),
    }
}
