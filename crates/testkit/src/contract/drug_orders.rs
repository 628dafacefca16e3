//! Contract of [`DrugOrderRepository`](yilin_domain::port::DrugOrderRepository): transitions and history.

use yilin_domain::drug_order::{DrugOrder, DrugOrderDetails, DrugOrderHistoryEntry, DrugOrderStatus};
use yilin_domain::file::{ContentId, FileReference};
use yilin_domain::id::{DrugOrderId, MedicalRecordId, Version};
use yilin_domain::inquiry::{InquiryState, InquiryStatus};
use yilin_domain::transition::{HistoryEntry, Stale};

use super::Subject;
use super::arrange::{CID, DEADLINES, at, by, held_file, notes, registration};
use super::race::race;

/// An order is returned with its consultation.
pub async fn an_order_is_shown_with_its_consultation(subject: &Subject) {
    let cast = subject.cast().await;
    let order = subject.pending_order(&cast).await;
    let inquiry = subject.inquiry(order.inquiry).await;
    let expected = DrugOrderDetails {
        order: order.clone(),
        patient_username: cast.patient.username.clone(),
        patient_sex: cast.patient.sex,
        patient_age: cast.patient.age,
        physician_username: cast.physician.username.clone(),
        hospital: cast.physician.hospital.clone(),
        inquiry_state: InquiryState::Registered { physician: cast.physician.uuid },
        visit_type: inquiry.visit_type,
        appointment_time: inquiry.appointment_time,
        reserved_phone: inquiry.reserved_phone.clone(),
        inquiry_detail: inquiry.detail.clone(),
        notes: notes(true),
    };
    assert_eq!(subject.drug_orders.find(order.id).await.unwrap().as_ref(), Some(&expected));
    let of_record = subject.drug_orders.of_medical_record(order.medical_record).await.unwrap();
    assert_eq!(of_record.as_ref(), Some(&expected));

    subject.saved(inquiry.approve(by(&cast.admin, 40), &DEADLINES)).await;
    let approved = DrugOrderDetails {
        inquiry_state: InquiryState::Approved { physician: cast.physician.uuid },
        ..expected
    };
    assert_eq!(subject.drug_orders.find(order.id).await.unwrap(), Some(approved));
}

/// An unknown order is not found; a record without drugs has no order.
pub async fn an_unknown_order_is_not_found(subject: &Subject) {
    let cast = subject.cast().await;
    let order = subject.pending_order(&cast).await;
    let unknown = DrugOrderId(order.id.0 + 1000);
    assert_eq!(subject.drug_orders.find(unknown).await.unwrap(), None);
    assert_eq!(subject.drug_orders.history(unknown).await.unwrap(), []);
    let record = MedicalRecordId(order.medical_record.0 + 1000);
    assert_eq!(subject.drug_orders.of_medical_record(record).await.unwrap(), None);
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let without_drugs = subject.register(&registration(&inquiry, &cast, false)).await.record.id;
    assert_eq!(subject.drug_orders.of_medical_record(without_drugs).await.unwrap(), None);
    let elsewhere = DrugOrder { id: unknown, ..order };
    let transition = elsewhere.purchase(by(&cast.physician, 50)).unwrap();
    assert_eq!(subject.drug_orders.save(&transition).await.unwrap(), Err(Stale));
}

/// Each transition is stored as decided.
pub async fn every_move_is_stored(subject: &Subject) {
    let cast = subject.cast().await;
    for status in DrugOrderStatus::ALL {
        let moved = subject.order_at(&cast, status).await;
        assert_eq!(moved.status(), status);
        assert_eq!(subject.order(moved.id).await, moved);
    }
}

/// A certificate keeps its kind: a file in our store, or any other text as given, even if it looks like such
/// a file.
pub async fn certificates_are_kept_as_what_they_are(subject: &Subject) {
    let cast = subject.cast().await;
    let certificates = [
        held_file(),
        FileReference::AsGiven(CID.to_owned()),
        FileReference::AsGiven(format!("http://127.0.0.1:8088/ipfs/{CID}/1a2b.c-d_E")),
        FileReference::AsGiven("字".repeat(1000)),
        FileReference::Held(
            ContentId::parse("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi").unwrap(),
        ),
    ];
    for certificate in certificates {
        let order = subject.order_at(&cast, DrugOrderStatus::Purchased).await;
        let order = subject.saved_order(order.dispatch(certificate.clone(), by(&cast.physician, 60))).await;
        assert_eq!(subject.order(order.id).await.certificate(), Some(&certificate));
        let order = subject.saved_order(order.confirm_receipt(by(&cast.admin, 70))).await;
        assert_eq!(subject.order(order.id).await.certificate(), Some(&certificate), "kept on receipt");
    }
}

/// The history has one entry per version.
pub async fn the_history_has_an_entry_per_version(subject: &Subject) {
    use DrugOrderStatus::{Dispatched, Pending, Purchased, Received};
    let cast = subject.cast().await;
    let order = subject.order_at(&cast, Received).await;
    let expected = [
        (&cast.physician, 30, None, Pending),
        (&cast.physician, 50, Some(Pending), Purchased),
        (&cast.physician, 60, Some(Purchased), Dispatched),
        (&cast.admin, 70, Some(Dispatched), Received),
    ];
    let expected: Vec<DrugOrderHistoryEntry> = (1..)
        .zip(expected)
        .map(|(version, (account, seconds, from, to))| HistoryEntry {
            version: Version(version),
            by: account.uuid,
            at: at(seconds),
            reason: None,
            from,
            to,
            physician: Some(cast.physician.uuid),
            after: matches!(to, Dispatched | Received).then(held_file),
        })
        .collect();
    assert_eq!(subject.drug_orders.history(order.id).await.unwrap(), expected);
}

/// A transition based on an old version is not stored, and leaves no trace.
pub async fn a_stale_move_leaves_no_trace(subject: &Subject) {
    let cast = subject.cast().await;
    let order = subject.order_at(&cast, DrugOrderStatus::Purchased).await;
    let late =
        order.clone().dispatch(FileReference::AsGiven("late".into()), by(&cast.physician, 65)).unwrap();
    let dispatched = subject.saved_order(order.dispatch(held_file(), by(&cast.physician, 60))).await;
    for _ in 0..2 {
        assert_eq!(subject.drug_orders.save(&late).await.unwrap(), Err(Stale));
        assert_eq!(subject.order(dispatched.id).await, dispatched);
        assert_eq!(subject.drug_orders.history(dispatched.id).await.unwrap().len(), 3);
    }
}

/// Of several concurrent transitions of one version, exactly one is saved, and it is the stored one.
pub async fn one_of_racing_transitions_is_saved(subject: &Subject) {
    let cast = subject.cast().await;
    for _ in 0..3 {
        let order = subject.order_at(&cast, DrugOrderStatus::Purchased).await;
        let results = race(12, |racer| {
            let certificate = FileReference::AsGiven(format!("certificate {racer}"));
            let provenance = by(&cast.physician, 60 + i64::try_from(racer).unwrap());
            let transition = order.clone().dispatch(certificate, provenance).unwrap();
            let drug_orders = subject.drug_orders.clone();
            async move { (drug_orders.save(&transition).await.unwrap(), transition) }
        })
        .await;
        let winners: Vec<_> = results.iter().filter(|(saved, _)| saved.is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        assert_eq!(subject.order(order.id).await, winners[0].1.record);
        let history = subject.drug_orders.history(order.id).await.unwrap();
        assert_eq!(history.len(), 3);
        let won = &winners[0].1.provenance;
        assert_eq!((history[2].by, history[2].at), (won.by, won.at));
    }
}
