//! What a person takes with them: everything that the service holds about them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Context;
use crate::account::{AccountUuid, Actor};
use crate::error::Error;
use crate::file::{FileMention, FileToken};
use crate::port::{ByteStream, Part, PortError};

/// How many exports one instance makes at a time.
const AT_ONCE: usize = 8;

/// When trying again is sensible after an export was refused.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Exports of one's own data.
#[derive(Clone)]
pub struct Exports {
    context: Arc<Context>,
    under_way: Arc<Mutex<HashSet<AccountUuid>>>,
}

impl Exports {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, under_way: Arc::default() }
    }

    /// Begins an export of the caller's own data. An account makes one at a time on an instance, and an
    /// instance a few at a time.
    pub fn begin(&self, actor: &Actor) -> Result<Export, Error> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.len() >= AT_ONCE || !under_way.insert(actor.uuid) {
            let part = Part::Database;
            return Err(PortError::Overloaded { part, retry_after: RETRY_AFTER }.into());
        }
        let place = Place { all: self.under_way.clone(), account: actor.uuid };
        Ok(Export { context: self.context.clone(), actor: actor.clone(), _place: place })
    }
}

/// An export that is being made. What is in it, its maker may see anyway; the files are opened here.
pub struct Export {
    context: Arc<Context>,
    actor: Actor,
    _place: Place,
}

impl Export {
    /// Whose data these are.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether this is a link to a file that a record shows to the caller.
    pub fn shows(&self, mention: &FileMention) -> bool {
        let admits = |token: &FileToken| {
            self.context.policy.file_links.admits(&mention.cid, token, self.context.now())
        };
        mention.token.as_ref().is_some_and(|token| admits(token).is_some())
    }

    /// The bytes of a file that a record shows to the caller, from its beginning. An error, or none, if it
    /// cannot be read.
    pub async fn file(&self, mention: &FileMention) -> Result<Option<ByteStream>, PortError> {
        if !self.shows(mention) {
            return Ok(None);
        }
        let files = &self.context.ports.files;
        let Some(size) = files.size(&mention.cid).await? else { return Ok(None) };
        files.read(&mention.cid, 0..size).await
    }
}

/// An account's place among the exports that are under way.
struct Place {
    all: Arc<Mutex<HashSet<AccountUuid>>>,
    account: AccountUuid,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}
