//! Compares the changes in the database with those recorded in the audit log.

use std::collections::BTreeMap;

use yilin_domain::audit::{AuditAction, AuditFilter, EntryDraft};
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::inquiry::{InquiryFilter, InquiryParty, InquiryStatus};
use yilin_domain::time::Timestamp;
use yilin_domain::usecase::verify_audit_log;
use yilin_storage::Storage;
use yilin_testkit::eventually;

use crate::instance::database;

/// How often each operation changed each record.
type Changes = BTreeMap<(String, String), usize>;

/// The operations of a flow, whose changes have a history.
const OPERATIONS: [&str; 8] = [
    "createInquiryRecord",
    "appointedPhysician",
    "physicianReception",
    "medicalRegistration",
    "approveInquiryRecord",
    "physiciansOrderAgentDrug",
    "physiciansOrderDelivery",
    "hospitalAgentDrugConfirmReceipt",
];

/// Fails unless the histories of all inquiries and drug orders and the entries of the audit log are the same set, every
/// entry is linked, and every chain is intact. Returns the number of changes.
pub(crate) async fn assert_changes_and_entries_are_the_same(url: &str) -> usize {
    let storage = database(url);
    let audit = storage.audit();
    eventually("the entries of killed instances are linked", async || {
        audit.unlinked(Timestamp::MAX_UTC).await.unwrap() == 0
    })
    .await;
    let verified = verify_audit_log(&*audit, &[]).await.unwrap();
    assert_eq!(verified.faults, []);
    let (made, recorded) = (made(&storage).await, recorded(&storage).await);
    let differences: Vec<_> = made
        .keys()
        .chain(recorded.keys())
        .filter(|key| made.get(*key) != recorded.get(*key))
        .map(|key| (key, made.get(key), recorded.get(key)))
        .collect();
    assert!(differences.is_empty(), "changes and entries differ: {differences:?}");
    made.values().sum()
}

/// Every change according to the histories.
async fn made(storage: &Storage) -> Changes {
    let mut changes = Changes::new();
    let mut count = |operation: &str, entity: String| {
        *changes.entry((operation.to_owned(), entity)).or_default() += 1;
    };
    let (inquiries, records, orders) =
        (storage.inquiries(), storage.medical_records(), storage.drug_orders());
    let all = InquiryFilter::all_of(InquiryParty::Anyone);
    let mut before = None;
    loop {
        let batch = inquiries.batch(&all, before, 500).await.unwrap();
        let Some(last) = batch.last() else { break };
        before = Some(last.inquiry.id);
        for details in &batch {
            let id = details.inquiry.id;
            for entry in inquiries.history(id).await.unwrap() {
                let of_inquiry = format!("inquiry/{id}");
                match (entry.from, entry.to) {
                    (None, _) => count("createInquiryRecord", of_inquiry),
                    (_, InquiryStatus::Assigned) => count("appointedPhysician", of_inquiry),
                    (_, InquiryStatus::Submitted | InquiryStatus::Accepted) => {
                        count("physicianReception", of_inquiry);
                    }
                    (_, InquiryStatus::Registered) => {
                        let record = records.of_inquiry(id).await.unwrap().unwrap().record.unwrap();
                        count("medicalRegistration", format!("medical_record/{}", record.id));
                    }
                    (_, InquiryStatus::Approved) => count("approveInquiryRecord", of_inquiry),
                    (_, other) => panic!("no flow leads {id} to {other:?}"),
                }
            }
        }
    }
    let all = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    let mut before = None;
    loop {
        let batch = orders.batch(&all, before, 500).await.unwrap();
        let Some(last) = batch.last() else { break };
        before = Some(last.order.id);
        for details in &batch {
            let id = details.order.id;
            for entry in orders.history(id).await.unwrap() {
                let of_order = format!("drug_order/{id}");
                match entry.to {
                    // It was made together with its medical record.
                    DrugOrderStatus::Pending => {}
                    DrugOrderStatus::Purchased => count("physiciansOrderAgentDrug", of_order),
                    DrugOrderStatus::Dispatched => count("physiciansOrderDelivery", of_order),
                    DrugOrderStatus::Received => count("hospitalAgentDrugConfirmReceipt", of_order),
                }
            }
        }
    }
    changes
}

/// Every change according to the audit log.
async fn recorded(storage: &Storage) -> Changes {
    let (audit, mut changes, mut last) = (storage.audit(), Changes::new(), None);
    let succeeded = AuditFilter { outcome: Some(EntryDraft::OUTCOME), ..AuditFilter::default() };
    loop {
        let batch = audit.batch(&succeeded, last, 1000).await.unwrap().unwrap();
        let Some(record) = batch.last() else { return changes };
        last = Some(record.id);
        for event in batch.into_iter().map(|record| record.entry.event) {
            // A request that changed nothing is recorded as a read.
            if event.action != AuditAction::Read && OPERATIONS.contains(&event.operation.as_str()) {
                let entity = event.entity.map(|entity| format!("{}/{}", entity.kind, entity.id));
                *changes.entry((event.operation, entity.unwrap())).or_default() += 1;
            }
        }
    }
}
