//! The inquiry's state machine: every pair of state and step, and any sequence of steps.
#![expect(clippy::expect_used, reason = "the sample values are valid")]

use chrono::{DateTime, NaiveDate, TimeDelta};
use proptest::prelude::*;
use yilin_domain::account::{AccountUuid, PersonName};
use yilin_domain::error::IllegalStep;
use yilin_domain::event::EventType;
use yilin_domain::file::FileReference;
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::inquiry::{
    Appointment, Assignment, Deadlines, Inquiry, InquiryDetail, InquiryDraft, InquiryState, InquiryStatus,
    InquiryTransition, PatientSummary, Rescheduler, Submission, VisitType,
};
use yilin_domain::medical_record::{
    AddendumNotes, AddendumText, ConsultationNotes, DiagnosticDescription, MedicalRecordStatus,
};
use yilin_domain::reason::Reason;
use yilin_domain::time::{AppointmentTime, Timestamp};
use yilin_domain::transition::{HistoryEntry, Provenance};
use yilin_testkit::contract::DEADLINES;
use yilin_testkit::rebuild::{self, entry_of};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Appoints the physician with this number.
    Appoint(u8),
    Accept,
    Decline,
    Register,
    Approve,
    /// The patient cancels.
    Withdraw,
    /// The hospital cancels.
    Cancel,
    /// Reschedules the visit to this day of March.
    Reschedule(Rescheduler, u32),
    /// Reassigns the visit to the physician of this number.
    Reassign(u8),
    /// Hands the visit over to the physician of this number.
    HandOver(u8),
    Return,
    Amend,
}

/// One of each kind; the property tests vary physician and day.
const STEPS: [Step; 14] = [
    Step::Appoint(1),
    Step::Accept,
    Step::Decline,
    Step::Register,
    Step::Approve,
    Step::Withdraw,
    Step::Cancel,
    Step::Reschedule(Rescheduler::Patient, 9),
    Step::Reschedule(Rescheduler::Physician, 9),
    Step::Reschedule(Rescheduler::Hospital, 9),
    Step::Reassign(1),
    Step::HandOver(1),
    Step::Return,
    Step::Amend,
];

/// What is true of a step, whatever the state.
struct Facts {
    /// The method of [`Inquiry`] that takes it.
    method: &'static str,
    needs_reason: bool,
    /// The event that announces the transition; an addendum is announced as an event of the record.
    event: Option<EventType>,
    /// How often the property tests take it. What ends an inquiry is rare, so that sequences do not end early.
    weight: u32,
}

impl Step {
    fn facts(self) -> Facts {
        use EventType::{
            InquiryAccepted, InquiryApproved, InquiryAssigned, InquiryCancelled, InquiryDeclined,
            InquiryRegistered, InquiryRescheduled, InquiryReturned,
        };
        let (method, needs_reason, event, weight) = match self {
            Self::Appoint(_) => ("appoint", false, Some(InquiryAssigned), 6),
            Self::Accept => ("accept", false, Some(InquiryAccepted), 6),
            Self::Decline => ("decline", false, Some(InquiryDeclined), 3),
            Self::Register => ("register", false, Some(InquiryRegistered), 6),
            Self::Approve => ("approve", false, Some(InquiryApproved), 3),
            Self::Withdraw => ("withdraw", true, Some(InquiryCancelled), 1),
            Self::Cancel => ("cancel", true, Some(InquiryCancelled), 1),
            Self::Reschedule(..) => ("reschedule", true, Some(InquiryRescheduled), 2),
            Self::Reassign(_) => ("reassign", true, Some(InquiryAssigned), 2),
            Self::HandOver(_) => ("hand_over", true, Some(InquiryAssigned), 2),
            Self::Return => ("return_for_correction", true, Some(InquiryReturned), 3),
            Self::Amend => ("amend", true, None, 3),
        };
        Facts { method, needs_reason, event, weight }
    }

