//! Files that are checked by a dry run, and held for a while so that they can be imported without being sent again.
//!
//! A held file is a temporary file of the instance that received it: nobody can read it, and it is gone when the instance
//! stops. Each account has one place, and an instance few, so that a disk is not filled. The import may be started on
//! any instance: it is stored as the one that follows the dry run, and the instance that holds the file looks for it.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_channel::oneshot;
use futures_util::future::{Either, select};

use super::{ArrivedImport, ImportError, ImportReport, RosterImport};
use crate::account::{AccountUuid, Actor, Role};
use crate::audit::{EntryDraft, Origin};
use crate::error::Error;
use crate::port::{ByteStream, Part, PortError};
use crate::roster::{ImportJob, ImportJobId, ImportOptions};

/// How many files an instance holds or checks at a time.
const HELD: usize = 8;

/// When trying again is sensible if there is no place.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// How often the instance that holds a file looks whether its import was started elsewhere.
const LOOK: Duration = Duration::from_secs(1);

/// An import that was started here has this long to reach its file together with its request.
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(2);

/// The file of a dry run is no longer held: it has to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is no longer held")]
pub struct FileGone;

/// A file that has been received, to be checked and then held.
pub struct HeldImport {
    /// The dry run.
    pub job: ImportJob,
    arrived: ArrivedImport,
    place: Place,
}

impl RosterImport {
    /// Receives a file of at most `limit` bytes for a dry run, after which its import can be started. It takes the place of
    /// the account's file before. Nothing is read until [`Self::check_and_hold`].
    pub async fn receive_to_hold(
        &self,
        actor: &Actor,
        content: ByteStream,
        limit: u64,
    ) -> Result<HeldImport, ImportError> {
        actor.require(&[Role::Admin])?;
        let place = self.held.enter(actor.uuid).ok_or_else(no_place)?;
        let ports = &self.context.ports;
        let file = ports.rosters.receive(content, limit.min(Self::MAX_BYTES)).await?;
        let options = ImportOptions { dry_run: true, atomic: false };
        let job = ImportJob { holds_file: true, ..self.job(actor, options) };
        let job = ports.imports.begin(&job).await?;
        place.is_for(job.id);
        let arrived = ArrivedImport { job: job.clone(), file, origin: actor.origin.clone() };
        Ok(HeldImport { job, arrived, place })
    }

    /// Runs the dry run, and then holds the file for [`ImportJob::HELD_FOR`]. If its import is started meanwhile, runs that
    /// and returns its report. Run it in a separate task.
    pub async fn check_and_hold(&self, held: HeldImport) -> Result<Option<ImportReport>, ImportError> {
        let HeldImport { arrived: ArrivedImport { job, file, origin }, mut place, .. } = held;
        self.run_file(&job, file.read(), origin.as_ref(), &|_| {}).await?;
        let started = self.beating(job.id, self.wait_for_start(job.id, &mut place)).await;
        let started = if started.is_some() {
            started
        } else {
            self.context.ports.imports.release(job.id).await?;
            // It may have been started while the file was given up.
            self.follower_of(job.id, TimeDelta::zero()).await?
        };
        let Some(Started { job, request }) = started else { return Ok(None) };
        // The draft keeps the request's entry open until the import's own.
        let (of_start, draft) = request.unzip();
        let origin = of_start.or(origin);
        let report = self.run_file(&job, file.read(), origin.as_ref(), &|_| {}).await;
        drop(draft);
        report.map(Some)
    }

    /// Waits until the import is started; `None` if it is not in time, or the account has sent another file.
    async fn wait_for_start(&self, id: ImportJobId, place: &mut Place) -> Option<Started> {
        let clock = &self.context.ports.clock;
        let end = self.context.now() + ImportJob::HELD_FOR;
        while self.context.now() < end {
            match select(&mut place.start, pin!(clock.sleep(LOOK))).await {
                Either::Left((started, _)) => return started.ok(),
                // A failed look is made up by the next one.
                Either::Right(_) => {
                    if let Ok(Some(started)) = self.follower_of(id, ON_ITS_WAY).await {
                        return Some(started);
                    }
                }
            }
        }
        None
    }

