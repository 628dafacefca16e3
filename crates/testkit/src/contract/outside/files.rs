//! The suite of [`FileStore`].

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use yilin_domain::file::ContentId;
use yilin_domain::port::{AddFileError, ByteStream, FileStore};

/// Larger than any file of these suites.
const NO_LIMIT: u64 = 1 << 30;

/// Runs all cases in sequence on an empty store.
pub async fn suite(store: &dyn FileStore) {
    added_files_can_be_read(store).await;
    any_range_can_be_read(store).await;
    the_same_bytes_twice_are_one_file(store).await;
    an_interrupted_file_leaves_nothing(store).await;
    a_file_over_the_limit_leaves_nothing(store).await;
    an_unknown_cid_is_none(store).await;
    several_uploads_at_once_do_not_mix(store).await;
    its_disk_has_room(store).await;
}

/// Content with CIDs printed by Kubo: byte i is (31 × i + ⌊i ÷ 251⌋) mod 256.
pub fn sample(size: u64) -> Vec<u8> {
    (0..size).map(|i| u8::try_from((31 * i + i / 251) % 256).expect("a byte")).collect()
}

/// A file that arrives in chunks of 10,000 bytes.
pub fn arriving(bytes: &[u8]) -> ByteStream {
    let pieces: Vec<_> = bytes.chunks(10_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

async fn all(store: &dyn FileStore, cid: &ContentId, range: std::ops::Range<u64>) -> Option<Vec<u8>> {
    let content = store.read(cid, range).await.expect("the store reads")?;
    Some(content.try_collect::<Vec<Bytes>>().await.expect("all of it").concat())
}

async fn added_files_can_be_read(store: &dyn FileStore) {
    for (size, cid) in [
        (0, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
        (1, "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ"),
        (262_144, "QmTz9WKK5UQ9PUfNGBZn9gZ9FTpGjbFMMFDQyGv3A62kyj"),
        (262_145, "QmcN5qRDtjEBHgLSn8FpRT9WFG58kf6sRFhj3QdrUX95mL"),
        (1_048_576, "QmSZVeCHyYoXydtdW3hvZe4jsQcRsL73WNkpm4f9ctcU8k"),
    ] {
        let bytes = sample(size);
        let stored = store.add(arriving(&bytes), NO_LIMIT).await.expect("it is stored");
        assert_eq!((stored.cid.as_str(), stored.size), (cid, size), "Kubo's CID of {size} bytes");
        assert_eq!(store.size(&stored.cid).await.expect("the store answers"), Some(size));
        assert_eq!(all(store, &stored.cid, 0..size).await, Some(bytes), "{size} bytes");
    }
}

async fn any_range_can_be_read(store: &dyn FileStore) {
    let bytes = sample(300_000);
    let cid = store.add(arriving(&bytes), NO_LIMIT).await.expect("it is stored").cid;
    for range in
        [0..1, 0..300_000, 262_143..262_146, 299_999..300_000, 5..5, 299_999..400_000, 300_000..300_001]
    {
        let cut = |at: u64| usize::try_from(at).expect("small").min(bytes.len());
        let expected = bytes[cut(range.start)..cut(range.end)].to_vec();
        assert_eq!(all(store, &cid, range.clone()).await, Some(expected), "{range:?}");
    }
}

async fn the_same_bytes_twice_are_one_file(store: &dyn FileStore) {
    let bytes = sample(4096);
    let first = store.add(arriving(&bytes), NO_LIMIT).await.expect("it is stored");
    let second = store.add(arriving(&bytes), NO_LIMIT).await.expect("it is stored again");
    assert_eq!(first, second);
}

async fn an_interrupted_file_leaves_nothing(store: &dyn FileStore) {
    let broken = stream::iter([
        Ok(Bytes::from_static(b"only the first half, and then")),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    let added = store.add(broken.boxed(), NO_LIMIT).await;
    assert!(matches!(added, Err(AddFileError::Interrupted(_))), "{added:?}");
    let half = crate::fakes::cid_of(b"only the first half, and then");
    assert_eq!(store.size(&half).await.expect("the store answers"), None, "a truncated file has a CID");
}

async fn a_file_over_the_limit_leaves_nothing(store: &dyn FileStore) {
    let bytes = sample(65_536);
    let added = store.add(arriving(&bytes), 65_535).await;
    assert!(matches!(added, Err(AddFileError::TooLarge { limit: 65_535 })), "{added:?}");
    let cid = ContentId::parse("QmTLtL2uWVE2gVLRo2gLov1nD5rQfUZYppfXG8GyGoELgn").expect("a CID");
    assert_eq!(store.size(&cid).await.expect("the store answers"), None);
    assert_eq!(store.add(arriving(&bytes), 65_536).await.expect("just fits").cid, cid);
}

async fn an_unknown_cid_is_none(store: &dyn FileStore) {
    let cid = ContentId::parse("QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG").expect("a CID");
    assert_eq!(store.size(&cid).await.expect("the store answers"), None);
    assert_eq!(all(store, &cid, 0..10).await, None);
}

async fn several_uploads_at_once_do_not_mix(store: &dyn FileStore) {
    let files: Vec<Vec<u8>> = (1..=8).map(|n| sample(n * 30_011)).collect();
    let adding = files.iter().map(|bytes| store.add(arriving(bytes), NO_LIMIT));
    let stored = futures_util::future::join_all(adding).await;
    for (stored, bytes) in stored.into_iter().zip(files) {
        let stored = stored.expect("it is stored");
        assert_eq!(all(store, &stored.cid, 0..stored.size).await, Some(bytes));
    }
}

async fn its_disk_has_room(store: &dyn FileStore) {
    let free = store.free_space().await.expect("the store answers");
    assert!((1 << 20..1 << 60).contains(&free), "{free} bytes");
}