    /// The same step with this physician, or to this day.
    fn with(self, physician: u8, day: u32) -> Self {
        match self {
            Self::Appoint(_) => Self::Appoint(physician),
            Self::Reassign(_) => Self::Reassign(physician),
            Self::HandOver(_) => Self::HandOver(physician),
            Self::Reschedule(by, _) => Self::Reschedule(by, day),
            other => other,
        }
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let kinds = STEPS.map(|step| (step.facts().weight, Just(step)));
    let kind = prop::strategy::Union::new_weighted(kinds.to_vec());
    (kind, 0..3_u8, 1..29_u32).prop_map(|(step, physician, day)| step.with(physician, day))
}

fn why() -> Reason {
    Reason::parse("家人已送医").expect("a reason")
}

fn day_of_march(day: u32) -> AppointmentTime {
    let day = NaiveDate::from_ymd_opt(2024, 3, day).and_then(|day| day.and_hms_opt(9, 30, 0));
    AppointmentTime::new(day.expect("a time")).expect("a year within bounds")
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
    let at = at_minute(0).at;
    Inquiry::submitted(InquiryId(7), Submission::new(draft, &DEADLINES, at), at)
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
        Step::Appoint(number) => {
            Ok(match inquiry.clone().appoint(physician(number), provenance, &DEADLINES)? {
                Appointment::Changed(transition) => Some(transition),
                Appointment::Unchanged(same) => {
                    assert_eq!(same, inquiry, "unchanged");
                    None
                }
            })
        }
        Step::Accept => inquiry.accept(provenance, &DEADLINES).map(Some),
        Step::Decline => inquiry.decline(provenance, &DEADLINES).map(Some),
        Step::Register => {
            let present = inquiry.physician();
            let registration = inquiry.register(notes(), provenance, &DEADLINES)?;
            assert_eq!((Some(registration.physician), registration.notes), (present, notes()));
            Ok(Some(registration.inquiry))
        }
        Step::Approve => inquiry.approve(provenance, &DEADLINES).map(Some),
        Step::Withdraw => inquiry.withdraw(why(), provenance, &DEADLINES).map(Some),
        Step::Cancel => inquiry.cancel(why(), provenance, &DEADLINES).map(Some),
        Step::Reschedule(by, day) => {
            inquiry.reschedule(day_of_march(day), by, why(), provenance, &DEADLINES).map(Some)
        }
        Step::Reassign(number) => {
            inquiry.reassign(physician(number), why(), provenance, &DEADLINES).map(Some)
        }
        Step::HandOver(number) => {
            inquiry.hand_over(physician(number), why(), provenance, &DEADLINES).map(Some)
        }
        Step::Return => inquiry.return_for_correction(why(), provenance, &DEADLINES).map(Some),
        Step::Amend => {
            let text = AddendumText::parse("补充：血压 150/90").expect("a text");
            let notes = AddendumNotes { text, medical_img: None, inquiry_video: None };
            let amendment =
                inquiry.amend(MedicalRecordId(5), notes.clone(), why(), provenance, &DEADLINES)?;
            assert_eq!((amendment.record, amendment.notes), (MedicalRecordId(5), notes));
            assert_eq!(amendment.reason, why());
            Ok(Some(amendment.inquiry))
        }
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
        InquiryStatus::Cancelled => &[Step::Appoint(0), Step::Accept, Step::Cancel],
        InquiryStatus::Returned => &[Step::Appoint(0), Step::Accept, Step::Register, Step::Return],
    };
    steps.iter().fold(submitted(), |inquiry, step| {
        let transition = take(inquiry, *step, at_minute(1)).expect("a legal step");
        transition.expect("a transition").record
    })
}

type Outcome = Result<InquiryStatus, IllegalStep>;

