//! The drug order's state machine: every pair of state and step, and any sequence of steps.
#![expect(clippy::expect_used, reason = "the steps are legal")]

use chrono::TimeDelta;
use proptest::prelude::*;
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::{DrugOrder, DrugOrderState, DrugOrderStatus, DrugOrderTransition};
use yilin_domain::error::IllegalStep;
use yilin_domain::event::EventType;
use yilin_domain::file::FileReference;
use yilin_domain::id::{DrugOrderId, InquiryId, MedicalRecordId, Version};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::Provenance;

#[derive(Debug, Clone, Copy)]
enum Step {
    Purchase,
    /// With a numbered certificate.
    Dispatch(u8),
    ConfirmReceipt,
    /// To the physician of this number.
    HandOver(u8),
}

impl Step {
    /// The method of [`DrugOrder`] that takes it, and the event that announces the transition.
    fn facts(self) -> (&'static str, Option<EventType>) {
        match self {
            Self::Purchase => ("purchase", Some(EventType::DrugOrderPurchased)),
            Self::Dispatch(_) => ("dispatch", Some(EventType::DrugOrderDispatched)),
            Self::ConfirmReceipt => ("confirm_receipt", Some(EventType::DrugOrderReceived)),
            Self::HandOver(_) => ("hand_over", None),
        }
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    (prop::sample::select(STEPS.to_vec()), 0..3_u8).prop_map(|(step, number)| match step {
        Step::Dispatch(_) => Step::Dispatch(number),
        Step::HandOver(_) => Step::HandOver(number),
        other => other,
    })
}

const fn physician(number: u8) -> AccountUuid {
    AccountUuid::from_bytes([0, 0, 1, number])
}

fn certificate(number: u8) -> FileReference {
    FileReference::AsGiven(format!("certificate {number}"))
}

/// The provenance of a step, this many minutes after the creation.
fn at_minute(minute: i64) -> Provenance {
    let by = AccountUuid::from_bytes([9, 9, 9, 9]);
    Provenance::new(by, Timestamp::UNIX_EPOCH + TimeDelta::minutes(minute))
}

fn pending() -> DrugOrder {
    DrugOrder {
        id: DrugOrderId(7),
        version: Version::FIRST,
        medical_record: MedicalRecordId(5),
        inquiry: InquiryId(3),
        patient: AccountUuid::from_bytes([0, 0, 0, 1]),
        physician: physician(0),
        state: DrugOrderState::Pending,
        created_at: at_minute(0).at,
        updated_at: at_minute(0).at,
    }
}

fn take(order: DrugOrder, step: Step, provenance: Provenance) -> Result<DrugOrderTransition, IllegalStep> {
    match step {
        Step::Purchase => order.purchase(provenance),
        Step::Dispatch(number) => order.dispatch(certificate(number), provenance),
        Step::ConfirmReceipt => order.confirm_receipt(provenance),
        Step::HandOver(number) => order.hand_over(physician(number), provenance),
    }
}

/// One of each kind; the property test varies certificate and physician.
const STEPS: [Step; 4] = [Step::Purchase, Step::Dispatch(0), Step::ConfirmReceipt, Step::HandOver(1)];

const WAY: [Step; 3] = [Step::Purchase, Step::Dispatch(0), Step::ConfirmReceipt];

/// A pending order after the first `steps` steps.
fn order_after(steps: usize) -> DrugOrder {
    WAY.iter()
        .take(steps)
        .fold(pending(), |order, step| take(order, *step, at_minute(1)).expect("a legal step").record)
}

#[test]
fn every_pair_of_state_and_step() {
    use DrugOrderStatus as To;
    use IllegalStep::{
        DrugOrderAlreadyDispatched as Dispatched, DrugOrderAlreadyPurchased as Purchased,
        DrugOrderAlreadyReceived as Received, DrugOrderNotDispatched as NotDispatched,
        DrugOrderNotPurchased as NotPurchased,
    };
    // Rows are statuses and columns steps, both in order.
    let table: [_; DrugOrderStatus::ALL.len()] = [
        [Ok(To::Purchased), Err(NotPurchased), Err(NotPurchased), Ok(To::Pending)],
        [Err(Purchased), Ok(To::Dispatched), Err(NotDispatched), Ok(To::Purchased)],
        [Err(Purchased), Err(Dispatched), Ok(To::Received), Ok(To::Dispatched)],
        [Err(Purchased), Err(Dispatched), Err(Received), Err(Received)],
    ];
    for ((steps, status), row) in DrugOrderStatus::ALL.into_iter().enumerate().zip(table) {
        assert_eq!(order_after(steps).status(), status);
        for (step, expected) in STEPS.into_iter().zip(row) {
            let taken = take(order_after(steps), step, at_minute(5));
            assert_eq!(taken.map(|transition| transition.record.status()), expected, "{status:?} {step:?}");
        }
    }
}

/// A method without a step would not be in the table, and not in the sequences.
#[test]
fn every_method_of_the_machine_is_a_step() {
    let source = include_str!("../src/drug_order/machine.rs");
    let methods = source.split("\n    pub fn ").skip(1).filter(|method| {
        let signature = method.split(" {\n").next().unwrap_or_default();
        signature.ends_with("IllegalStep>")
    });
    let methods: Vec<_> = methods.filter_map(|method| method.split('(').next()).collect();
    assert_eq!(methods, STEPS.map(|step| step.facts().0));
}

/// What is said of a status is what the machine does with it.
#[test]
fn predicates_agree_with_the_steps() {
    for (steps, status) in DrugOrderStatus::ALL.into_iter().enumerate() {
        let refusal = |step| take(order_after(steps), step, at_minute(5)).err();
        assert_eq!(status.is_purchased(), refusal(Step::Purchase).is_some(), "{status:?}");
        assert_eq!(status.awaits_confirmation(), refusal(Step::ConfirmReceipt).is_none(), "{status:?}");
        let is_repeated = refusal(Step::ConfirmReceipt) == Some(IllegalStep::DrugOrderAlreadyReceived);
        assert_eq!(status.is_received(), is_repeated, "{status:?}");
    }
}

/// Checks what a transition may change.
fn assert_sound(before: &DrugOrder, step: Step, transition: &DrugOrderTransition, provenance: &Provenance) {
    use DrugOrderStatus::{Dispatched, Pending, Purchased, Received};

    let after = &transition.record;
    assert_eq!(transition.from, before.status());
    assert_eq!(transition.based_on, before.version);
    assert_eq!(&transition.provenance, provenance);
    assert_eq!(after.version, before.version.next());
    assert_eq!(after.updated_at, provenance.at);
    assert_eq!(transition.event, step.facts().1, "the announcement of {step:?}");
    let unmoved = DrugOrder {
        version: before.version,
        physician: before.physician,
        state: before.state.clone(),
        updated_at: before.updated_at,
        ..after.clone()
    };
    assert_eq!(&unmoved, before, "nothing else changes");
    let (former, move_) = (transition.former_physician, (before.status(), after.status()));
    if let Step::HandOver(number) = step {
        assert_eq!((&after.state, after.physician), (&before.state, physician(number)));
        assert_eq!(former, Some(before.physician));
    } else {
        assert!([(Pending, Purchased), (Purchased, Dispatched), (Dispatched, Received)].contains(&move_));
        assert_eq!((after.physician, former), (before.physician, None));
    }
}

proptest! {
    #[test]
    fn any_sequence_of_steps_keeps_the_invariants(steps in prop::collection::vec(any_step(), 0..30)) {
        let mut order = pending();
        let mut moves = 0;
        let mut proof = None;
        for (minute, step) in (1..).zip(steps) {
            let provenance = at_minute(minute);
            // A step consumes the record, so a rejected one cannot affect the original.
            if let Ok(transition) = take(order.clone(), step, provenance.clone()) {
                assert_sound(&order, step, &transition, &provenance);
                order = transition.record;
                moves += 1;
                if let Step::Dispatch(number) = step {
                    proof = Some(certificate(number));
                }
            }
            let status = order.status();
            prop_assert_eq!(order.version, Version(1 + moves));
            let is_dispatched = match status {
                DrugOrderStatus::Pending | DrugOrderStatus::Purchased => false,
                DrugOrderStatus::Dispatched | DrugOrderStatus::Received => true,
            };
            prop_assert_eq!(order.certificate().is_some(), is_dispatched);
            prop_assert_eq!(order.certificate(), proof.as_ref(), "the first one, for good");
        }
    }
}
