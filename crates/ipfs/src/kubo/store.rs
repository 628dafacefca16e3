use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;
use yilin_domain::file::{ContentId, NodeStatus, Pin, PinStatus, Pinning, StoredFile};
use yilin_domain::port::{
    AddFileError, BoxError, ByteStream, Clock, FileStore, Part, PinRepository, PortError,
};

use super::rpc::{InvalidNodeUrl, Node, NodeError, TimeLimits};
use crate::{EmbeddedStore, OpenStoreError};

/// How many uploads hand their files to the node themselves; those of others wait.
const HANDING_OVER_AT_ONCE: usize = 8;

/// After so many files in a row that the node did not take, it is left alone for a while.
const FAILURES_UNTIL_A_BREAK: usize = 3;

/// How many waiting files are looked at in one pass.
const FILES_PER_PASS: usize = 10_000;

/// What a [`KuboStore`] needs to know.
#[derive(Debug, Clone)]
pub struct KuboOptions {
    /// The node's RPC: `http://`, host and port, with a user and password if it wants them.
    pub node: Url,
    /// The folder of files that wait for the node.
    pub spool: PathBuf,
    /// Whether somebody vouches that the node is in a private swarm; else it is asked, and gets no
    /// files if it is not.
    pub private_swarm: bool,
    /// How long the node may take.
    pub limits: TimeLimits,
    /// How long an upload waits for the node before it is answered without it.
    pub patience: Duration,
}

impl KuboOptions {
    /// A node and a spool, with the usual time limits.
    pub fn new(node: Url, spool: impl Into<PathBuf>) -> Self {
        Self {
            node,
            spool: spool.into(),
            private_swarm: false,
            limits: TimeLimits::default(),
            patience: Duration::from_secs(3),
        }
    }
}

