//! The inquiry's state machine: every pair of state and step, and any sequence of steps.
#![expect(clippy::expect_used, reason = "the sample values are valid")]

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use yilin_domain::account::{AccountUuid, PersonName};
use yilin_domain::error::IllegalStep;
use yilin_domain::file::FileReference;
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{
    Appointment, Inquiry, InquiryDetail, InquiryDraft, InquiryStatus, InquiryTransition, PatientSummary,
    VisitType,
};
use yilin_domain::medical_record::{ConsultationNotes, DiagnosticDescription, MedicalRecordStatus};
use yilin_domain::time::{AppointmentTime, Timestamp};
use yilin_domain::transition::Provenance;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Appoints the physician with this number.
    Appoint(u8),
    Accept,
    Decline,
    Register,
    Approve,
}

const STEPS: [Step; 5] = [Step::Appoint(1), Step::Accept, Step::Decline, Step::Register, Step::Approve];

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_u8).prop_map(Step::Appoint),
        Just(Step::Accept),
        Just(Step::Decline),
        Just(Step::Register),
        Just(Step::Approve),
    ]
}

const fn physician(number: u8) -> AccountUuid {
    AccountUuid::from_bytes([0, 0, 1, number])
}

/// The provenance of a step, this many minutes after the creation.
fn at_minute(minute: i64) -> Provenance {
    let by = AccountUuid::from_bytes([9, 9, 9, 9]);
    Provenance::new(by, Timestamp::UNIX_EPOCH + TimeDelta::minutes(minute))
}

fn submitted() -> Inquiry {
    let appointment = DateTime::from_timestamp(1_709_265_600, 0).expect("a time").naive_utc();
    let draft = InquiryDraft {
        patient: PatientSummary {
            uuid: AccountUuid::from_bytes([0, 0, 0, 1]),
            username: PersonName::parse("王秀英").expect("a name"),
            sex: None,
            age: None,
        },
        visit_type: VisitType::Home,
        appointment_time: AppointmentTime::new(appointment).expect("a year within bounds"),
        reserved_phone: None,
        detail: InquiryDetail::parse("头痛").expect("a detail"),
    };
    Inquiry::submitted(InquiryId(7), draft, at_minute(0).at)
}

fn notes() -> ConsultationNotes {
    ConsultationNotes {
        diagnostic_description: DiagnosticDescription::default(),
        inquiry_video: FileReference::AsGiven("video".to_owned()),
        medical_img: FileReference::AsGiven("image".to_owned()),
        needs_drugs: true,
    }
}

/// The result of a step: a transition, or none if the same physician is appointed again.
fn take(
    inquiry: Inquiry,
    step: Step,
    provenance: Provenance,
) -> Result<Option<InquiryTransition>, IllegalStep> {
    match step {
        Step::Appoint(number) => Ok(match inquiry.clone().appoint(physician(number), provenance)? {
            Appointment::Changed(transition) => Some(transition),
            Appointment::Unchanged(same) => {
                assert_eq!(same, inquiry, "unchanged");
                None
            }
        }),
        Step::Accept => inquiry.accept(provenance).map(Some),
        Step::Decline => inquiry.decline(provenance).map(Some),
        Step::Register => {
            let present = inquiry.physician();
            let registration = inquiry.register(notes(), provenance)?;
            assert_eq!((Some(registration.physician), registration.notes), (present, notes()));
            Ok(Some(registration.inquiry))
        }
        Step::Approve => inquiry.approve(provenance).map(Some),
    }
}

/// An inquiry in this status by the shortest path, with physician 0.
fn inquiry_in(status: InquiryStatus) -> Inquiry {
    let steps: &[Step] = match status {
        InquiryStatus::Submitted => &[],
        InquiryStatus::Assigned => &[Step::Appoint(0)],
        InquiryStatus::Accepted => &[Step::Appoint(0), Step::Accept],
        InquiryStatus::Registered => &[Step::Appoint(0), Step::Accept, Step::Register],
        InquiryStatus::Approved => &[Step::Appoint(0), Step::Accept, Step::Register, Step::Approve],
    };
    steps.iter().fold(submitted(), |inquiry, step| {
        let transition = take(inquiry, *step, at_minute(1)).expect("a legal step");
        transition.expect("a move").record
    })
}

