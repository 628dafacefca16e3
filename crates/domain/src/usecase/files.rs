use std::sync::Arc;

use super::Context;
use crate::account::Actor;
use crate::error::Error;
use crate::file::{FileMention, FileReference};

/// Files and links to them.
#[derive(Clone)]
pub struct Files {
    context: Arc<Context>,
}

impl Files {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// What a record keeps of a file that the caller names. Naming a CID must not grant reading
    /// it: only who uploaded the same bytes, or shows an unexpired token for them, makes the record
    /// a way to the file.
    pub(super) async fn resolve(&self, actor: &Actor, mention: &FileMention) -> Result<FileReference, Error> {
        let links = &self.context.policy.file_links;
        let entitled = links.proves_access(mention, self.context.now())
            || self.context.ports.uploads.has_uploaded(actor.uuid, &mention.cid).await?;
        Ok(if entitled {
            FileReference::Held(mention.cid.clone())
        } else {
            FileReference::AsGiven(mention.text.clone())
        })
    }

    /// How a record that the caller may read shows a file: a fresh link to one that we hold,
    /// anything else as it was given.
    pub fn show(&self, reference: &FileReference) -> String {
        match reference {
            FileReference::Held(cid) => self.context.policy.file_links.link(cid, self.context.now()),
            FileReference::AsGiven(text) => text.clone(),
        }
    }
}
