//! The fakes of the outside ports keep the same contracts as the adapters.

use std::time::Duration;

use yilin_domain::port::{LanguageModel as _, PortError};
use yilin_testkit::contract::outside::{files, model, rosters};
use yilin_testkit::fakes::{FakeFileStore, FakeLanguageModel, FakeRosterReader, FakeWorkbookWriter};

#[tokio::test]
async fn the_fake_file_store_keeps_the_contract() {
    files::suite(&FakeFileStore::new()).await;
}

#[tokio::test]
async fn the_fake_model_keeps_the_contract_and_remembers() {
    let fake = FakeLanguageModel::new();
    model::suite(&fake).await;
    assert_eq!(fake.asked().iter().map(Vec::len).collect::<Vec<_>>(), [2, 4]);
    fake.set_down(true);
    assert!(matches!(fake.reply(&[], Duration::from_secs(1)).await, Err(PortError::Unavailable { .. })));
}

#[tokio::test]
async fn the_fake_roster_reader_keeps_the_contract() {
    rosters::suite(&FakeRosterReader::new()).await;
    rosters::list_suite(&FakeWorkbookWriter::new(), &FakeRosterReader::new()).await;
}
