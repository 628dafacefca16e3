//! Contract of [`MedicalRecordRepository`](yilin_domain::port::MedicalRecordRepository).

use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderParty, DrugOrderState};
use yilin_domain::id::{InquiryId, MedicalRecordId, Version};
use yilin_domain::inquiry::{InquiryState, InquiryStatus};
use yilin_domain::medical_record::MedicalRecordOfInquiry;
use yilin_domain::transition::{HistoryEntry, Stale};

use super::Subject;
use super::arrange::{DEADLINES, EVERYTHING, appoint, at, by, notes, registration};
use super::race::race;

impl Subject {
    async fn all_orders(&self) -> Vec<DrugOrderDetails> {
        let filter = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
        self.drug_orders.page(&filter, EVERYTHING).await.unwrap().items
    }

    async fn record_of(&self, inquiry: InquiryId) -> MedicalRecordOfInquiry {
        self.medical_records.of_inquiry(inquiry).await.unwrap().expect("the inquiry is stored")
    }
}

/// Registering stores the record, the inquiry's transition and its history entry.
pub async fn registering_stores_record_and_move(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registration = registration(&inquiry, &cast, false);
    let registered = subject.register(&registration).await;
    assert_eq!(registered.drug_order, None);
    let record = registered.record;
    assert_eq!((record.inquiry, record.created_at), (inquiry.id, registration.inquiry.provenance.at));
    assert_eq!(record.notes, notes(false));

    let stored = subject.inquiry(inquiry.id).await;
    assert_eq!(stored, registration.inquiry.record);
    assert_eq!(stored.state, InquiryState::Registered { physician: cast.physician.uuid });
    let history = subject.inquiries.history(inquiry.id).await.unwrap();
    let entry = HistoryEntry {
        version: Version(4),
        by: cast.physician.uuid,
        at: at(30),
        reason: None,
        from: Some(InquiryStatus::Accepted),
        to: InquiryStatus::Registered,
        physician: Some(cast.physician.uuid),
        after: stored.appointment_time,
    };
    assert_eq!((history.len(), history.last()), (4, Some(&entry)));
    assert_eq!(subject.all_orders().await, [], "no drugs were needed");
}

/// If drugs are needed, a pending order is created with its history.
pub async fn registering_orders_drugs_where_needed(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registered = subject.register(&registration(&inquiry, &cast, true)).await;
    let id = registered.drug_order.expect("drugs are needed");
    let order = subject.order(id).await;
    assert_eq!((order.id, order.version, &order.state), (id, Version::FIRST, &DrugOrderState::Pending));
    assert_eq!((order.medical_record, order.inquiry), (registered.record.id, inquiry.id));
    assert_eq!((order.patient, order.physician), (cast.patient.uuid, cast.physician.uuid));
    assert_eq!((order.created_at, order.updated_at), (at(30), at(30)));
    let created = HistoryEntry {
        version: Version::FIRST,
        by: cast.physician.uuid,
        at: at(30),
        reason: None,
        from: None,
        to: order.status(),
        physician: Some(cast.physician.uuid),
        after: None,
    };
    assert_eq!(subject.drug_orders.history(id).await.unwrap(), [created]);
}

/// A record is found by its id and by its inquiry, with the inquiry's parties.
pub async fn a_record_is_found_with_its_parties(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    subject.inquiry_at(&cast, InquiryStatus::Registered).await;
    let registered = subject.register(&registration(&inquiry, &cast, true)).await;
    let expected = MedicalRecordOfInquiry {
        patient: cast.patient.uuid,
        physician: Some(cast.physician.uuid),
        record: Some(registered.record.clone()),
        addenda: Vec::new(),
    };
    assert_eq!(subject.record_of(inquiry.id).await, expected);
    let found = subject.medical_records.find(registered.record.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&expected));
    subject.saved(subject.inquiry(inquiry.id).await.approve(by(&cast.admin, 40), &DEADLINES)).await;
    assert_eq!(subject.record_of(inquiry.id).await, expected, "approval does not change it");
}

