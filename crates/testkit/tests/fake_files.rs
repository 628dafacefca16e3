//! The fake file store keeps the contract that the real ones keep.

use yilin_testkit::contract::files;
use yilin_testkit::fakes::FakeFileStore;

#[tokio::test]
async fn the_fake_file_store_keeps_the_contract() {
    files::suite(&FakeFileStore::new()).await;
}
