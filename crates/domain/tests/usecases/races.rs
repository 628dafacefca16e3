//! A step that loses a race decides again on what was saved instead, and then usually says precisely why
//! it came too late.

use futures_util::future::BoxFuture;
use yilin_domain::account::Actor;
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::id::{DrugOrderId, InquiryId};
use yilin_domain::inquiry::InquiryStatus;
use yilin_testkit::sample;

use crate::support::{Case, assert_refused};

/// A step that another caller takes first.
type Rival = BoxFuture<'static, ()>;

impl Case {
    /// What the next saves lose their races to.
    fn interrupt_with(&self, rivals: impl IntoIterator<Item = Rival>) {
        self.hospital.fakes.storage.interrupt_saves(rivals);
    }

    /// The admin appoints this physician.
    fn appoints(&self, id: InquiryId, physician: &Actor) -> Rival {
        let (inquiries, admin) = (self.hospital.use_cases.inquiries.clone(), self.admin.actor);
        let physician = physician.uuid;
        Box::pin(async move { drop(inquiries.appoint(&admin, id, physician).await.unwrap()) })
    }

    /// The physician accepts or declines.
    fn answers(&self, id: InquiryId, accepts: bool) -> Rival {
        let (inquiries, physician) = (self.hospital.use_cases.inquiries.clone(), self.physician.actor);
        Box::pin(async move { drop(inquiries.answer(&physician, id, accepts).await.unwrap()) })
    }

    /// The admin approves.
    fn approves(&self, id: InquiryId) -> Rival {
        let (inquiries, admin) = (self.hospital.use_cases.inquiries.clone(), self.admin.actor);
        Box::pin(async move { drop(inquiries.approve(&admin, id).await.unwrap()) })
    }

    /// The physician registers the consultation.
    fn registers(&self, id: InquiryId) -> Rival {
        let consultations = self.hospital.use_cases.consultations.clone();
        let (physician, report) = (self.physician.actor, sample::consultation_report(id));
        Box::pin(async move { drop(consultations.register(&physician, report).await.unwrap()) })
    }

    /// The physician buys the drugs.
    fn purchases(&self, id: DrugOrderId) -> Rival {
        let (drug_orders, physician) = (self.hospital.use_cases.drug_orders.clone(), self.physician.actor);
        Box::pin(async move { drop(drug_orders.purchase(&physician, id).await.unwrap()) })
    }
}

#[tokio::test]
async fn an_appointment_that_comes_after_the_acceptance_says_so() {
    let case = Case::new().await;
    let id = case.assigned().await;
    case.interrupt_with([case.answers(id, true)]);
    let inquiries = &case.hospital.use_cases.inquiries;
    let result = inquiries.appoint(&case.admin.actor, id, case.other_physician.actor.uuid).await;
    assert_refused!(result, Error::IllegalStep(IllegalStep::InquiryAlreadyAccepted));
    assert_eq!(case.inquiry(id).await.physician(), Some(case.physician.actor.uuid));
}

#[tokio::test]
async fn an_appointment_that_comes_after_a_refusal_is_made_all_the_same() {
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
async fn two_appointments_of_one_physician_at_once_are_one() {
    let case = Case::new().await;
    let id = case.submitted().await;
    case.interrupt_with([case.appoints(id, &case.physician.actor)]);
    let inquiries = &case.hospital.use_cases.inquiries;
    inquiries.appoint(&case.admin.actor, id, case.physician.actor.uuid).await.unwrap();
    assert_eq!(case.inquiry_history(id).await.len(), 2);
}

#[tokio::test]
async fn an_answer_that_comes_after_another_appointment_finds_no_inquiry() {
    let case = Case::new().await;
    for accepts in [true, false] {
        let id = case.assigned().await;
        case.interrupt_with([case.appoints(id, &case.other_physician.actor)]);
        let result = case.hospital.use_cases.inquiries.answer(&case.physician.actor, id, accepts).await;
        assert_refused!(result, Error::NotFound);
        assert_eq!(case.inquiry(id).await.physician(), Some(case.other_physician.actor.uuid));
    }
}

#[tokio::test]
async fn of_two_equal_steps_at_once_one_is_taken_and_the_other_says_that_it_was() {
    let case = Case::new().await;
    let use_cases = &case.hospital.use_cases;
    let (admin, physician) = (&case.admin.actor, &case.physician.actor);

    let id = case.assigned().await;
    case.interrupt_with([case.answers(id, true)]);
    let late = use_cases.inquiries.answer(physician, id, true).await;
    assert_refused!(late, Error::IllegalStep(IllegalStep::InquiryAlreadyAccepted));

    case.interrupt_with([case.registers(id)]);
    let late = use_cases.consultations.register(physician, sample::consultation_report(id)).await;
    assert_refused!(late, Error::IllegalStep(IllegalStep::InquiryAlreadyRegistered));
    assert_eq!(case.all_drug_orders().await.len(), 1, "of the one record");

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
async fn a_step_loses_seven_races_and_is_given_up_after_the_eighth() {
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