    /// The import that was started with the file of this dry run, at least so long ago.
    async fn follower_of(&self, id: ImportJobId, ago: TimeDelta) -> Result<Option<Started>, PortError> {
        let follower = self.context.ports.imports.follower(id).await?;
        let follower = follower.filter(|job| self.context.now() - job.started_at >= ago);
        Ok(follower.map(|job| Started { job, request: None }))
    }

    /// Starts the import of a file that this account had checked. Of several calls, one starts it; the others return the
    /// same import.
    pub async fn start(
        &self,
        actor: &Actor,
        checked: ImportJobId,
    ) -> Result<Result<ImportJob, FileGone>, Error> {
        actor.require(&[Role::Admin])?;
        let imports = &self.context.ports.imports;
        let checked = imports.find(checked).await?.filter(|job| job.started_by == actor.uuid);
        let checked = checked.filter(|job| job.options.dry_run).ok_or(Error::NotFound)?;
        if let Some(started) = imports.follower(checked.id).await? {
            return Ok(Ok(started));
        }
        if !checked.is_held_at(self.context.now()) {
            return Ok(Err(FileGone));
        }
        let options = ImportOptions { dry_run: false, ..checked.options };
        let job = ImportJob { follows: Some(checked.id), ..self.job(actor, options) };
        let stored = imports.begin(&job).await?;
        if stored.id == job.id {
            let request = actor.origin.clone().zip(self.context.entry(actor));
            self.held.start(actor.uuid, checked.id, Started { job, request });
        }
        Ok(Ok(stored))
    }
}

fn no_place() -> ImportError {
    PortError::Overloaded { part: Part::Spreadsheets, retry_after: RETRY_AFTER }.into()
}

/// An import that was started.
struct Started {
    job: ImportJob,
    /// The request that started it, if that came to this instance, and the draft of its entry.
    request: Option<(Origin, EntryDraft)>,
}

/// The places for files on this instance.
#[derive(Clone, Default)]
pub(super) struct HeldFiles(Arc<Mutex<Places>>);

#[derive(Default)]
struct Places {
    /// The newest file of each account.
    of_accounts: HashMap<AccountUuid, Entry>,
    /// Number of files, also of those that others have replaced and that are still being checked.
    files: usize,
    /// The number of the last place.
    last: u64,
}

struct Entry {
    number: u64,
    job: Option<ImportJobId>,
    /// Dropped when the file is replaced.
    start: oneshot::Sender<Started>,
}

/// A file's place; free again once this is dropped.
struct Place {
    held: HeldFiles,
    account: AccountUuid,
    number: u64,
    start: oneshot::Receiver<Started>,
}

impl HeldFiles {
    /// A place for a file of this account, whose file before is given up; `None` if there is none.
    fn enter(&self, account: AccountUuid) -> Option<Place> {
        let mut places = self.lock();
        if places.files >= HELD {
            return None;
        }
        places.files += 1;
        places.last += 1;
        let (sender, start) = oneshot::channel();
        let number = places.last;
        places.of_accounts.insert(account, Entry { number, job: None, start: sender });
        Some(Place { held: self.clone(), account, number, start })
    }

    /// Hands an import to the file that it is started with, if that is held here.
    fn start(&self, account: AccountUuid, checked: ImportJobId, started: Started) {
        let mut places = self.lock();
        if places.of_accounts.get(&account).is_some_and(|entry| entry.job == Some(checked)) {
            let entry = places.of_accounts.remove(&account);
            // If the file is given up at this moment, its task finds the import in the database.
            let _heard = entry.is_some_and(|entry| entry.start.send(started).is_ok());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The dry run of its file.
    fn is_for(&self, job: ImportJobId) {
        let mut places = self.held.lock();
        if let Some(entry) = places.of_accounts.get_mut(&self.account)
            && entry.number == self.number
        {
            entry.job = Some(job);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.held.lock();
        places.files = places.files.saturating_sub(1);
        if places.of_accounts.get(&self.account).is_some_and(|entry| entry.number == self.number) {
            places.of_accounts.remove(&self.account);
        }
    }
}
