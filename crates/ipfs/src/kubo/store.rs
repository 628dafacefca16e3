//! The file store on a Kubo node, with a local spool.

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

/// Maximum number of uploads that hand their files to the node directly; others leave them to the worker.
const HANDING_OVER_AT_ONCE: usize = 8;

/// After this many consecutive failures a pass is abandoned.
const FAILURES_UNTIL_A_BREAK: usize = 3;

/// Maximum number of queued files per pass.
const FILES_PER_PASS: usize = 10_000;

/// Options of a [`KuboStore`].
#[derive(Debug, Clone)]
pub struct KuboOptions {
    /// The node's RPC URL: `http://`, host and port, with a user and password if required.
    pub node: Url,
    /// The spool folder for files queued for the node.
    pub spool: PathBuf,
    /// Whether the operator declares the swarm private; otherwise the node's configuration is checked, and a
    /// public node gets no files.
    pub private_swarm: bool,
    /// Timeouts for the node.
    pub limits: TimeLimits,
    /// How long an upload waits for the node before it is answered without it.
    pub patience: Duration,
}

impl KuboOptions {
    /// Options for a node and a spool, with default timeouts.
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

/// Error of opening a Kubo store.
#[derive(Debug, thiserror::Error)]
pub enum OpenKuboError {
    /// The URL is invalid.
    #[error(transparent)]
    Url(#[from] InvalidNodeUrl),
    /// The spool is unusable.
    #[error(transparent)]
    Spool(#[from] OpenStoreError),
}

/// Why files were not handed to the node. They stay queued.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The node did not accept them.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The file is no longer in the spool.
    #[error("the file no longer exists")]
    Gone,
    /// The spool or the database failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Stores files in a Kubo node.
///
/// Every file is first stored on the local disk, complete and under its CID, and recorded as queued; then it
/// is added to the node, recorded as pinned, and removed from the spool. So an upload succeeds without the
/// node, a crash loses nothing, and the node never receives a partial file.
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
    /// Files that the node refused; others are tried first.
    refused: Mutex<HashSet<ContentId>>,
}

impl KuboStore {
    /// Opens the spool. The node is not contacted yet, and gets no file until it has been checked.
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

    /// Checks whether the node may store files; [`NodeError::Public`] if not.
    pub async fn check(&self) -> Result<(), NodeError> {
        self.shared.check().await
    }

    /// Hands queued files of this spool to the node; returns how many. Call it every few seconds, so that
    /// files are handed over soon after the node is back.
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

    /// Adds one file of an embedded store to the node, whose response proves that the content matches its
    /// CID; the file also stays in the store. [`KuboStore::check`] the node first.
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

    /// Adds a spooled file to the node if it is still queued; removes it from the spool if not.
    async fn hand_over_if_queued(&self, cid: &ContentId) -> Result<bool, HandOverError> {
        // Another task may have handed it over in the meantime.
        let Some(size) = self.spool.size(cid).await? else { return Ok(false) };
        let file = StoredFile { cid: cid.clone(), size };
        // Records files whose upload crashed before they were recorded.
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

    /// Adds a file to the node and records it as pinned.
    async fn give(&self, from: &EmbeddedStore, file: &StoredFile) -> Result<(), HandOverError> {
        let content = from.open_file(&file.cid).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => HandOverError::Gone,
            _ => spool_failed(error).into(),
        })?;
        self.node.add(&file.cid, content).await?;
        self.pins.pinned(file, self.clock.now()).await?;
        tracing::debug!(cid = %file.cid, "added to the IPFS node");
        Ok(())
    }

    /// Hands over a file that was just stored, unless the node is known to be down or too many hand-overs are
    /// running.
    async fn hand_over_at_once(self: Arc<Self>, file: &StoredFile) -> Result<(), NodeError> {
        if *lock(&self.status) != NodeStatus::Ready {
            return Ok(());
        }
        let (shared, cid) = (self.clone(), file.cid.clone());
        // In a separate task, which continues after the upload stops waiting.
        let handing_over = tokio::spawn(async move {
            let Ok(_turn) = shared.handing_over.try_acquire() else { return Ok(false) };
            shared.hand_over_if_queued(&cid).await
        });
        let handed_over = match timeout(self.patience, handing_over).await {
            Ok(Ok(handed_over)) => handed_over,
            Ok(Err(panic)) => Err(NodeError::Failed(panic.into()).into()),
            // The task continues, or a later pass retries.
            Err(_) => return Ok(()),
        };
        match handed_over {
            Ok(_) => Ok(()),
            Err(HandOverError::Node(error @ NodeError::OtherContent { .. })) => Err(error),
            Err(HandOverError::Node(error)) => {
                tracing::warn!(%error, cid = %file.cid, "the file is queued for the IPFS node");
                *lock(&self.status) = NodeStatus::Unavailable;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, cid = %file.cid, "the file is queued for the IPFS node");
                Ok(())
            }
        }
    }

    /// The status of a file that should be in the spool but is not.
    async fn status_again(&self, cid: &ContentId) -> Result<PinStatus, PortError> {
        // It may have been handed over since the look-up.
        match self.pins.pin(cid).await? {
            Some(Pin { status: PinStatus::Pinned, .. }) => Ok(PinStatus::Pinned),
            _ => Err(unavailable("the file is queued for the IPFS node on another instance's disk")),
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

    /// Free space of the spool, which every file passes through; the node's own space is its operator's
    /// concern.
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

/// Locks a mutex, ignoring poison: no panic can leave the data inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
