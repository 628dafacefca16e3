//! Handing a physician's work over.

use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::error::Error;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{HandOverProspect, HandedOver};
use yilin_domain::validation::FieldProblem;
use yilin_testkit::sample;

use crate::support::{Case, assert_refused, names, nobody};

fn reason() -> Reason {
    Reason::parse("休产假").unwrap()
}

async fn hand_over(case: &Case, from: AccountUuid, to: AccountUuid) -> Result<HandedOver, Error> {
    case.hospital.use_cases.hand_over.run(&case.admin.actor, from, to, reason()).await
}

#[tokio::test]
async fn what_has_not_ended_moves_with_the_reason() {
    let case = Case::new().await;
    let submitted = case.submitted().await;
    let (assigned, accepted) = (case.assigned().await, case.accepted().await);
    let (pending, purchased) = (case.ordered().await, case.purchased().await);
    let (from, to) = (case.physician.actor.uuid, case.other_physician.actor.uuid);
    let moved = hand_over(&case, from, to).await.unwrap();
    assert_eq!(moved, HandedOver { inquiries: 2, drug_orders: 2 });
    for (id, was) in [(assigned, InquiryStatus::Assigned), (accepted, InquiryStatus::Accepted)] {
        let inquiry = case.inquiry(id).await;
        assert_eq!((inquiry.status(), inquiry.physician()), (InquiryStatus::Assigned, Some(to)));
        let last = case.inquiry_history(id).await.pop().unwrap();
        assert_eq!((last.from, last.to, last.physician), (Some(was), InquiryStatus::Assigned, Some(to)));
        assert_eq!((last.by, last.reason), (case.admin.actor.uuid, Some(reason())));
    }
    for (id, status) in [(pending, DrugOrderStatus::Pending), (purchased, DrugOrderStatus::Purchased)] {
        let order = case.hospital.ports.drug_orders.find(id).await.unwrap().unwrap().order;
        assert_eq!((order.status(), order.physician), (status, to));
        let last = case.drug_order_history(id).await.pop().unwrap();
        assert_eq!((last.from, last.to, last.physician), (Some(status), status, Some(to)));
        assert_eq!((last.by, last.reason), (case.admin.actor.uuid, Some(reason())));
    }
    assert_eq!(case.inquiry(submitted).await.physician(), None);
    assert_eq!(hand_over(&case, from, to).await.unwrap(), HandedOver::default(), "nothing is left");

    // The other one goes on, and the first cannot.
    let use_cases = &case.hospital.use_cases;
    assert_refused!(
        use_cases.inquiries.answer(&case.physician.actor, assigned, true, None).await,
        Error::NotFound
    );
    use_cases.inquiries.answer(&case.other_physician.actor, assigned, true, None).await.unwrap();
    assert_refused!(use_cases.drug_orders.purchase(&case.physician.actor, pending).await, Error::NotFound);
    use_cases.drug_orders.purchase(&case.other_physician.actor, pending).await.unwrap();
}

#[tokio::test]
async fn only_the_admin_hands_over_and_only_to_another_physician() {
    let case = Case::new().await;
    let (from, to) = (case.physician.actor.uuid, case.other_physician.actor.uuid);
    let call = async |actor| case.hospital.use_cases.hand_over.run(&actor, from, to, reason()).await;
    assert_eq!(case.open_to(call).await, [Role::Admin]);
    for (from, to, field, problem) in [
        (nobody(), to, "from", FieldProblem::UnknownPhysician),
        (case.patient.actor.uuid, to, "from", FieldProblem::UnknownPhysician),
        (from, nobody(), "to", FieldProblem::UnknownPhysician),
        (from, case.admin.actor.uuid, "to", FieldProblem::UnknownPhysician),
        (from, from, "to", FieldProblem::SamePhysician),
    ] {
        assert_refused!(hand_over(&case, from, to).await, Error::Invalid(invalid) if names(&invalid, field, &problem));
    }
    // A disabled physician has work to hand over, and can take none.
    let accounts = &case.hospital.use_cases.accounts;
    accounts.set_disabled(&case.admin.actor, from, true, reason()).await.unwrap();
    assert_refused!(hand_over(&case, to, from).await, Error::Invalid(_));
    hand_over(&case, from, to).await.unwrap();
}