/// Why a Kubo store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenKuboError {
    /// The URL is no good.
    #[error(transparent)]
    Url(#[from] InvalidNodeUrl),
    /// The spool is no good.
    #[error(transparent)]
    Spool(#[from] OpenStoreError),
}

/// Why files were not handed to the node. They still wait.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The node did not take them.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// It is not there any more.
    #[error("the file is not there any more")]
    Gone,
    /// The spool or the database failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Keeps files in a Kubo node.
///
/// Every file is first on this machine's disk, whole and under its CID, and remembered as queued;
/// then it is handed to the node, remembered as pinned, and removed here. So an upload succeeds
/// without the node, a crash loses nothing, and the node never sees a part of a file.
#[derive(Clone)]
pub struct KuboStore {
    shared: Arc<Shared>,
}

struct Shared {
    node: Node,
    spool: EmbeddedStore,
    pins: Arc<dyn PinRepository>,
    clock: Arc<dyn Clock>,
    private_swarm: bool,
    patience: Duration,
    status: Mutex<NodeStatus>,
    handing_over: Semaphore,
    /// What the node did not take; the others go first.
    refused: Mutex<HashSet<ContentId>>,
}

impl KuboStore {
    /// Opens the spool. The node is not asked anything yet, and gets no file until it was.
    pub fn open(
        options: &KuboOptions,
        pins: Arc<dyn PinRepository>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenKuboError> {
        let shared = Shared {
            node: Node::new(&options.node, options.limits)?,
            spool: EmbeddedStore::open(&options.spool)?,
            pins,
            clock,
            private_swarm: options.private_swarm,
            patience: options.patience,
            status: Mutex::default(),
            handing_over: Semaphore::new(HANDING_OVER_AT_ONCE),
            refused: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Asks the node whether it may have files; [`NodeError::Public`] if it may not.
    pub async fn check(&self) -> Result<(), NodeError> {
        self.shared.check().await
    }

    /// Hands the files that wait here to the node; gives how many. To be called every few seconds, so
    /// that files do not wait longer than the node is away.
    pub async fn hand_over_waiting(&self) -> Result<u64, HandOverError> {
        self.check().await?;
        let waiting = self.shared.spool.list(FILES_PER_PASS).await.map_err(spool_failed)?;
        let refused = lock(&self.shared.refused).clone();
        let (last, first): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|cid| refused.contains(cid));
        let (mut pinned, mut failures, mut failure) = (0, 0, None);
        for cid in first.into_iter().chain(last) {
            match self.shared.hand_over_if_queued(&cid).await {
                Ok(handed_over) => {
                    pinned += u64::from(handed_over);
                    failures = 0;
                    lock(&self.shared.refused).remove(&cid);
                }
                Err(HandOverError::Node(error)) => {
                    failures += 1;
                    lock(&self.shared.refused).insert(cid);
                    failure = Some(error);
                }
                Err(error) => return Err(error),
            }
            if failures == FAILURES_UNTIL_A_BREAK {
                break;
            }
        }
        failure.map_or(Ok(pinned), |error| Err(error.into()))
    }

    /// Hands one file of an embedded store to the node, whose answer proves that the file is what its
    /// CID says; it stays where it is, too. [`KuboStore::check`] the node first.
    pub async fn copy_from(&self, store: &EmbeddedStore, file: &StoredFile) -> Result<(), HandOverError> {
        self.shared.give(store, file).await
    }
}

impl Shared {
    async fn check(&self) -> Result<(), NodeError> {
        let checked = match self.node.is_public().await {
            Ok(true) if !self.private_swarm => Err(NodeError::Public),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        *lock(&self.status) = match checked {
            Ok(()) => NodeStatus::Ready,
            Err(NodeError::Public) => NodeStatus::Public,
            Err(_) => NodeStatus::Unavailable,
        };
        checked
    }

    /// Hands a file of the spool to the node, if it still waits; tidies it away if it does not.
    async fn hand_over_if_queued(&self, cid: &ContentId) -> Result<bool, HandOverError> {
        // Somebody else may have handed it over meanwhile.
        let Some(size) = self.spool.size(cid).await? else { return Ok(false) };
        let file = StoredFile { cid: cid.clone(), size };
        // What a crash cut off before it was remembered is remembered now.
        let status = self.pins.queue(&file, self.clock.now()).await?;
        if status == PinStatus::Queued {
            match self.give(&self.spool, &file).await {
                Err(HandOverError::Gone) => return Ok(false),
                given => given?,
            }
        }
        self.spool.remove(cid).await.map_err(spool_failed)?;
        Ok(status == PinStatus::Queued)
    }

    /// Adds a file to the node and remembers that it is there.
    async fn give(&self, from: &EmbeddedStore, file: &StoredFile) -> Result<(), HandOverError> {
        let content = from.open_file(&file.cid).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => HandOverError::Gone,
            _ => spool_failed(error).into(),
        })?;
        self.node.add(&file.cid, content).await?;
        self.pins.pinned(file, self.clock.now()).await?;
        tracing::debug!(cid = %file.cid, "the IPFS node has it");
        Ok(())
    }

    /// Hands over a file that has just been stored, unless the node is known to be away or too much
    /// is being handed over.
    async fn hand_over_at_once(self: Arc<Self>, file: &StoredFile) -> Result<(), NodeError> {
        if *lock(&self.status) != NodeStatus::Ready {
            return Ok(());
        }
        let (shared, cid) = (self.clone(), file.cid.clone());
        // In a task of its own, which goes on when the upload does not wait any longer.
        let handing_over = tokio::spawn(async move {
            let Ok(_turn) = shared.handing_over.try_acquire() else { return Ok(false) };
            shared.hand_over_if_queued(&cid).await
        });
        let handed_over = match timeout(self.patience, handing_over).await {
            Ok(Ok(handed_over)) => handed_over,
            Ok(Err(panic)) => Err(NodeError::Failed(panic.into()).into()),
            // It goes on, or is done again later.
            Err(_) => return Ok(()),
        };
        match handed_over {
            Ok(_) => Ok(()),
            Err(HandOverError::Node(error @ NodeError::OtherContent { .. })) => Err(error),
            Err(HandOverError::Node(error)) => {
                tracing::warn!(%error, cid = %file.cid, "the file waits for the IPFS node");
                *lock(&self.status) = NodeStatus::Unavailable;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, cid = %file.cid, "the file waits for the IPFS node");
                Ok(())
            }
        }
    }

    /// How a file stands that should be in the spool and is not.
    async fn status_again(&self, cid: &ContentId) -> Result<PinStatus, PortError> {
        // It may have been handed over since it was looked up.
        match self.pins.pin(cid).await? {
            Some(Pin { status: PinStatus::Pinned, .. }) => Ok(PinStatus::Pinned),
            _ => Err(unavailable("the file waits for the IPFS node on another instance's disk")),
        }
    }
}

#[async_trait]
impl FileStore for KuboStore {
    async fn add(&self, content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError> {
        let shared = &self.shared;
        let file = shared.spool.add(content, limit).await?;
        match shared.pins.queue(&file, shared.clock.now()).await? {
            PinStatus::Pinned => shared.spool.remove(&file.cid).await.map_err(spool_failed)?,
            PinStatus::Queued => {
                let handed_over = shared.clone().hand_over_at_once(&file).await;
                handed_over.map_err(|error| PortError::Failed { part: PART, source: error.into() })?;
            }
        }
        Ok(file)
    }

    async fn size(&self, cid: &ContentId) -> Result<Option<u64>, PortError> {
        let Some(Pin { file, status }) = self.shared.pins.pin(cid).await? else { return Ok(None) };
        if status == PinStatus::Queued && self.shared.spool.size(cid).await?.is_none() {
            self.shared.status_again(cid).await?;
        }
        Ok(Some(file.size))
    }

    async fn read(&self, cid: &ContentId, range: Range<u64>) -> Result<Option<ByteStream>, PortError> {
        let Some(Pin { file, status }) = self.shared.pins.pin(cid).await? else { return Ok(None) };
        let end = range.end.min(file.size);
        let range = range.start.min(end)..end;
        if status == PinStatus::Queued {
            if let Some(content) = self.shared.spool.read(cid, range.clone()).await? {
                return Ok(Some(content));
            }
            self.shared.status_again(cid).await?;
        }
        let content = self.shared.node.cat(cid, file.size, range).await;
        Ok(Some(content.map_err(unavailable)?))
    }

    /// Of the spool, which every file goes through; how much room the node has is the node's matter.
    async fn free_space(&self) -> Result<u64, PortError> {
        self.shared.spool.free_space().await
    }

    async fn pinning(&self) -> Result<Option<Pinning>, PortError> {
        let backlog = self.shared.pins.backlog().await?;
        Ok(Some(Pinning { node: *lock(&self.shared.status), backlog }))
    }
}

const PART: Part = Part::FileStore;

fn unavailable(source: impl Into<BoxError>) -> PortError {
    PortError::Unavailable { part: PART, source: source.into() }
}

fn spool_failed(error: io::Error) -> PortError {
    unavailable(error)
}

/// Nothing is left half-done by a panic while one of these locks is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
