//! What the bulk inserts make is what the service could have made.

use std::collections::HashSet;
use std::sync::Arc;

use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::inquiry::{Deadlines, InquiryFilter, InquiryParty, InquiryStatus};
use yilin_storage::{SchemaState, Storage, StorageOptions};
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::mariadb::Server;
use yilin_testkit::rebuild;
use yilin_testkit::sqlite::TempDatabase;

use super::fill::fill;
use super::plan::Plan;
use crate::hospital::ZONE;

const VISITS: u16 = 900;

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_sqlite_database_is_sound() {
    let database = TempDatabase::new();
    is_sound(&database.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_mariadb_database_is_sound() {
    is_sound(&Server::shared().await.database().await).await;
}

async fn is_sound(url: &str) {
    let now = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let plan = Plan { visits: VISITS.into(), now };
    let (people, sessions) = fill(url, plan).await.unwrap();
    assert_eq!(sessions.len(), people.patients.len() + people.physicians.len());
    let storage = Storage::open(&StorageOptions::new(url), Arc::new(FakeRandom::new(7)), ZONE).unwrap();
    assert_eq!(storage.schema_state().await.unwrap(), SchemaState::Current);
    assert!(storage.wrong_totals().await.unwrap().is_empty());

    let all = InquiryFilter::all_of(InquiryParty::Anyone);
    let inquiries = storage.inquiries().batch(&all, None, VISITS + 1).await.unwrap();
    assert_eq!(inquiries.len(), usize::from(VISITS));
    for details in &inquiries {
        let history = storage.inquiries().history(details.inquiry.id).await.unwrap();
        let rebuilt = rebuild::inquiry(&details.inquiry, &history, &Deadlines::usual(ZONE));
        assert_eq!(rebuilt, details.inquiry);
        let record = storage.medical_records().of_inquiry(details.inquiry.id).await.unwrap().unwrap();
        assert_eq!(record.record.is_some(), details.inquiry.status().has_ended());
    }
    let statuses: HashSet<_> = inquiries.iter().map(|details| details.inquiry.status()).collect();
    assert_eq!(statuses.len(), InquiryStatus::ALL.len(), "{statuses:?}");

    let all = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    let orders = storage.drug_orders().batch(&all, None, VISITS).await.unwrap();
    for details in &orders {
        let history = storage.drug_orders().history(details.order.id).await.unwrap();
        assert_eq!(rebuild::drug_order(&details.order, &history), details.order);
    }
    let statuses: HashSet<_> = orders.iter().map(|details| details.order.status()).collect();
    assert_eq!(statuses.len(), DrugOrderStatus::ALL.len(), "{statuses:?}");
}