#[tokio::test]
async fn a_consultation_that_is_registered_meanwhile_stays_and_its_order_moves() {
    let case = Case::new().await;
    let id = case.accepted().await;
    let (physician, use_cases) = (case.physician.actor.clone(), case.hospital.use_cases.clone());
    let registers = async move {
        let report = sample::consultation_report(id);
        use_cases.consultations.register(&physician, report).await.unwrap();
    };
    case.hospital.fakes.storage.interrupt_saves([Box::pin(registers) as _]);
    let (from, to) = (case.physician.actor.uuid, case.other_physician.actor.uuid);
    let moved = hand_over(&case, from, to).await.unwrap();
    assert_eq!(moved, HandedOver { inquiries: 0, drug_orders: 1 });
    let inquiry = case.inquiry(id).await;
    assert_eq!((inquiry.status(), inquiry.physician()), (InquiryStatus::Registered, Some(from)));
}

#[tokio::test]
async fn a_hand_over_that_breaks_off_is_finished_by_another() {
    let case = Case::new().await;
    for _ in 0..20 {
        case.accepted().await;
    }
    let (from, to) = (case.physician.actor.uuid, case.other_physician.actor.uuid);
    case.hospital.fakes.storage.go_down_after(15);
    assert_refused!(hand_over(&case, from, to).await, Error::Port(_));
    case.hospital.fakes.storage.recover();
    let moved = |inquiries: &[yilin_domain::inquiry::Inquiry]| {
        u64::try_from(inquiries.iter().filter(|inquiry| inquiry.physician() == Some(to)).count()).unwrap()
    };
    let before = moved(&case.all_inquiries().await);
    assert!(before > 0 && before < 20, "{before}");
    assert_eq!(hand_over(&case, from, to).await.unwrap().inquiries, 20 - before);
    let inquiries = case.all_inquiries().await;
    assert_eq!(moved(&inquiries), 20);
    for inquiry in inquiries {
        assert_eq!(case.inquiry_history(inquiry.id).await.len(), 4, "one move each");
    }
}

#[tokio::test]
async fn what_would_move_is_counted_and_successors_are_found() {
    let case = Case::new().await;
    let hand_over_case = &case.hospital.use_cases.hand_over;
    let (from, to) = (case.physician.actor.uuid, case.other_physician.actor.uuid);
    let prospect = async |from, text: &str| hand_over_case.prospect(&case.admin.actor, from, text).await;
    case.submitted().await;
    case.assigned().await;
    case.accepted().await;
    case.ordered().await;
    let found = prospect(from, "").await.unwrap();
    assert_eq!(found.from.uuid, from);
    assert_eq!(found.work, HandedOver { inquiries: 2, drug_orders: 1 });
    let successors = |found: &HandOverProspect| {
        found.successors.iter().map(|account| account.uuid).collect::<Vec<AccountUuid>>()
    };
    assert_eq!((successors(&found), found.has_more), (vec![to], false), "nobody succeeds themselves");
    assert_eq!(successors(&prospect(from, "文博").await.unwrap()), [to]);
    assert!(successors(&prospect(from, "没有").await.unwrap()).is_empty());
    assert!(prospect(to, "").await.unwrap().work.is_nothing());
    // What is counted is what moves.
    assert_eq!(hand_over(&case, from, to).await.unwrap(), found.work);
    let left = hand_over_case.open_work(&case.admin.actor, from).await.unwrap();
    assert_eq!(left, HandedOver::default());

    // Who is disabled takes nothing over.
    let accounts = &case.hospital.use_cases.accounts;
    accounts.set_disabled(&case.admin.actor, from, true, reason()).await.unwrap();
    assert!(successors(&prospect(to, "").await.unwrap()).is_empty());
    assert_eq!(successors(&prospect(from, "").await.unwrap()), [to]);
    for _ in 0..21 {
        case.hospital.physician("赵明").await;
    }
    let many = prospect(from, "赵").await.unwrap();
    assert_eq!((many.successors.len(), many.has_more), (20, true));

    for nobodys in [nobody(), case.patient.actor.uuid] {
        assert_refused!(prospect(nobodys, "").await, Error::NotFound);
    }
    let call = async |actor| hand_over_case.prospect(&actor, from, "").await;
    assert_eq!(case.open_to(call).await, [Role::Admin]);
    let call = async |actor| hand_over_case.open_work(&actor, from).await;
    assert_eq!(case.open_to(call).await, [Role::Admin]);
}