/// For each step of [`STEPS`], its outcome in each status, in their order.
fn outcomes() -> [[Outcome; InquiryStatus::ALL.len()]; STEPS.len()] {
    use IllegalStep::{
        InquiryAlreadyAccepted as Taken, InquiryAlreadyApproved as Approved,
        InquiryAlreadyCancelled as Cancelled, InquiryAlreadyRegistered as Registered,
        InquiryAlreadyReturned as Returned, InquiryInPhysiciansHands as InHands,
        InquiryNotAccepted as NotAccepted, InquiryNotAmended as NotAmended,
        InquiryNotAssigned as NotAssigned, InquiryNotRegistered as NotRegistered,
    };
    use InquiryStatus as To;
    // Before an answer only.
    let unanswered = |submitted: Outcome, assigned: Outcome| {
        [submitted, assigned, Err(Taken), Err(Taken), Err(Taken), Err(Cancelled), Err(Taken)]
    };
    // Before the registration only.
    let open = |submitted: Outcome, assigned: Outcome, accepted: Outcome| {
        let (registered, approved) = (Err(Registered), Err(Approved));
        [submitted, assigned, accepted, registered, approved, Err(Cancelled), registered]
    };
    // After the registration only.
    let ended = |registered: Outcome, approved: Outcome, returned: Outcome| {
        let missing = (Err(NotAssigned), Err(NotAccepted), Err(NotRegistered));
        [missing.0, missing.1, missing.2, registered, approved, Err(Cancelled), returned]
    };
    let mut register = open(Err(NotAssigned), Err(NotAccepted), Ok(To::Registered));
    register[4] = Err(Registered);
    [
        unanswered(Ok(To::Assigned), Ok(To::Assigned)),
        unanswered(Err(NotAssigned), Ok(To::Accepted)),
        unanswered(Err(NotAssigned), Ok(To::Submitted)),
        register,
        ended(Ok(To::Approved), Err(Approved), Err(NotAmended)),
        // Withdraw and cancel.
        open(Ok(To::Cancelled), Ok(To::Cancelled), Err(InHands)),
        open(Ok(To::Cancelled), Ok(To::Cancelled), Ok(To::Cancelled)),
        // Reschedule, by the patient, the physician and the hospital.
        open(Ok(To::Submitted), Ok(To::Assigned), Err(InHands)),
        open(Err(NotAssigned), Err(NotAccepted), Ok(To::Accepted)),
        open(Ok(To::Submitted), Ok(To::Assigned), Ok(To::Accepted)),
        // Reassign and hand over.
        open(Err(NotAssigned), Err(NotAccepted), Ok(To::Assigned)),
        open(Err(NotAssigned), Ok(To::Assigned), Ok(To::Assigned)),
        ended(Ok(To::Returned), Err(Approved), Err(Returned)),
        ended(Ok(To::Registered), Ok(To::Approved), Ok(To::Registered)),
    ]
}

#[test]
fn every_pair_of_state_and_step() {
    for (step, row) in STEPS.into_iter().zip(outcomes()) {
        for (status, expected) in InquiryStatus::ALL.into_iter().zip(row) {
            let taken = take(inquiry_in(status), step, at_minute(5));
            let came_to = taken.map(|transition| transition.expect("a transition").record.status());
            assert_eq!(came_to, expected, "{status:?} {step:?}");
        }
    }
}

/// A method without a step would not be in the table, and not in the sequences.
#[test]
fn every_method_of_the_machine_is_a_step() {
    let sources = [include_str!("../src/inquiry/machine.rs"), include_str!("../src/inquiry/correction.rs")];
    let methods = sources.iter().flat_map(|source| source.split("\n    pub fn ").skip(1));
    let steps = methods.filter(|method| {
        let signature = method.split(" {\n").next().unwrap_or_default();
        signature.ends_with("IllegalStep>")
    });
    let mut methods: Vec<_> = steps.filter_map(|method| method.split('(').next()).collect();
    let mut taken = STEPS.map(|step| step.facts().method).to_vec();
    methods.sort_unstable();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(methods, taken);
}

/// The statuses to which steps can lead from this one, itself included.
fn reachable(from: InquiryStatus) -> Vec<InquiryStatus> {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(status) = reached.get(next).copied() {
        let taken = STEPS.map(|step| take(inquiry_in(status), step, at_minute(5)));
        for to in taken.into_iter().flatten().flatten().map(|transition| transition.record.status()) {
            if !reached.contains(&to) {
                reached.push(to);
            }
        }
        next += 1;
    }
    reached
}

