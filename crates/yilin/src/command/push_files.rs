//! `yilin files push`.

use yilin_domain::file::{ContentId, PinStatus, StoredFile};
use yilin_domain::port::FileStore as _;
use yilin_ipfs::{EmbeddedStore, HandOverError, KuboStore, NodeError};

use crate::error::StartError;
use crate::guard;
use crate::output::{say, tell};
use crate::parts::{Parts, database_error, embedded_store};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::text::with_causes;

/// Adds every file of the data folder to the Kubo node, to migrate an installation to one. The node's
/// response verifies each file's CID. Can be run while the service is running, and repeatedly: files already
/// in the node are skipped unless `again` is set.
pub(crate) async fn push_files(settings: &Settings, again: bool) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let kubo = opened.kubo.as_ref().ok_or(StartError::NoNode)?;
    guard::check_node(kubo).await?;
    let files = embedded_store(settings)?;
    let cids = files.list(usize::MAX).await.map_err(StartError::ListFiles)?;
    let pins = opened.storage.pins();
    let mut pushed = Pushed { files: cids.len(), ..Pushed::default() };
    let progress = Progress::new("文件 files");
    for cid in cids {
        let pin = pins.pin(&cid).await.map_err(|source| database_error(settings, source))?;
        let is_there = pin.is_some_and(|pin| pin.status == PinStatus::Pinned);
        if is_there && !again {
            pushed.was_there += 1;
        } else {
            match push(kubo, &files, &cid).await {
                Ok(bytes) => pushed.added(bytes),
                Err(error) => pushed.failed(&cid, &error),
            }
        }
        progress.tell(pushed.added + pushed.was_there + pushed.failed, pushed.bytes);
    }
    progress.end();
    pushed.finish()
}

/// Adds a file; returns its size.
async fn push(kubo: &KuboStore, files: &EmbeddedStore, cid: &ContentId) -> Result<u64, HandOverError> {
    let size = files.size(cid).await?.ok_or(HandOverError::Gone)?;
    kubo.copy_from(files, &StoredFile { cid: cid.clone(), size }).await?;
    Ok(size)
}

/// What has become of the files so far.
#[derive(Default)]
struct Pushed {
    files: usize,
    added: u64,
    bytes: u64,
    was_there: u64,
    failed: u64,
}

impl Pushed {
    fn added(&mut self, bytes: u64) {
        self.added += 1;
        self.bytes += bytes;
    }

    fn failed(&mut self, cid: &ContentId, error: &HandOverError) {
        self.failed += 1;
        let why = match error {
            HandOverError::Node(NodeError::OtherContent { .. }) => {
                "节点算出的 CID 不同，文件可能已损坏 / the node computed a different CID; the file may be damaged"
                    .to_owned()
            }
            error => with_causes(error),
        };
        tell!("{cid}: 未能添加 / not added: {why}");
    }

    fn line(&self) -> String {
        let Self { files, added, bytes, was_there, failed } = self;
        let mebibytes = bytes >> 20;
        format!(
            "共 {files} 个文件：已添加 {added}（{mebibytes} MiB），本来就在 {was_there}，失败 {failed} / of {files} \
             files: {added} added ({mebibytes} MiB), {was_there} there before, {failed} failed"
        )
    }

    fn finish(self) -> Result<(), StartError> {
        say!("{}", self.line());
        if self.failed > 0 { Err(StartError::NotPushed { failed: self.failed }) } else { Ok(()) }
    }
}
