//! Consultations: registration, and access to medical records.

use chrono::TimeDelta;
use yilin_domain::account::Role;
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::file::{FileMention, FileReference, LinkedKind, LinkedRecord};
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::port::Clock as _;
use yilin_domain::usecase::ConsultationReport;
use yilin_testkit::{Person, sample};

use crate::support::{Case, ROLES, arriving, assert_refused};

const UNKNOWN: InquiryId = InquiryId(999_999);

#[tokio::test]
async fn physicians_register_and_all_roles_may_query_records() {
    let case = Case::new().await;
    let consultations = &case.hospital.use_cases.consultations;
    let register = async |actor| consultations.register(&actor, sample::consultation_report(UNKNOWN)).await;
    let of_inquiry = async |actor| consultations.of_inquiry(&actor, UNKNOWN).await;
    let find = async |actor| consultations.find(&actor, MedicalRecordId(999_999)).await;
    assert_eq!(case.open_to(register).await, [Role::Physician]);
    assert_eq!(case.open_to(of_inquiry).await, ROLES);
    assert_eq!(case.open_to(find).await, ROLES);
}

#[tokio::test]
async fn a_registration_stores_the_record_the_end_of_the_inquiry_and_the_drug_order() {
    let case = Case::new().await;
    for needs_drugs in [true, false] {
        let id = case.accepted().await;
        let orders = case.all_drug_orders().await.len();
        case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
        let now = case.hospital.fakes.clock.now();
        let report = ConsultationReport { needs_drugs, ..sample::consultation_report(id) };
        let consultations = &case.hospital.use_cases.consultations;
        let registered = consultations.register(&case.physician.actor, report.clone()).await.unwrap();
        assert_eq!((registered.patient, registered.record.inquiry), (case.patient.actor.uuid, id));
        assert_eq!(registered.record.created_at, now);
        let notes = &registered.record.notes;
        assert_eq!(notes.diagnostic_description, report.diagnostic_description);
        assert_eq!(notes.needs_drugs, needs_drugs);
        assert_eq!(consultations.find(&case.admin.actor, registered.record.id).await.unwrap(), registered);

        assert_eq!(case.inquiry(id).await.status(), InquiryStatus::Registered);
        let history = case.inquiry_history(id).await;
        assert_eq!((history.len(), history[3].by), (4, case.physician.actor.uuid));
        let ordered = case.all_drug_orders().await;
        assert_eq!(ordered.len(), orders + usize::from(needs_drugs));
        if needs_drugs {
            let order = &ordered[0].order;
            assert_eq!((order.medical_record, order.inquiry), (registered.record.id, id));
            assert_eq!(
                (order.patient, order.physician),
                (case.patient.actor.uuid, case.physician.actor.uuid)
            );
        }
    }
}

#[tokio::test]
async fn only_the_inquirys_physician_registers() {
    let case = Case::new().await;
    let id = case.accepted().await;
    let consultations = &case.hospital.use_cases.consultations;
    let report = sample::consultation_report(id);
    let result = consultations.register(&case.other_physician.actor, report).await;
    assert_refused!(result, Error::NotFound);
    let report = sample::consultation_report(UNKNOWN);
    assert_refused!(consultations.register(&case.physician.actor, report).await, Error::NotFound);
    assert_eq!(case.inquiry(id).await.status(), InquiryStatus::Accepted);
}

#[tokio::test]
async fn a_consultation_is_registered_once_and_only_after_acceptance() {
    let case = Case::new().await;
    let id = case.assigned().await;
    let use_cases = &case.hospital.use_cases;
    let register = async || {
        let report = ConsultationReport { needs_drugs: false, ..sample::consultation_report(id) };
        use_cases.consultations.register(&case.physician.actor, report).await
    };
    assert_refused!(register().await, Error::IllegalStep(IllegalStep::InquiryNotAccepted));
    use_cases.inquiries.answer(&case.physician.actor, id, true, None).await.unwrap();
    let first = register().await.unwrap();
    assert_refused!(register().await, Error::IllegalStep(IllegalStep::InquiryAlreadyRegistered));
    let stored = use_cases.consultations.of_inquiry(&case.patient.actor, id).await.unwrap();
    assert_eq!(stored.record, Some(first.record));
}

#[tokio::test]
async fn a_record_grants_access_to_a_file_only_if_the_physician_had_it() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let upload = async |person: &Person, bytes: &[u8]| {
        let link = files.upload(&person.actor, arriving(bytes), 1 << 20).await.unwrap();
        FileMention::parse(&link.url).unwrap()
    };
    let bare = |mention: &FileMention| FileMention::parse(mention.cid.as_str()).unwrap();
    let (own, patients) = (upload(&case.physician, b"own").await, upload(&case.patient, b"patient's").await);
    let expired = upload(&case.patient, b"an hour ago").await;
    case.hospital.fakes.clock.advance(TimeDelta::hours(1));
    let record = LinkedRecord { kind: LinkedKind::MedicalRecord, id: 1, patient: case.patient.actor.uuid };
    let patients =
        FileMention::parse(&files.show(&case.physician.actor, record, &FileReference::Held(patients.cid)))
            .unwrap();
    let held = |mention: &FileMention| FileReference::Held(mention.cid.clone());
    let as_given = |mention: &FileMention| FileReference::AsGiven(mention.text.clone());
    for (mention, stored) in [
        (bare(&own), held(&own)),
        (own.clone(), held(&own)),
        (patients.clone(), held(&patients)),
        (bare(&patients), as_given(&bare(&patients))),
        (expired.clone(), as_given(&expired)),
        (sample::file(), as_given(&sample::file())),
    ] {
        for in_video in [true, false] {
            let mut report = sample::consultation_report(case.accepted().await);
            let field = if in_video { &mut report.inquiry_video } else { &mut report.medical_img };
            *field = mention.clone();
            let notes = case.register(report).await.notes;
            let field = if in_video { notes.inquiry_video } else { notes.medical_img };
            assert_eq!(field, stored);
        }
    }
}

#[tokio::test]
async fn the_admin_and_the_parties_read_a_record() {
    let case = Case::new().await;
    let accepted = case.accepted().await;
    let record = case.registered().await;
    let consultations = &case.hospital.use_cases.consultations;
    for person in [&case.admin, &case.patient, &case.physician] {
        let found = consultations.find(&person.actor, record.id).await.unwrap();
        assert_eq!((found.patient, &found.record), (case.patient.actor.uuid, &record));
        let of_inquiry = consultations.of_inquiry(&person.actor, record.inquiry).await.unwrap();
        assert_eq!(of_inquiry.record.as_ref(), Some(&record));
        let without = consultations.of_inquiry(&person.actor, accepted).await.unwrap();
        assert_eq!((without.patient, without.record), (case.patient.actor.uuid, None), "none yet");
    }
    for stranger in [&case.other_patient, &case.other_physician] {
        assert_refused!(consultations.find(&stranger.actor, record.id).await, Error::NotFound);
        assert_refused!(consultations.of_inquiry(&stranger.actor, record.inquiry).await, Error::NotFound);
        assert_refused!(consultations.of_inquiry(&stranger.actor, accepted).await, Error::NotFound);
    }
    assert_refused!(consultations.of_inquiry(&case.admin.actor, UNKNOWN).await, Error::NotFound);
    assert_refused!(consultations.find(&case.admin.actor, MedicalRecordId(1)).await, Error::NotFound);
}