/// What is said of a status is what the machine does with it.
#[test]
fn predicates_agree_with_the_steps() {
    for status in InquiryStatus::ALL {
        let refusal = |step| take(inquiry_in(status), step, at_minute(5)).err();
        assert_eq!(
            status.has_ended(),
            refusal(Step::Register) == Some(IllegalStep::InquiryAlreadyRegistered),
            "{status:?}"
        );
        assert_eq!(
            status.is_approved(),
            refusal(Step::Approve) == Some(IllegalStep::InquiryAlreadyApproved),
            "{status:?}"
        );
        let may_come = !status.is_approved() && reachable(status).iter().any(|later| later.is_approved());
        assert_eq!(status.may_be_approved(), may_come, "{status:?}");
        // The visit was made, or may still be made.
        assert_eq!(status.takes_place(), status.has_ended() || status.may_be_approved(), "{status:?}");
        let due_at = DEADLINES.due_at(status, at_minute(1).at, day_of_march(9));
        assert_eq!(Deadlines::may_apply_to(status), due_at.is_some(), "{status:?}");
        let is_over = STEPS.into_iter().all(|step| refusal(step).is_some());
        assert_eq!(is_over, !status.takes_place(), "{status:?}");
        for refused in STEPS.into_iter().filter_map(refusal) {
            assert_eq!(IllegalStep::INQUIRY_OVER.contains(&refused), is_over, "{status:?}: {refused:?}");
        }
    }
}

/// A status has a reason if each step to it needs one.
#[test]
fn statuses_keep_the_reasons_of_their_steps() {
    for to in InquiryStatus::ALL.into_iter().filter(|status| *status != InquiryStatus::Submitted) {
        let elsewhere = InquiryStatus::ALL.into_iter().filter(|status| *status != to);
        let pairs = elsewhere.flat_map(|from| STEPS.map(|step| (from, step)));
        let leads_there = |(from, step): &(InquiryStatus, Step)| {
            let taken = take(inquiry_in(*from), *step, at_minute(5));
            matches!(taken, Ok(Some(transition)) if transition.record.status() == to)
        };
        let reasons: Vec<_> = pairs.filter(leads_there).map(|(_, step)| step.facts().needs_reason).collect();
        assert!(!reasons.is_empty(), "no step leads to {to:?}");
        assert_eq!(to.has_reason(), reasons.into_iter().all(|needed| needed), "{to:?}");
    }
}

#[test]
fn reassigning_requires_another_physician() {
    for (status, step) in [
        (InquiryStatus::Accepted, Step::Reassign(0)),
        (InquiryStatus::Accepted, Step::HandOver(0)),
        (InquiryStatus::Assigned, Step::HandOver(0)),
    ] {
        let same = take(inquiry_in(status), step, at_minute(5));
        assert_eq!(same, Err(IllegalStep::InquiryOfSamePhysician));
    }
}

#[test]
fn a_cancelled_inquiry_keeps_its_assignment() {
    let (by, at) = (at_minute(0).by, at_minute(9).at);
    for (status, assignment) in [
        (InquiryStatus::Submitted, None),
        (InquiryStatus::Assigned, Some(Assignment { physician: physician(0), accepted: false })),
        (InquiryStatus::Accepted, Some(Assignment { physician: physician(0), accepted: true })),
    ] {
        let transition = inquiry_in(status).cancel(why(), Provenance::new(by, at), &DEADLINES);
        let cancelled = transition.expect("a legal step").record;
        assert_eq!(cancelled.state, InquiryState::Cancelled { assignment, reason: why() });
        assert_eq!(cancelled.physician(), assignment.map(|assignment| assignment.physician));
        assert_eq!(cancelled.state.is_accepted(), status == InquiryStatus::Accepted);
        assert_eq!((cancelled.due_at, cancelled.status().has_ended()), (None, false));
    }
}

