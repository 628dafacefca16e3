//! A step that loses a race is decided again on the newly saved state, and usually reports precisely why it
//! was too late.

use futures_util::future::BoxFuture;
use yilin_domain::account::Actor;
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::id::{DrugOrderId, InquiryId};
use yilin_domain::inquiry::InquiryStatus;
use yilin_testkit::sample;

use crate::support::{Case, assert_refused};

/// A concurrent step that is saved first.
type Rival = BoxFuture<'static, ()>;

impl Case {
    /// Makes the next saves lose against these steps.
    fn interrupt_with(&self, rivals: impl IntoIterator<Item = Rival>) {
        self.hospital.fakes.storage.interrupt_saves(rivals);
    }

    /// The admin appoints this physician.
    fn appoints(&self, id: InquiryId, physician: &Actor) -> Rival {
        let (inquiries, admin) = (self.hospital.use_cases.inquiries.clone(), self.admin.actor.clone());
        let physician = physician.uuid;
        Box::pin(async move { drop(inquiries.appoint(&admin, id, physician).await.unwrap()) })
    }

    /// The physician accepts or declines.
    fn answers(&self, id: InquiryId, accepts: bool) -> Rival {
        let (inquiries, physician) =
            (self.hospital.use_cases.inquiries.clone(), self.physician.actor.clone());
        Box::pin(async move { drop(inquiries.answer(&physician, id, accepts, None).await.unwrap()) })
    }

    /// The admin approves.
    fn approves(&self, id: InquiryId) -> Rival {
        let (inquiries, admin) = (self.hospital.use_cases.inquiries.clone(), self.admin.actor.clone());
        Box::pin(async move { drop(inquiries.approve(&admin, id).await.unwrap()) })
    }

    /// The physician registers the consultation.
    fn registers(&self, id: InquiryId) -> Rival {
        let consultations = self.hospital.use_cases.consultations.clone();
        let (physician, report) = (self.physician.actor.clone(), sample::consultation_report(id));
        Box::pin(async move { drop(consultations.register(&physician, report).await.unwrap()) })
    }

    /// The physician purchases the drugs.
    fn purchases(&self, id: DrugOrderId) -> Rival {
        let (drug_orders, physician) =
            (self.hospital.use_cases.drug_orders.clone(), self.physician.actor.clone());
        Box::pin(async move { drop(drug_orders.purchase(&physician, id).await.unwrap()) })
    }
}

#[tokio::test]
async fn an_appointment_after_the_acceptance_is_rejected() {
    let case = Case::new().await;
    let id = case.assigned().await;
    case.interrupt_with([case.answers(id, true)]);
    let inquiries = &case.hospital.use_cases.inquiries;
    let result = inquiries.appoint(&case.admin.actor, id, case.other_physician.actor.uuid).await;
    assert_refused!(result, Error::IllegalStep(IllegalStep::InquiryAlreadyAccepted));
    assert_eq!(case.inquiry(id).await.physician(), Some(case.physician.actor.uuid));
}

#[tokio::test]
async fn an_appointment_after_a_decline_succeeds() {
    let case = Case::new().await;
    let id = case.assigned().await;
    case.interrupt_with([case.answers(id, false)]);
    let (inquiries, other) = (&case.hospital.use_cases.inquiries, &case.other_physician.actor);
    let details = inquiries.appoint(&case.admin.actor, id, other.uuid).await.unwrap();
    assert_eq!(
        (details.inquiry.status(), details.inquiry.physician()),
        (InquiryStatus::Assigned, Some(other.uuid))
    );
    assert_eq!(case.inquiry(id).await, details.inquiry);
    assert_eq!(case.inquiry_history(id).await.len(), 4, "submitted, assigned, declined, assigned");
}

#[tokio::test]
async fn concurrent_appointments_of_one_physician_are_one() {
    let case = Case::new().await;
    let id = case.submitted().await;
    case.interrupt_with([case.appoints(id, &case.physician.actor)]);
    let inquiries = &case.hospital.use_cases.inquiries;
    inquiries.appoint(&case.admin.actor, id, case.physician.actor.uuid).await.unwrap();
    assert_eq!(case.inquiry_history(id).await.len(), 2);
}

#[tokio::test]
async fn an_answer_after_another_appointment_is_not_found() {
    let case = Case::new().await;
    for accepts in [true, false] {
        let id = case.assigned().await;
        case.interrupt_with([case.appoints(id, &case.other_physician.actor)]);
        let result = case.hospital.use_cases.inquiries.answer(&case.physician.actor, id, accepts, None).await;
        assert_refused!(result, Error::NotFound);
        assert_eq!(case.inquiry(id).await.physician(), Some(case.other_physician.actor.uuid));
    }
}

#[tokio::test]
async fn one_of_two_identical_concurrent_steps_succeeds_and_the_other_is_a_repetition() {
    let case = Case::new().await;
    let use_cases = &case.hospital.use_cases;
    let (admin, physician) = (&case.admin.actor, &case.physician.actor);

    let id = case.assigned().await;
    case.interrupt_with([case.answers(id, true)]);
    let late = use_cases.inquiries.answer(physician, id, true, None).await;
    assert_refused!(late, Error::IllegalStep(IllegalStep::InquiryAlreadyAccepted));

    case.interrupt_with([case.registers(id)]);
    let late = use_cases.consultations.register(physician, sample::consultation_report(id)).await;
    assert_refused!(late, Error::IllegalStep(IllegalStep::InquiryAlreadyRegistered));
    assert_eq!(case.all_drug_orders().await.len(), 1, "one per record");

    case.interrupt_with([case.approves(id)]);
    let late = use_cases.inquiries.approve(admin, id).await;
    assert_refused!(late, Error::IllegalStep(IllegalStep::InquiryAlreadyApproved));
    assert_eq!(case.inquiry_history(id).await.len(), 5);

    let order = case.all_drug_orders().await[0].order.id;
    case.interrupt_with([case.purchases(order)]);
    let late = use_cases.drug_orders.purchase(physician, order).await;
    assert_refused!(late, Error::IllegalStep(IllegalStep::DrugOrderAlreadyPurchased));
    assert_eq!(case.drug_order_history(order).await.len(), 2);
}

#[tokio::test]
async fn a_step_survives_seven_lost_races_and_fails_at_the_eighth() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let third = case.hospital.physician("周敏").await.actor.uuid;
    for (lost, succeeds) in [(7, true), (8, false)] {
        let id = case.assigned().await;
        let rivals: Vec<Rival> = (0..lost)
            .map(|turn| {
                let physicians = [&case.other_physician.actor, &case.physician.actor];
                case.appoints(id, physicians[turn % 2])
            })
            .collect();
        case.interrupt_with(rivals);
        let result = inquiries.appoint(&case.admin.actor, id, third).await;
        if succeeds {
            assert_eq!(result.unwrap().inquiry.physician(), Some(third));
        } else {
            assert_refused!(result, Error::Contended);
            assert_ne!(case.inquiry(id).await.physician(), Some(third));
        }
        assert_eq!(case.inquiry_history(id).await.len(), 2 + 7 + 1);
    }
}
