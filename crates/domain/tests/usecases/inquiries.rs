//! Inquiries: roles, steps and visibility.

use chrono::TimeDelta;
use yilin_domain::account::{ReservedPhone, Role};
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryStatus, VisitType};
use yilin_domain::port::Clock as _;
use yilin_domain::usecase::InquiryRequest;
use yilin_domain::validation::FieldProblem;
use yilin_testkit::sample;

use crate::support::{Case, ROLES, assert_refused, names, nobody};

/// An id without an inquiry. Only callers with the right role learn that it does not exist.
const UNKNOWN: InquiryId = InquiryId(999_999);

#[tokio::test]
async fn each_step_is_open_to_one_role() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let physician = case.physician.actor.uuid;
    let submit = async |actor| inquiries.submit(&actor, sample::inquiry_request()).await;
    let appoint = async |actor| inquiries.appoint(&actor, UNKNOWN, physician).await;
    let accept = async |actor| inquiries.answer(&actor, UNKNOWN, true, None).await;
    let decline = async |actor| inquiries.answer(&actor, UNKNOWN, false, None).await;
    let approve = async |actor| inquiries.approve(&actor, UNKNOWN).await;
    let find = async |actor| inquiries.find(&actor, UNKNOWN).await;
    assert_eq!(case.open_to(submit).await, [Role::Patient, Role::Admin]);
    assert_eq!(case.open_to(appoint).await, [Role::Admin]);
    assert_eq!(case.open_to(accept).await, [Role::Physician]);
    assert_eq!(case.open_to(decline).await, [Role::Physician]);
    assert_eq!(case.open_to(approve).await, [Role::Admin]);
    assert_eq!(case.open_to(find).await, ROLES);
}

#[tokio::test]
async fn an_unknown_inquiry_is_not_found() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let (admin, physician) = (&case.admin.actor, &case.physician.actor);
    assert_refused!(inquiries.appoint(admin, UNKNOWN, physician.uuid).await, Error::NotFound);
    assert_refused!(inquiries.answer(physician, UNKNOWN, true, None).await, Error::NotFound);
    assert_refused!(inquiries.approve(admin, UNKNOWN).await, Error::NotFound);
    assert_refused!(inquiries.find(admin, UNKNOWN).await, Error::NotFound);
}

#[tokio::test]
async fn patients_always_submit_for_themselves() {
    let case = Case::new().await;
    let request = InquiryRequest {
        patient: Some(case.other_patient.actor.uuid),
        visit_type: VisitType::Community,
        ..sample::inquiry_request()
    };
    let inquiries = &case.hospital.use_cases.inquiries;
    let details = inquiries.submit(&case.patient.actor, request.clone()).await.unwrap();
    assert_eq!(details.patient.username, case.patient.account.username);
    assert!(details.physician.is_none());

    let stored = case.inquiry(details.inquiry.id).await;
    assert_eq!(stored, details.inquiry);
    assert_eq!(stored.patient, case.patient.actor.uuid);
    assert_eq!((stored.status(), stored.visit_type), (InquiryStatus::Submitted, VisitType::Community));
    assert_eq!((stored.appointment_time, &stored.detail), (request.appointment_time, &request.detail));
    let history = case.inquiry_history(stored.id).await;
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].by, history[0].from), (case.patient.actor.uuid, None));
    assert_eq!(history[0].at, case.hospital.fakes.clock.now());
}

#[tokio::test]
async fn the_reserved_phone_defaults_to_the_patients_own() {
    let case = Case::new().await;
    let own = case.patient.account.phone.clone().map(ReservedPhone::from);
    let other = ReservedPhone::parse("02012345678").ok();
    for (given, stored) in [(None, own), (other.clone(), other)] {
        let request = InquiryRequest { reserved_phone: given, ..sample::inquiry_request() };
        let details = case.hospital.use_cases.inquiries.submit(&case.patient.actor, request).await.unwrap();
        assert_eq!(case.inquiry(details.inquiry.id).await.reserved_phone, stored);
    }
}

#[tokio::test]
async fn the_admin_can_only_submit_for_patients() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let ask_for = async |patient| {
        let request = InquiryRequest { patient, ..sample::inquiry_request() };
        inquiries.submit(&case.admin.actor, request).await
    };
    for (patient, problem) in [
        (None, FieldProblem::Missing),
        (Some(nobody()), FieldProblem::UnknownPatient),
        (Some(case.physician.actor.uuid), FieldProblem::UnknownPatient),
        (Some(case.admin.actor.uuid), FieldProblem::UnknownPatient),
    ] {
        let result = ask_for(patient).await;
        assert_refused!(result, Error::Invalid(invalid) if names(&invalid, "uuid", &problem), "{patient:?}");
    }
    assert!(case.all_inquiries().await.is_empty());

    let details = ask_for(Some(case.patient.actor.uuid)).await.unwrap();
    assert_eq!(details.inquiry.patient, case.patient.actor.uuid);
    let history = case.inquiry_history(details.inquiry.id).await;
    assert_eq!(history[0].by, case.admin.actor.uuid);
}

#[tokio::test]
async fn a_patient_without_an_account_cannot_submit() {
    let case = Case::new().await;
    let mut gone = case.patient.actor.clone();
    gone.uuid = nobody();
    let result = case.hospital.use_cases.inquiries.submit(&gone, sample::inquiry_request()).await;
    assert_refused!(result, Error::SessionWithoutAccount);
}