#[test]
fn deadlines_count_from_the_status_or_the_visit() {
    let hours = |hours| Some(at_minute(1).at + TimeDelta::hours(hours));
    for (status, due_at) in [
        (InquiryStatus::Assigned, hours(12)),
        (
            InquiryStatus::Accepted,
            Some(DEADLINES.zone.moment(submitted().appointment_time) + TimeDelta::hours(48)),
        ),
        (InquiryStatus::Registered, hours(72)),
        (InquiryStatus::Approved, None),
        (InquiryStatus::Cancelled, None),
        (InquiryStatus::Returned, None),
    ] {
        assert_eq!(inquiry_in(status).due_at, due_at, "{status:?}");
    }
    assert_eq!(submitted().due_at, Some(at_minute(0).at + TimeDelta::hours(24)));

    let moved = |status, by| take(inquiry_in(status), Step::Reschedule(by, 9), at_minute(50));
    let moved = |status, by| moved(status, by).expect("a legal step").expect("a transition").record;
    let unanswered = moved(InquiryStatus::Assigned, Rescheduler::Patient);
    assert_eq!(unanswered.due_at, hours(12), "the physician has no more time to answer");
    let accepted = moved(InquiryStatus::Accepted, Rescheduler::Physician);
    assert_eq!(accepted.due_at, Some(DEADLINES.zone.moment(day_of_march(9)) + TimeDelta::hours(48)));

    let none = Deadlines { appoint: None, accept: None, record: None, approve: None, ..DEADLINES };
    for status in InquiryStatus::ALL {
        assert_eq!(none.due_at(status, at_minute(1).at, day_of_march(9)), None);
    }
    let amended = take(inquiry_in(InquiryStatus::Returned), Step::Amend, at_minute(50));
    let amended = amended.expect("a legal step").expect("a transition").record;
    assert_eq!(amended.due_at, Some(at_minute(50).at + TimeDelta::hours(72)), "reviewed anew");
    assert!(!amended.is_overdue(at_minute(50).at + TimeDelta::hours(72)));
    assert!(amended.is_overdue(at_minute(51).at + TimeDelta::hours(72)));
}

#[test]
fn appointing_the_same_physician_again_changes_nothing_until_the_answer() {
    assert_eq!(take(inquiry_in(InquiryStatus::Assigned), Step::Appoint(0), at_minute(5)), Ok(None));
    for status in [InquiryStatus::Accepted, InquiryStatus::Registered, InquiryStatus::Approved] {
        let again = take(inquiry_in(status), Step::Appoint(0), at_minute(5));
        assert_eq!(again, Err(IllegalStep::InquiryAlreadyAccepted), "{status:?}");
    }
}

