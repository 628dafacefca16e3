//! Files, and access to them.

use std::ops::Range;
use std::sync::Arc;

use super::Context;
use super::upload_meter::UploadMeter;
use crate::account::Actor;
use crate::error::Error;
use crate::file::{
    ContentId, FileMention, FileReference, FileToken, LinkGrant, LinkedRecord, Pinning, StoredFile, Upload,
};
use crate::port::{AddFileError, ByteStream};

/// Files and links to them.
#[derive(Clone)]
pub struct Files {
    context: Arc<Context>,
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The content's identity.
    pub cid: ContentId,
    /// A link to it.
    pub url: String,
}

/// Why an upload failed.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It could not be stored.
    #[error(transparent)]
    Add(#[from] AddFileError),
    /// A limit was reached, or the uploader could not be recorded.
    #[error(transparent)]
    Refused(#[from] Error),
}

impl Files {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Stores a file of at most `limit` bytes for the caller, and returns a link to it. Rejects uploads
    /// beyond the caller's daily limit, and all uploads while the disk has no space beyond its reserve.
    pub async fn upload(
        &self,
        actor: &Actor,
        content: ByteStream,
        limit: u64,
    ) -> Result<Uploaded, UploadError> {
        let ports = &self.context.ports;
        let meter = UploadMeter::begin(self.context.clone(), actor).await?;
        let StoredFile { cid, size } = match ports.files.add(meter.watch(content), limit).await {
            Ok(stored) => stored,
            Err(error) => return Err(meter.failed().await?.map_or(error.into(), UploadError::Refused)),
        };
        let upload = Upload { cid, size, by: actor.uuid, at: self.context.now() };
        if let Err(error) = ports.uploads.record(&upload, self.context.entry(actor)).await {
            meter.not_recorded();
            return Err(Error::from(error).into());
        }
        let grant = LinkGrant { recipient: actor.uuid, role: actor.role, record: None };
        let url = self.context.policy.file_links.link(&upload.cid, grant, upload.at);
        Ok(Uploaded { cid: upload.cid, url })
    }

    /// The account that a link with this token was signed for, and the record.
    pub fn grant(&self, cid: &ContentId, token: &FileToken) -> Result<LinkGrant, Error> {
        self.context.policy.file_links.admits(cid, token, self.context.now()).ok_or(Error::Forbidden)
    }

    /// The file of a link with this token. Without a valid token a caller learns nothing, not even whether
    /// the file exists.
    pub async fn by_token(&self, cid: &ContentId, token: &FileToken) -> Result<StoredFile, Error> {
        self.grant(cid, token)?;
        self.held(cid).await
    }

    /// A file without a token: for accounts that have uploaded the same bytes, and for admins.
    pub async fn by_account(&self, actor: Option<&Actor>, cid: &ContentId) -> Result<StoredFile, Error> {
        let actor = actor.ok_or(Error::Forbidden)?;
        if actor.is_admin() || self.context.ports.uploads.has_uploaded(actor.uuid, cid).await? {
            self.held(cid).await
        } else {
            Err(Error::Forbidden)
        }
    }

    /// The content of a file to which access was granted.
    pub async fn read(&self, file: &StoredFile, range: Range<u64>) -> Result<ByteStream, Error> {
        self.context.ports.files.read(&file.cid, range).await?.ok_or(Error::NotFound)
    }

    /// Pinning status of the IPFS node; `None` if files are stored without one.
    pub async fn pinning(&self) -> Result<Option<Pinning>, Error> {
        Ok(self.context.ports.files.pinning().await?)
    }

    /// The reference to store in a record for a file that the caller references. Referencing a CID must not
    /// grant access: only if the caller has uploaded the same bytes, or presents an unexpired token for them,
    /// does the record grant access to the file.
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

    /// The form in which a record shows a file to a caller with access: a fresh link, signed for this
    /// reader and record, if the file is in our store, anything else unchanged.
    pub fn show(&self, reader: &Actor, record: LinkedRecord, reference: &FileReference) -> String {
        match reference {
            FileReference::Held(cid) => {
                let grant = LinkGrant { recipient: reader.uuid, role: reader.role, record: Some(record) };
                self.context.policy.file_links.link(cid, grant, self.context.now())
            }
            FileReference::AsGiven(text) => text.clone(),
        }
    }

    async fn held(&self, cid: &ContentId) -> Result<StoredFile, Error> {
        let size = self.context.ports.files.size(cid).await?.ok_or(Error::NotFound)?;
        Ok(StoredFile { cid: cid.clone(), size })
    }
}