#[tokio::test]
async fn only_physicians_can_be_appointed() {
    let case = Case::new().await;
    let id = case.submitted().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    for uuid in [nobody(), case.patient.actor.uuid, case.admin.actor.uuid] {
        let result = inquiries.appoint(&case.admin.actor, id, uuid).await;
        let problem = FieldProblem::UnknownPhysician;
        assert_refused!(result, Error::Invalid(invalid) if names(&invalid, "userUUID", &problem));
    }
    assert_eq!(case.inquiry(id).await.status(), InquiryStatus::Submitted);

    let details = inquiries.appoint(&case.admin.actor, id, case.physician.actor.uuid).await.unwrap();
    let shown = details.physician.clone().unwrap();
    assert_eq!(shown.username, case.physician.account.username);
    assert_eq!(shown.hospital, case.physician.account.hospital);
    assert_eq!(inquiries.find(&case.admin.actor, id).await.unwrap(), details, "as it is stored");
}

#[tokio::test]
async fn appointing_the_same_physician_changes_nothing_and_another_replaces_the_first() {
    let case = Case::new().await;
    let id = case.assigned().await;
    let (inquiries, admin) = (&case.hospital.use_cases.inquiries, &case.admin.actor);
    let before = case.inquiry(id).await;
    case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
    let again = inquiries.appoint(admin, id, case.physician.actor.uuid).await.unwrap();
    assert_eq!((&again.inquiry, case.inquiry(id).await), (&before, before.clone()));
    assert_eq!(case.inquiry_history(id).await.len(), 2);

    let other = case.other_physician.actor.uuid;
    let replaced = inquiries.appoint(admin, id, other).await.unwrap();
    assert_eq!(replaced.physician.unwrap().uuid, other);
    assert_eq!(case.inquiry(id).await.physician(), Some(other));
    let history = case.inquiry_history(id).await;
    assert_eq!((history.len(), history[2].physician), (3, Some(other)));
}

#[tokio::test]
async fn the_assigned_physician_accepts_or_declines() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    for (accepts, status) in [(true, InquiryStatus::Accepted), (false, InquiryStatus::Submitted)] {
        let id = case.assigned().await;
        let details = inquiries.answer(&case.physician.actor, id, accepts, None).await.unwrap();
        assert_eq!(details.inquiry.status(), status);
        assert_eq!(details.physician.is_some(), accepts);
        assert_eq!(inquiries.find(&case.admin.actor, id).await.unwrap(), details, "as it is stored");
        let history = case.inquiry_history(id).await;
        assert_eq!(history[2].by, case.physician.actor.uuid);
    }
}

#[tokio::test]
async fn only_the_current_physician_answers() {
    let case = Case::new().await;
    let id = case.assigned().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let result = inquiries.answer(&case.other_physician.actor, id, true, None).await;
    assert_refused!(result, Error::NotFound);

    inquiries.appoint(&case.admin.actor, id, case.other_physician.actor.uuid).await.unwrap();
    for accepts in [true, false] {
        let result = inquiries.answer(&case.physician.actor, id, accepts, None).await;
        assert_refused!(result, Error::NotFound, "a former physician");
    }
    let details = case.inquiry(id).await;
    assert_eq!((details.status(), case.inquiry_history(id).await.len()), (InquiryStatus::Assigned, 3));
}

#[tokio::test]
async fn a_step_out_of_order_is_rejected_and_changes_nothing() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let (admin, physician) = (&case.admin.actor, &case.physician.actor);
    let id = case.assigned().await;
    let result = inquiries.approve(admin, id).await;
    assert_refused!(result, Error::IllegalStep(IllegalStep::InquiryNotAccepted));
    inquiries.answer(physician, id, true, None).await.unwrap();
    for accepts in [true, false] {
        let result = inquiries.answer(physician, id, accepts, None).await;
        assert_refused!(result, Error::IllegalStep(IllegalStep::InquiryAlreadyAccepted));
    }
    let result = inquiries.appoint(admin, id, case.other_physician.actor.uuid).await;
    assert_refused!(result, Error::IllegalStep(IllegalStep::InquiryAlreadyAccepted));
    assert_eq!(
        (case.inquiry(id).await.physician(), case.inquiry_history(id).await.len()),
        (Some(physician.uuid), 3)
    );
}

#[tokio::test]
async fn the_hospital_approves_a_registered_consultation() {
    let case = Case::new().await;
    let id = case.registered().await.inquiry;
    let inquiries = &case.hospital.use_cases.inquiries;
    let details = inquiries.approve(&case.admin.actor, id).await.unwrap();
    assert_eq!(details.inquiry.status(), InquiryStatus::Approved);
    assert_eq!(inquiries.find(&case.admin.actor, id).await.unwrap(), details, "as it is stored");
    let history = case.inquiry_history(id).await;
    assert_eq!((history.len(), history[4].by), (5, case.admin.actor.uuid));
}

#[tokio::test]
async fn the_admin_and_the_current_parties_see_an_inquiry() {
    let case = Case::new().await;
    let id = case.assigned().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    for person in [&case.admin, &case.patient, &case.physician] {
        assert_eq!(inquiries.find(&person.actor, id).await.unwrap().inquiry.id, id);
    }
    for stranger in [&case.other_patient, &case.other_physician] {
        assert_refused!(inquiries.find(&stranger.actor, id).await, Error::NotFound);
    }
    inquiries.answer(&case.physician.actor, id, false, None).await.unwrap();
    assert_refused!(inquiries.find(&case.physician.actor, id).await, Error::NotFound, "a former physician");
}