/// What a transition may change, and how.
fn assert_sound(before: &Inquiry, step: Step, transition: &InquiryTransition, provenance: &Provenance) {
    use InquiryStatus::{Accepted, Approved, Assigned, Cancelled, Registered, Returned, Submitted};

    let after = &transition.record;
    assert_eq!(transition.from, before.status());
    assert_eq!(transition.based_on, before.version);
    let made = &transition.provenance;
    assert_eq!((made.by, made.at), (provenance.by, provenance.at));
    let facts = step.facts();
    assert_eq!(made.reason, facts.needs_reason.then(why), "a reason is not lost");
    assert_eq!(transition.event, facts.event, "the announcement of {step:?}");
    assert_eq!(after.version, before.version.next());
    assert_eq!(after.updated_at, provenance.at);
    let unmoved = Inquiry {
        version: before.version,
        state: before.state.clone(),
        appointment_time: before.appointment_time,
        due_at: before.due_at,
        updated_at: before.updated_at,
        ..after.clone()
    };
    assert_eq!(&unmoved, before, "nothing else changes");
    assert_eq!(
        after.appointment_time != before.appointment_time,
        matches!(step, Step::Reschedule(_, day) if day_of_march(day) != before.appointment_time),
    );
    let (from, to) = (before.status(), after.status());
    assert_ne!(from, Cancelled, "a cancelled inquiry never changes");
    match step {
        Step::Decline => assert_eq!((from, to), (Assigned, Submitted)),
        Step::Appoint(number) | Step::Reassign(number) | Step::HandOver(number) => {
            assert_eq!(to, Assigned);
            assert!(match step {
                Step::Appoint(_) => [Submitted, Assigned].contains(&from),
                Step::Reassign(_) => from == Accepted,
                _ => [Assigned, Accepted].contains(&from),
            });
            assert_eq!(after.physician(), Some(physician(number)));
            assert_ne!(before.physician(), after.physician(), "otherwise it is not a transition");
        }
        Step::Accept | Step::Register | Step::Approve | Step::Return => {
            let forward = [
                (Step::Accept, Assigned, Accepted),
                (Step::Register, Accepted, Registered),
                (Step::Approve, Registered, Approved),
                (Step::Return, Registered, Returned),
            ];
            assert!(forward.contains(&(step, from, to)), "{step:?} leads from {from:?} to {to:?}");
            assert_eq!(after.physician(), before.physician());
        }
        Step::Withdraw | Step::Cancel => {
            assert!([Submitted, Assigned, Accepted].contains(&from) && to == Cancelled);
            assert_eq!(after.physician(), before.physician());
            assert_eq!(after.state.is_accepted(), before.state.is_accepted());
        }
        Step::Reschedule(..) => assert_eq!(after.state, before.state),
        Step::Amend => {
            let expected = [(Registered, Registered), (Returned, Registered), (Approved, Approved)];
            assert!(expected.contains(&(from, to)));
            assert_eq!(after.physician(), before.physician());
        }
    }
}

proptest! {
    #[test]
    fn any_sequence_of_steps_keeps_the_invariants(steps in prop::collection::vec(any_step(), 0..40)) {
        let mut inquiry = submitted();
        let first = HistoryEntry {
            version: inquiry.version,
            by: inquiry.patient,
            at: inquiry.created_at,
            reason: None,
            from: None,
            to: InquiryStatus::Submitted,
            physician: None,
            after: inquiry.appointment_time,
        };
        let (mut history, mut records) = (vec![first], 0);
        for (minute, step) in (1..).zip(steps) {
            let provenance = at_minute(minute);
            // A step consumes the record, so a rejected one cannot affect the original.
            if let Ok(Some(transition)) = take(inquiry.clone(), step, provenance.clone()) {
                assert_sound(&inquiry, step, &transition, &provenance);
                history.push(entry_of(&transition));
                inquiry = transition.record;
                records += usize::from(step == Step::Register);
            }
            let status = inquiry.status();
            prop_assert_eq!(usize::try_from(inquiry.version.0), Ok(history.len()));
            if status != InquiryStatus::Cancelled {
                prop_assert_eq!(inquiry.physician().is_none(), status == InquiryStatus::Submitted);
            }
            prop_assert_eq!(inquiry.state.reason().is_some(), status.has_reason());
            prop_assert_eq!(MedicalRecordStatus::of(status).is_some(), status.has_ended());
            prop_assert_eq!(records, usize::from(status.has_ended()), "one record, and not approved without");
        }
        prop_assert_eq!(&rebuild::inquiry(&inquiry, &history, &DEADLINES), &inquiry);
    }

    #[test]
    fn the_end_is_reachable_from_any_state(steps in prop::collection::vec(any_step(), 0..40)) {
        let mut inquiry = submitted();
        for step in steps {
            if let Ok(Some(transition)) = take(inquiry.clone(), step, at_minute(1)) {
                inquiry = transition.record;
            }
        }
        let cancelled = (inquiry.status() == InquiryStatus::Cancelled).then(|| inquiry.clone());
        for step in [Step::Appoint(0), Step::Accept, Step::Register, Step::Amend, Step::Approve] {
            if let Ok(Some(transition)) = take(inquiry.clone(), step, at_minute(2)) {
                inquiry = transition.record;
            }
        }
        if let Some(cancelled) = cancelled {
            prop_assert_eq!(inquiry, cancelled);
        } else {
            prop_assert_eq!(inquiry.status(), InquiryStatus::Approved);
        }
    }
}
