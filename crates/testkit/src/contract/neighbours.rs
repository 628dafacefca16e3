//! A change concerns one record: the records before and after it stay as they were.

use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderHistoryEntry};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetails, InquiryHistoryEntry, InquiryStatus};
use yilin_domain::medical_record::{AddendumNotes, AddendumText, MedicalRecordOfInquiry};

use super::Subject;
use super::arrange::{Cast, DEADLINES, by, reason, registration};

/// The methods that change one record, and the status of the inquiries that they are tried with. Each method of these ports
/// that may find the record [`Stale`](yilin_domain::transition::Stale) is here, which a test of this crate checks.
const METHODS: &[(&str, InquiryStatus)] = &[
    ("inquiries.save", InquiryStatus::Accepted),
    ("medical_records.register", InquiryStatus::Accepted),
    ("medical_records.amend", InquiryStatus::Returned),
    ("drug_orders.save", InquiryStatus::Registered),
];

/// All that is stored of an inquiry.
#[derive(Debug, PartialEq)]
struct Stored {
    inquiry: InquiryDetails,
    history: Vec<InquiryHistoryEntry>,
    record: Option<MedicalRecordOfInquiry>,
    order: Option<(DrugOrderDetails, Vec<DrugOrderHistoryEntry>)>,
}

impl Subject {
    async fn stored(&self, id: InquiryId) -> Stored {
        let inquiry = self.inquiries.find(id).await.unwrap().unwrap();
        let history = self.inquiries.history(id).await.unwrap();
        let record = self.medical_records.of_inquiry(id).await.unwrap();
        let mut order = None;
        if let Some(record) = record.as_ref().and_then(|found| found.record.as_ref()) {
            let details = self.drug_orders.of_medical_record(record.id).await.unwrap().unwrap();
            let history = self.drug_orders.history(details.order.id).await.unwrap();
            order = Some((details, history));
        }
        Stored { inquiry, history, record, order }
    }

    async fn change(&self, method: &str, cast: &Cast, id: InquiryId) {
        let Stored { inquiry: details, record, order, .. } = self.stored(id).await;
        let inquiry = details.inquiry;
        match method {
            "inquiries.save" => {
                self.saved(inquiry.cancel(reason("家人已送医"), by(&cast.admin, 80), &DEADLINES)).await;
            }
            "medical_records.register" => {
                self.register(&registration(&inquiry, cast, true)).await;
            }
            "medical_records.amend" => {
                let text = AddendumText::parse("补充").unwrap();
                let notes = AddendumNotes { text, medical_img: None, inquiry_video: None };
                let record = record.unwrap().record.unwrap().id;
                let provenance = by(&cast.physician, 80);
                let amendment = inquiry.amend(record, notes, reason("遗漏"), provenance, &DEADLINES).unwrap();
                self.medical_records.amend(&amendment).await.unwrap().unwrap();
            }
            "drug_orders.save" => {
                self.saved_order(order.unwrap().0.order.purchase(by(&cast.physician, 80))).await;
            }
            other => panic!("{other} is not tried here"),
        }
    }
}

/// Of three records of the same parties, in the same status and version, the middle one changes.
pub async fn a_change_leaves_the_records_beside_it_as_they_were(subject: &Subject) {
    let cast = subject.cast().await;
    for (method, status) in METHODS {
        let before = subject.inquiry_at(&cast, *status).await.id;
        let changed = subject.inquiry_at(&cast, *status).await.id;
        let after = subject.inquiry_at(&cast, *status).await.id;
        let (was, beside) = (subject.stored(changed).await, [before, after]);
        let stored = [subject.stored(before).await, subject.stored(after).await];
        subject.change(method, &cast, changed).await;
        let is = subject.stored(changed).await;
        assert_ne!(is, was, "{method}");
        if method.starts_with("drug_orders.") {
            assert_eq!((is.inquiry, is.history), (was.inquiry, was.history), "{method}");
        }
        for (id, stored) in beside.into_iter().zip(stored) {
            assert_eq!(subject.stored(id).await, stored, "{method}");
        }
    }
}