#[test]
fn every_pair_of_state_and_step() {
    use IllegalStep::{
        InquiryAlreadyAccepted as Accepted, InquiryAlreadyApproved as Approved,
        InquiryAlreadyRegistered as Registered, InquiryNotAccepted as NotAccepted,
        InquiryNotAssigned as NotAssigned, InquiryNotRegistered as NotRegistered,
    };
    use InquiryStatus as To;
    // Rows are statuses and columns steps, both in order.
    let table: [_; InquiryStatus::ALL.len()] = [
        [Ok(To::Assigned), Err(NotAssigned), Err(NotAssigned), Err(NotAssigned), Err(NotAssigned)],
        [Ok(To::Assigned), Ok(To::Accepted), Ok(To::Submitted), Err(NotAccepted), Err(NotAccepted)],
        [Err(Accepted), Err(Accepted), Err(Accepted), Ok(To::Registered), Err(NotRegistered)],
        [Err(Accepted), Err(Accepted), Err(Accepted), Err(Registered), Ok(To::Approved)],
        [Err(Accepted), Err(Accepted), Err(Accepted), Err(Registered), Err(Approved)],
    ];
    for (status, row) in InquiryStatus::ALL.into_iter().zip(table) {
        for (step, expected) in STEPS.into_iter().zip(row) {
            let inquiry = inquiry_in(status);
            let taken = take(inquiry, step, at_minute(5));
            let came_to = taken.map(|transition| transition.expect("a move").record.status());
            assert_eq!(came_to, expected, "{status:?} {step:?}");
        }
    }
}

#[test]
fn appointing_the_same_physician_again_changes_nothing_until_the_answer() {
    assert_eq!(take(inquiry_in(InquiryStatus::Assigned), Step::Appoint(0), at_minute(5)), Ok(None));
    for status in [InquiryStatus::Accepted, InquiryStatus::Registered, InquiryStatus::Approved] {
        let again = take(inquiry_in(status), Step::Appoint(0), at_minute(5));
        assert_eq!(again, Err(IllegalStep::InquiryAlreadyAccepted), "{status:?}");
    }
}

/// Checks what a transition may change.
fn assert_sound(before: &Inquiry, step: Step, transition: &InquiryTransition, provenance: &Provenance) {
    use InquiryStatus::{Accepted, Approved, Assigned, Registered, Submitted};

    let after = &transition.record;
    assert_eq!(transition.from, before.status());
    assert_eq!(transition.based_on, before.version);
    assert_eq!(&transition.provenance, provenance);
    assert_eq!(after.version, before.version.next());
    assert_eq!(after.updated_at, provenance.at);
    let unmoved = Inquiry {
        version: before.version,
        state: before.state,
        updated_at: before.updated_at,
        ..after.clone()
    };
    assert_eq!(&unmoved, before, "nothing else changes");
    let (from, to) = (before.status(), after.status());
    match step {
        Step::Decline => assert_eq!((from, to), (Assigned, Submitted)),
        Step::Appoint(number) => {
            assert_eq!(to, Assigned);
            assert_eq!(after.physician(), Some(physician(number)));
            assert_ne!(before.physician(), after.physician(), "otherwise it is not a transition");
        }
        Step::Accept | Step::Register | Step::Approve => {
            assert!(
                [(Assigned, Accepted), (Accepted, Registered), (Registered, Approved)].contains(&(from, to)),
                "{step:?} leads from {from:?} to {to:?}"
            );
            assert_eq!(after.physician(), before.physician());
        }
    }
}

proptest! {
    #[test]
    fn any_sequence_of_steps_keeps_the_invariants(steps in prop::collection::vec(any_step(), 0..40)) {
        let mut inquiry = submitted();
        let mut moves = 0;
        for (minute, step) in (1..).zip(steps) {
            let provenance = at_minute(minute);
            // A step consumes the record, so a rejected one cannot affect the original.
            if let Ok(Some(transition)) = take(inquiry.clone(), step, provenance.clone()) {
                assert_sound(&inquiry, step, &transition, &provenance);
                inquiry = transition.record;
                moves += 1;
            }
            let status = inquiry.status();
            prop_assert_eq!(inquiry.version, Version(1 + moves));
            prop_assert_eq!(inquiry.physician().is_none(), status == InquiryStatus::Submitted);
            prop_assert_eq!(MedicalRecordStatus::of(status).is_some(), status.has_ended());
        }
    }

    #[test]
    fn the_end_is_reachable_from_any_state(steps in prop::collection::vec(any_step(), 0..40)) {
        let mut inquiry = submitted();
        for step in steps {
            if let Ok(Some(transition)) = take(inquiry.clone(), step, at_minute(1)) {
                inquiry = transition.record;
            }
        }
        for step in [Step::Appoint(0), Step::Accept, Step::Register, Step::Approve] {
            if let Ok(Some(transition)) = take(inquiry.clone(), step, at_minute(2)) {
                inquiry = transition.record;
            }
        }
        prop_assert_eq!(inquiry.status(), InquiryStatus::Approved);
    }
}
