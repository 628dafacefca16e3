//! The Kubo store against the port's contract, against a failing node and, where one is configured, against a
//! real node.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use yilin_domain::file::{ContentId, NodeStatus, PinStatus, StoredFile};
use yilin_domain::port::{AddFileError, FileStore as _, PinRepository as _, PortError};
use yilin_ipfs::{EmbeddedStore, HandOverError, KuboOptions, KuboStore, NodeError, TimeLimits};
use yilin_testkit::contract::ZONE;
use yilin_testkit::contract::outside::files::{self, arriving, sample};
use yilin_testkit::eventually;
use yilin_testkit::fakes::{FakeClock, FakeRandom, InMemory};
use yilin_testkit::kubo::{Behaviour, PROFILE, StandIn};

/// Longer than anything takes with a healthy node, also on a busy machine.
const LONG: Duration = Duration::from_secs(300);
const PATIENT: TimeLimits = TimeLimits { answer: LONG, first_byte: LONG, idle: LONG };

/// For a node that does not answer: a test has to wait for one of these timeouts.
const SHORT: Duration = Duration::from_millis(500);
const HASTY: TimeLimits = TimeLimits { answer: SHORT, first_byte: SHORT, idle: SHORT };

/// One database, one node, and the disk of one instance.
struct TestNode {
    node: StandIn,
    pins: Arc<InMemory>,
    folder: tempfile::TempDir,
}