/// An inquiry without a record has parties too, namely the current ones.
pub async fn an_inquiry_without_a_record_has_parties(subject: &Subject) {
    let cast = subject.cast().await;
    let of = |physician| MedicalRecordOfInquiry {
        patient: cast.patient.uuid,
        physician,
        record: None,
        addenda: Vec::new(),
    };
    let inquiry = subject.submit(&cast).await;
    assert_eq!(subject.record_of(inquiry.id).await, of(None));
    let inquiry = subject.saved(appoint(&inquiry, &cast.other_physician, by(&cast.admin, 10))).await;
    assert_eq!(subject.record_of(inquiry.id).await, of(Some(cast.other_physician.uuid)));
    let inquiry = subject.saved(appoint(&inquiry, &cast.physician, by(&cast.admin, 20))).await;
    assert_eq!(subject.record_of(inquiry.id).await, of(Some(cast.physician.uuid)));
    let declined = subject.saved(inquiry.decline(by(&cast.physician, 30), &DEADLINES)).await;
    assert_eq!(subject.record_of(declined.id).await, of(None));
}

/// A patient's records are listed newest first, without those of others.
pub async fn a_patients_records_come_newest_first(subject: &Subject) {
    let cast = subject.cast().await;
    let mut records = Vec::new();
    for _ in 0..3 {
        let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
        records.insert(0, subject.register(&registration(&inquiry, &cast, false)).await.record);
    }
    subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let of = async |who, limit| subject.medical_records.of_patient(who, limit).await.unwrap();
    assert_eq!(of(cast.patient.uuid, 10).await, records);
    assert_eq!(of(cast.patient.uuid, 2).await, records[..2]);
    assert!(of(cast.physician.uuid, 10).await.is_empty());
}

/// An unknown inquiry or record is not found.
pub async fn what_is_unknown_is_not_found(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Registered).await;
    let record = subject.record_of(inquiry.id).await.record.expect("it is registered").id;
    for offset in [1000, -inquiry.id.0] {
        let unknown = InquiryId(inquiry.id.0 + offset);
        assert_eq!(subject.medical_records.of_inquiry(unknown).await.unwrap(), None);
    }
    for offset in [1000, -record.0] {
        let unknown = MedicalRecordId(record.0 + offset);
        assert_eq!(subject.medical_records.find(unknown).await.unwrap(), None);
    }
}

/// A registration based on an old version stores nothing at all.
pub async fn a_stale_registration_stores_nothing(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let mut stale = registration(&inquiry, &cast, true);
    stale.inquiry.based_on = Version(inquiry.version.0 - 1);
    stale.inquiry.record.version = inquiry.version;
    assert_eq!(subject.medical_records.register(&stale).await.unwrap(), Err(Stale));
    assert_eq!(subject.inquiry(inquiry.id).await, inquiry);
    assert_eq!(subject.inquiries.history(inquiry.id).await.unwrap().len(), 3);
    assert_eq!(subject.record_of(inquiry.id).await.record, None);
    assert_eq!(subject.all_orders().await, []);
}

/// A second registration stores nothing, even if it is based on the current version: there is at most one
/// record per inquiry.
pub async fn a_second_registration_stores_nothing(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let first = registration(&inquiry, &cast, true);
    let registered = subject.register(&first).await;
    let stored = subject.inquiry(inquiry.id).await;
    let mut informed = first.clone();
    informed.inquiry.based_on = stored.version;
    informed.inquiry.record.version = stored.version.next();
    for second in [first, informed] {
        assert_eq!(subject.medical_records.register(&second).await.unwrap(), Err(Stale));
        assert_eq!(subject.inquiry(inquiry.id).await, stored);
        assert_eq!(subject.inquiries.history(inquiry.id).await.unwrap().len(), 4);
        assert_eq!(subject.record_of(inquiry.id).await.record.as_ref(), Some(&registered.record));
        assert_eq!(subject.all_orders().await.len(), 1);
    }
}

/// Of several concurrent registrations, exactly one is stored, as a whole.
pub async fn of_racing_registrations_one_is_stored(subject: &Subject) {
    let cast = subject.cast().await;
    for round in 1..=3 {
        let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
        let registration = registration(&inquiry, &cast, true);
        let results = race(10, |_| {
            let (records, registration) = (subject.medical_records.clone(), registration.clone());
            async move { records.register(&registration).await.unwrap() }
        })
        .await;
        let winners: Vec<_> = results.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(subject.record_of(inquiry.id).await.record.as_ref(), Some(&winners[0].record));
        assert_eq!(subject.inquiries.history(inquiry.id).await.unwrap().len(), 4);
        assert_eq!(subject.all_orders().await.len(), round);
    }
}