impl TestNode {
    async fn new() -> Self {
        Self {
            node: StandIn::start().await,
            pins: Arc::new(InMemory::new(Arc::new(FakeRandom::new(1)), ZONE)),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Options of an instance with this spool.
    fn options(&self, spool: &str, limits: TimeLimits) -> KuboOptions {
        KuboOptions {
            limits,
            patience: LONG,
            ..KuboOptions::new(self.node.url.parse().unwrap(), self.folder.path().join(spool))
        }
    }

    fn open(&self, options: &KuboOptions) -> KuboStore {
        KuboStore::open(options, self.pins.clone(), Arc::new(FakeClock::new())).unwrap()
    }

    /// The store of an instance with this spool.
    fn store_with(&self, spool: &str) -> KuboStore {
        self.open(&self.options(spool, PATIENT))
    }

    /// The same with short timeouts, for a node that may never answer.
    fn hasty_store_with(&self, spool: &str) -> KuboStore {
        self.open(&self.options(spool, HASTY))
    }

    /// A store that has checked the node.
    async fn store(&self) -> KuboStore {
        let store = self.store_with("spool");
        store.check().await.unwrap();
        store
    }

    async fn status(&self, cid: &ContentId) -> Option<PinStatus> {
        self.pins.pin(cid).await.unwrap().map(|pin| pin.status)
    }

    /// Number of files in the instance's spool.
    async fn spooled(&self) -> usize {
        EmbeddedStore::open(self.folder.path().join("spool")).unwrap().list(usize::MAX).await.unwrap().len()
    }
}

async fn read(store: &KuboStore, cid: &ContentId, range: Range<u64>) -> Result<Vec<u8>, String> {
    let content = store.read(cid, range).await.map_err(|error| error.to_string())?;
    let pieces: Vec<_> = content.ok_or("none")?.try_collect().await.map_err(|error| error.to_string())?;
    Ok(pieces.concat())
}

async fn add(store: &KuboStore, bytes: &[u8]) -> StoredFile {
    store.add(arriving(bytes), 1 << 30).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract_with_a_healthy_node() {
    let place = TestNode::new().await;
    let store = place.store().await;
    files::suite(&store).await;
    eventually("every file is in the node", async || {
        store.hand_over_waiting().await.unwrap();
        place.spooled().await == 0
    })
    .await;
    let pinning = store.pinning().await.unwrap().unwrap();
    assert_eq!((pinning.node, pinning.backlog.files), (NodeStatus::Ready, 0));
    assert!(!place.node.files().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract_with_a_dead_node() {
    let place = TestNode::new().await;
    place.node.behave(Behaviour::Dead);
    files::suite(&place.store_with("spool")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_succeed_despite_node_failures_and_are_pinned_later_even_after_a_restart() {
    for behaviour in [
        Behaviour::Dead,
        Behaviour::Silent,
        Behaviour::Failing,
        Behaviour::Verbose,
        Behaviour::Nonsense,
        Behaviour::Endless,
    ] {
        let place = TestNode::new().await;
        let silent = behaviour == Behaviour::Silent;
        let open = || if silent { place.hasty_store_with("spool") } else { place.store_with("spool") };
        let store = open();
        eventually("the node is healthy", async || store.check().await.is_ok()).await;
        // The node fails between the check and the upload.
        place.node.behave(behaviour);
        let bytes = sample(300_000);
        let file = add(&store, &bytes).await;
        assert_eq!(file.cid.as_str(), "QmdDgr6Dv4eKtRXrD4JJCdQarEdjDBEQSFyJAKynk44MRD", "{behaviour:?}");
        assert_eq!(place.status(&file.cid).await, Some(PinStatus::Queued), "{behaviour:?}");
        assert_eq!(read(&store, &file.cid, 0..300_000).await.as_ref(), Ok(&bytes), "{behaviour:?}");
        let second = add(&store, b"another").await;
        let pinning = store.pinning().await.unwrap().unwrap();
        assert_eq!((pinning.backlog.files, pinning.backlog.bytes), (2, 300_007), "{behaviour:?}");
        assert_eq!(pinning.node, NodeStatus::Unavailable, "{behaviour:?}");
        assert!(store.hand_over_waiting().await.is_err(), "{behaviour:?}");

        drop(store);
        let restarted = open();
        assert!(restarted.hand_over_waiting().await.is_err(), "{behaviour:?}");
        assert_eq!(read(&restarted, &file.cid, 0..300_000).await.as_ref(), Ok(&bytes), "{behaviour:?}");
        place.node.behave(Behaviour::Well);
        let restarted = if silent { place.store_with("spool") } else { restarted };
        assert_eq!(restarted.hand_over_waiting().await.unwrap(), 2, "{behaviour:?}");
        assert_eq!(place.spooled().await, 0, "{behaviour:?}");
        for cid in [&file.cid, &second.cid] {
            assert_eq!(place.status(cid).await, Some(PinStatus::Pinned), "{behaviour:?}");
        }
        assert_eq!(read(&restarted, &file.cid, 0..300_000).await.as_ref(), Ok(&bytes), "{behaviour:?}");
        assert_eq!(place.node.asked_for(), [file.cid.as_str()], "{behaviour:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn add_sends_every_parameter_that_determines_the_cid() {
    let place = TestNode::new().await;
    let store = place.store().await;
    let cid = add(&store, b"a picture").await.cid;
    assert_eq!(place.status(&cid).await, Some(PinStatus::Pinned));
    let [query] = place.node.added_with().try_into().unwrap();
    let said: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let others =
        [("pin", "true"), ("only-hash", "false"), ("nocopy", "false"), ("wrap-with-directory", "false")];
    for parameter in PROFILE.iter().chain(&others) {
        assert!(said.contains(parameter), "{parameter:?} in {query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn error_messages_of_the_node_are_truncated() {
    let place = TestNode::new().await;
    let store = place.store().await;
    let cid = add(&store, b"a picture").await.cid;
    place.node.behave(Behaviour::Verbose);
    let Err(NodeError::Refused { status: 500, message }) = store.check().await else { panic!("it works") };
    assert!((1..=300).contains(&message.chars().count()), "{message}");
    let Err(PortError::Unavailable { source, .. }) = store.read(&cid, 0..9).await.map(drop) else {
        panic!("it works")
    };
    assert!(source.to_string().len() < 1000, "{source}");
    place.node.behave(Behaviour::Failing);
    let refused = store.check().await;
    assert!(
        matches!(&refused, Err(NodeError::Refused { message, .. }) if message == "disk full"),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_does_not_wait_for_a_slow_node() {
    let place = TestNode::new().await;
    let options = KuboOptions { patience: Duration::from_millis(20), ..place.options("spool", PATIENT) };
    let store = place.open(&options);
    store.check().await.unwrap();
    place.node.behave(Behaviour::Silent);
    let adding = tokio::time::timeout(LONG / 2, add(&store, b"a picture"));
    let file = adding.await.expect("the upload returns before the node's timeout");
    assert_eq!(place.status(&file.cid).await, Some(PinStatus::Queued));
    assert_eq!(read(&store, &file.cid, 0..9).await.unwrap(), b"a picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mismatched_cid_fails_the_upload_and_is_never_recorded_as_pinned() {
    let place = TestNode::new().await;
    let store = place.store().await;
    place.node.behave(Behaviour::OtherCid);
    let added = store.add(arriving(b"a picture"), 100).await;
    let Err(AddFileError::Port(PortError::Failed { source, .. })) = added else { panic!("{added:?}") };
    assert!(source.to_string().contains("stored Qm"), "{source}");
    let passed = store.hand_over_waiting().await;
    assert!(matches!(passed, Err(HandOverError::Node(NodeError::OtherContent { .. }))), "{passed:?}");
    assert_eq!(place.pins.backlog().await.unwrap().files, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_response_never_looks_like_a_whole_file() {
    let place = TestNode::new().await;
    let (store, hasty) = (place.store().await, place.hasty_store_with("spool"));
    let bytes = sample(200_000);
    let cid = add(&store, &bytes).await.cid;
    assert_eq!(place.status(&cid).await, Some(PinStatus::Pinned));
    for behaviour in [
        Behaviour::BreakingOff,
        Behaviour::Shortening,
        Behaviour::Stalling,
        Behaviour::Garbling,
        Behaviour::Dead,
        Behaviour::Silent,
        Behaviour::Failing,
        Behaviour::Verbose,
        Behaviour::Nonsense,
    ] {
        place.node.behave(behaviour);
        let hangs = matches!(behaviour, Behaviour::Stalling | Behaviour::Silent);
        let store = if hangs { &hasty } else { &store };
        assert!(read(store, &cid, 0..200_000).await.is_err(), "{behaviour:?}");
        if behaviour != Behaviour::Garbling {
            assert!(read(store, &cid, 1..200_000).await.is_err(), "{behaviour:?}");
        }
    }
    place.node.behave(Behaviour::Well);
    assert_eq!(read(&store, &cid, 0..200_000).await, Ok(bytes));
    place.node.lose_files();
    let unavailable = hasty.read(&cid, 0..10).await.err();
    assert!(matches!(unavailable, Some(PortError::Unavailable { .. })), "{unavailable:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_node_gets_nothing_unless_declared_private() {
    let place = TestNode::new().await;
    place.node.behave(Behaviour::Public);
    let store = place.store_with("spool");
    assert!(matches!(store.check().await, Err(NodeError::Public)));
    let file = add(&store, b"for the hospital alone").await;
    assert!(matches!(store.hand_over_waiting().await, Err(HandOverError::Node(NodeError::Public))));
    assert!(place.node.files().is_empty());
    assert_eq!(store.pinning().await.unwrap().unwrap().node, NodeStatus::Public);

    let vouched = place.open(&KuboOptions { private_swarm: true, ..place.options("spool", PATIENT) });
    assert_eq!(vouched.hand_over_waiting().await.unwrap(), 1);
    assert_eq!(place.node.files(), [file.cid.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_is_never_asked_for_an_unknown_cid() {
    let place = TestNode::new().await;
    let store = place.store().await;
    let cid = add(&place.store_with("of another hospital"), b"theirs").await.cid;
    let unknown = ContentId::parse("QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG").unwrap();
    assert_eq!(store.size(&unknown).await.unwrap(), None);
    assert!(store.read(&unknown, 0..10).await.unwrap().is_none());
    assert!(store.read(&cid, 0..10).await.is_err());
    assert!(place.node.asked_for().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_another_instances_spool_is_unavailable_until_the_node_has_it() {
    let place = TestNode::new().await;
    place.node.behave(Behaviour::Dead);
    let (here, there) = (place.store_with("spool"), place.store_with("another disk"));
    let cid = add(&there, b"waits there").await.cid;
    for outcome in [here.size(&cid).await.err(), here.read(&cid, 0..5).await.err()] {
        assert!(matches!(outcome, Some(PortError::Unavailable { .. })), "{outcome:?}");
    }
    assert_eq!(there.size(&cid).await.unwrap(), Some(11));
    place.node.behave(Behaviour::Well);
    there.hand_over_waiting().await.unwrap();
    assert_eq!(here.size(&cid).await.unwrap(), Some(11));
    assert_eq!(read(&here, &cid, 0..5).await.unwrap(), b"waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_upload_never_reaches_the_node() {
    let place = TestNode::new().await;
    let store = place.store().await;
    let broken = arriving(&sample(500_000))
        .chain(stream::iter([Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]));
    assert!(matches!(store.add(broken.boxed(), u64::MAX).await, Err(AddFileError::Interrupted(_))));
    let endless = arriving(&sample(500_000)).chain(stream::pending());
    let dropped = tokio::time::timeout(Duration::from_millis(50), store.add(endless.boxed(), u64::MAX)).await;
    assert!(dropped.is_err());
    assert_eq!(store.hand_over_waiting().await.unwrap(), 0);
    assert!(place.node.files().is_empty());
    assert_eq!(place.pins.backlog().await.unwrap().files, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_stored_but_not_recorded_before_a_crash_is_kept() {
    let place = TestNode::new().await;
    let spool = EmbeddedStore::open(place.folder.path().join("spool")).unwrap();
    let file = spool.add(arriving(b"whole"), 100).await.unwrap();
    let store = place.store().await;
    assert_eq!(store.size(&file.cid).await.unwrap(), None, "its upload was not answered");
    assert_eq!(store.hand_over_waiting().await.unwrap(), 1);
    assert_eq!(place.status(&file.cid).await, Some(PinStatus::Pinned));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_does_not_block_the_others() {
    let place = TestNode::new().await;
    place.node.behave(Behaviour::Dead);
    let store = place.store_with("spool");
    let files: Vec<_> = (1..=5).map(|n| sample(n * 1_000)).collect();
    for bytes in &files {
        add(&store, bytes).await;
    }
    // As the node would answer for bytes corrupted on disk.
    let spool = place.folder.path().join("spool");
    let first = EmbeddedStore::open(&spool).unwrap().list(usize::MAX).await.unwrap().remove(0);
    std::fs::write(path_below(&spool, first.as_str()), b"rotten").unwrap();
    place.node.behave(Behaviour::Well);
    let passed = store.hand_over_waiting().await;
    assert!(matches!(passed, Err(HandOverError::Node(NodeError::OtherContent { .. }))), "{passed:?}");
    assert_eq!(place.spooled().await, 1, "the others are in the node");
    assert_eq!(place.pins.backlog().await.unwrap().files, 1);
}

fn path_below(folder: &Path, name: &str) -> std::path::PathBuf {
    let shards = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    shards.map(|shard| shard.join(name)).find(|path| path.exists()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_store_moves_to_the_node() {
    let place = TestNode::new().await;
    let old = EmbeddedStore::open(place.folder.path().join("files")).unwrap();
    let bytes = sample(300_000);
    let file = old.add(arriving(&bytes), u64::MAX).await.unwrap();
    let store = place.store().await;
    store.copy_from(&old, &file).await.unwrap();
    assert_eq!(read(&store, &file.cid, 0..file.size).await, Ok(bytes));
    assert_eq!(old.size(&file.cid).await.unwrap(), Some(300_000), "the file also stays in the old store");
}

/// `YILIN_TEST_KUBO=http://127.0.0.1:5001 cargo test -p yilin-ipfs --test kubo real`: see
/// `docs/operations.md`.
#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract_with_a_real_node_where_one_is_named() {
    let Ok(url) = std::env::var("YILIN_TEST_KUBO") else { return };
    let place = TestNode::new().await;
    let options = KuboOptions {
        patience: Duration::from_secs(60),
        ..KuboOptions::new(url.parse().unwrap(), place.folder.path().join("spool"))
    };
    let store = KuboStore::open(&options, place.pins.clone(), Arc::new(FakeClock::new())).unwrap();
    store.check().await.unwrap();
    files::suite(&store).await;
    let large = sample(45_613_057);
    let file = add(&store, &large).await;
    assert_eq!(file.cid.as_str(), "QmXW6cFa6RCdXRm65CczkLBYN1cxkE8hicNr3zsvnX9mUU");
    assert_eq!(place.status(&file.cid).await, Some(PinStatus::Pinned));
    let middle = 20_000_000..30_000_000;
    assert_eq!(read(&store, &file.cid, middle.clone()).await.unwrap(), large[20_000_000..30_000_000]);
    assert_eq!(read(&store, &file.cid, 0..file.size).await.unwrap(), large);
    assert_eq!(place.spooled().await, 0);
}
