//! Cancelling, rescheduling, reassigning, returning and amending: the roles allowed in each state, the history,
//! and clashing visits.

use chrono::{NaiveDate, TimeDelta};
use yilin_domain::account::{AccountSummary, Actor, Role};
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::inquiry::{InquiryDetails, InquiryState, InquiryStatus, PhysicianSummary};
use yilin_domain::medical_record::{AddendumText, PatientRecord};
use yilin_domain::port::Clock as _;
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{AddendumReport, InquiryRequest, InquirySelection, ScheduleDays};
use yilin_domain::validation::FieldProblem;
use yilin_testkit::contract::DEADLINES;
use yilin_testkit::{rebuild, sample};

use crate::support::{Case, EVERYTHING, ROLES, assert_refused, names, nobody};

const UNKNOWN: InquiryId = InquiryId(999_999);

fn why() -> Reason {
    Reason::parse("家人已送医").unwrap()
}

fn time(hour: u32, minute: u32) -> AppointmentTime {
    let day = NaiveDate::from_ymd_opt(2024, 3, 9).unwrap();
    AppointmentTime::new(day.and_hms_opt(hour, minute, 0).unwrap()).unwrap()
}

impl Case {
    async fn cancel(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        self.hospital.use_cases.inquiries.cancel(actor, id, &why()).await
    }

    async fn reschedule(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        self.hospital.use_cases.inquiries.reschedule(actor, id, time(14, 0), &why()).await
    }

    async fn reassign(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        let other = self.other_physician.actor.uuid;
        self.hospital.use_cases.inquiries.reassign(actor, id, other, &why()).await
    }

    async fn give_back(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        self.hospital.use_cases.inquiries.return_for_correction(actor, id, &why()).await
    }

    async fn amend(&self, actor: &Actor, record: MedicalRecordId) -> Result<PatientRecord, Error> {
        let report = AddendumReport {
            record,
            text: AddendumText::parse("补充：血压 150/90").unwrap(),
            reason: why(),
            medical_img: None,
            inquiry_video: Some(sample::file()),
        };
        self.hospital.use_cases.consultations.amend(actor, report).await
    }

    /// An inquiry in this status.
    async fn inquiry_in(&self, status: InquiryStatus) -> InquiryId {
        match status {
            InquiryStatus::Submitted => self.submitted().await,
            InquiryStatus::Assigned => self.assigned().await,
            InquiryStatus::Accepted => self.accepted().await,
            InquiryStatus::Registered => self.registered().await.inquiry,
            InquiryStatus::Approved => {
                let id = self.registered().await.inquiry;
                self.hospital.use_cases.inquiries.approve(&self.admin.actor, id).await.unwrap();
                id
            }
            InquiryStatus::Cancelled => {
                let id = self.accepted().await;
                self.cancel(&self.admin.actor, id).await.unwrap();
                id
            }
            InquiryStatus::Returned => {
                let id = self.registered().await.inquiry;
                self.give_back(&self.admin.actor, id).await.unwrap();
                id
            }
        }
    }
}

#[tokio::test]
async fn steps_require_their_roles() {
    let case = Case::new().await;
    let (inquiries, consultations) =
        (&case.hospital.use_cases.inquiries, &case.hospital.use_cases.consultations);
    let admin = [Role::Admin];
    assert_eq!(
        case.open_to(async |actor| case.cancel(&actor, UNKNOWN).await).await,
        [Role::Patient, Role::Admin]
    );
    assert_eq!(case.open_to(async |actor| case.reschedule(&actor, UNKNOWN).await).await, ROLES);
    assert_eq!(case.open_to(async |actor| case.reassign(&actor, UNKNOWN).await).await, admin);
    assert_eq!(case.open_to(async |actor| case.give_back(&actor, UNKNOWN).await).await, admin);
    let amend = async |actor: Actor| case.amend(&actor, MedicalRecordId(999_999)).await;
    assert_eq!(case.open_to(amend).await, [Role::Physician]);
    let history = async |actor: Actor| inquiries.history(&actor, UNKNOWN).await;
    assert_eq!(case.open_to(history).await, ROLES);
    let day = NaiveDate::from_ymd_opt(2024, 3, 9).unwrap();
    let days = ScheduleDays::new(day, day).unwrap();
    let schedule = async |actor: Actor| inquiries.schedule(&actor, actor.uuid, days).await;
    assert_eq!(case.open_to(schedule).await, [Role::Physician, Role::Admin]);
    assert_refused!(consultations.find(&case.admin.actor, MedicalRecordId(999_999)).await, Error::NotFound);
}

/// What each party may do in each state, as in the contract's table.
#[tokio::test]
async fn cancelling_and_rescheduling_depend_on_party_and_status() {
    use InquiryStatus::{Accepted, Approved, Assigned, Cancelled, Registered, Returned, Submitted};
    let case = Case::new().await;
    let (patient, physician, admin) = (&case.patient.actor, &case.physician.actor, &case.admin.actor);
    let (ended, approved) = (IllegalStep::InquiryAlreadyRegistered, IllegalStep::InquiryAlreadyApproved);
    let cancelled = IllegalStep::InquiryAlreadyCancelled;
    for (status, refused) in [
        (Submitted, None),
        (Assigned, None),
        (Accepted, Some(IllegalStep::InquiryInPhysiciansHands)),
        (Registered, Some(ended)),
        (Returned, Some(ended)),
        (Approved, Some(approved)),
        (Cancelled, Some(cancelled)),
    ] {
        for is_cancel in [true, false] {
            let id = case.inquiry_in(status).await;
            let step =
                if is_cancel { case.cancel(patient, id).await } else { case.reschedule(patient, id).await };
            match refused {
                None => assert!(step.is_ok(), "{status:?}"),
                Some(refused) => {
                    assert_refused!(step, Error::IllegalStep(step) if step == refused, "{status:?}");
                }
            }
        }
        let id = case.inquiry_in(status).await;
        let moved = case.reschedule(physician, id).await;
        match status {
            Submitted => assert_refused!(moved, Error::NotFound),
            Assigned => assert_refused!(moved, Error::IllegalStep(IllegalStep::InquiryNotAccepted)),
            Accepted => assert!(moved.is_ok()),
            _ => assert_refused!(moved, Error::IllegalStep(step) if Some(step) == refused, "{status:?}"),
        }
        let is_open = matches!(status, Submitted | Assigned | Accepted);
        for is_cancel in [true, false] {
            let id = case.inquiry_in(status).await;
            let step =
                if is_cancel { case.cancel(admin, id).await } else { case.reschedule(admin, id).await };
            assert_eq!(step.is_ok(), is_open, "{status:?}");
        }
    }
}

#[tokio::test]
async fn other_accounts_get_not_found() {
    let case = Case::new().await;
    let id = case.accepted().await;
    let record = case.registered().await;
    for stranger in [&case.other_patient.actor, &case.other_physician.actor] {
        assert_refused!(case.reschedule(stranger, id).await, Error::NotFound);
        let inquiries = &case.hospital.use_cases.inquiries;
        assert_refused!(inquiries.history(stranger, id).await, Error::NotFound);
    }
    assert_refused!(case.cancel(&case.other_patient.actor, id).await, Error::NotFound);
    assert_refused!(case.amend(&case.other_physician.actor, record.id).await, Error::NotFound);
    assert_eq!(case.inquiry_history(id).await.len(), 3);
}

#[tokio::test]
async fn a_cancelled_inquiry_shows_reason_and_physician() {
    let case = Case::new().await;
    let id = case.accepted().await;
    let details = case.cancel(&case.admin.actor, id).await.unwrap();
    assert_eq!(details.inquiry.status(), InquiryStatus::Cancelled);
    assert_eq!(details.inquiry.state.reason(), Some(&why()));
    assert!(details.inquiry.state.is_accepted());
    let inquiries = &case.hospital.use_cases.inquiries;
    for person in [&case.admin, &case.patient, &case.physician] {
        assert_eq!(inquiries.find(&person.actor, id).await.unwrap(), details, "as stored");
    }
    let without = case.submitted().await;
    let details = case.cancel(&case.patient.actor, without).await.unwrap();
    assert_eq!((details.physician, details.inquiry.state.is_accepted()), (None, false));
}

#[tokio::test]
async fn a_reassigned_visit_awaits_the_new_physician() {
    let case = Case::new().await;
    let id = case.accepted().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    for uuid in [nobody(), case.patient.actor.uuid] {
        let result = inquiries.reassign(&case.admin.actor, id, uuid, &why()).await;
        let problem = FieldProblem::UnknownPhysician;
        assert_refused!(result, Error::Invalid(invalid) if names(&invalid, "userUUID", &problem));
    }
    let same = inquiries.reassign(&case.admin.actor, id, case.physician.actor.uuid, &why()).await;
    assert_refused!(same, Error::IllegalStep(IllegalStep::InquiryOfSamePhysician));

    let details = case.reassign(&case.admin.actor, id).await.unwrap();
    assert_eq!(details.inquiry.status(), InquiryStatus::Assigned);
    assert_eq!(details.physician.as_ref().unwrap().uuid, case.other_physician.actor.uuid);
    assert_eq!(inquiries.find(&case.admin.actor, id).await.unwrap(), details, "as stored");
    assert_refused!(inquiries.find(&case.physician.actor, id).await, Error::NotFound, "a former physician");
    inquiries.answer(&case.other_physician.actor, id, true, None).await.unwrap();
}

#[tokio::test]
async fn a_returned_record_is_amended_and_approved() {
    let case = Case::new().await;
    let record = case.registered().await;
    let (inquiries, id) = (&case.hospital.use_cases.inquiries, record.inquiry);
    let details = case.give_back(&case.admin.actor, id).await.unwrap();
    assert_eq!(details.inquiry.state.reason(), Some(&why()));
    let result = inquiries.approve(&case.admin.actor, id).await;
    assert_refused!(result, Error::IllegalStep(IllegalStep::InquiryNotAmended));
    assert_refused!(
        case.give_back(&case.admin.actor, id).await,
        Error::IllegalStep(IllegalStep::InquiryAlreadyReturned)
    );

    case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
    let now = case.hospital.fakes.clock.now();
    let amended = case.amend(&case.physician.actor, record.id).await.unwrap();
    assert_eq!((&amended.record, amended.patient), (&record, case.patient.actor.uuid), "unchanged");
    let [addendum] = &amended.addenda[..] else { panic!("{amended:?}") };
    assert_eq!((addendum.at, &addendum.reason), (now, &why()));
    assert_eq!(addendum.by, AccountSummary::from(&case.physician.account));
    let details = inquiries.find(&case.patient.actor, id).await.unwrap();
    assert_eq!(details.inquiry.status(), InquiryStatus::Registered);
    assert_eq!(details.inquiry.state.reason(), None);

    inquiries.approve(&case.admin.actor, id).await.unwrap();
    let amended = case.amend(&case.physician.actor, record.id).await.unwrap();
    assert_eq!(amended.addenda.len(), 2);
    assert_eq!(case.inquiry(id).await.status(), InquiryStatus::Approved, "stays approved");
}

#[tokio::test]
async fn the_history_has_accounts_and_reasons() {
    let case = Case::new().await;
    let id = case.assigned().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let no_time = Reason::parse("当天门诊").unwrap();
    inquiries.answer(&case.physician.actor, id, false, Some(no_time.clone())).await.unwrap();
    inquiries.appoint(&case.admin.actor, id, case.other_physician.actor.uuid).await.unwrap();
    case.reschedule(&case.patient.actor, id).await.unwrap();
    let history = inquiries.history(&case.patient.actor, id).await.unwrap();
    let told: Vec<_> = history
        .lines
        .iter()
        .map(|line| (line.by.clone(), line.entry.reason.clone(), line.physician.clone()))
        .collect();
    let (patient, admin) = (&case.patient.account, &case.admin.account);
    let (first, second) = (&case.physician.account, &case.other_physician.account);
    let expected = vec![
        (AccountSummary::from(patient), None, None),
        (AccountSummary::from(admin), None, Some(PhysicianSummary::from(first))),
        (AccountSummary::from(first), Some(no_time), None),
        (AccountSummary::from(admin), None, Some(PhysicianSummary::from(second))),
        (AccountSummary::from(patient), Some(why()), Some(PhysicianSummary::from(second))),
    ];
    assert_eq!(told, expected);
    assert_eq!(history.lines[4].entry.after, time(14, 0));
    let entries: Vec<_> = history.lines.into_iter().map(|line| line.entry).collect();
    assert_eq!(rebuild::inquiry(&history.record.inquiry, &entries, &DEADLINES), history.record.inquiry);
}

#[tokio::test]
async fn visits_closer_than_an_hour_clash() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let visit = async |hour, minute| {
        let request = InquiryRequest { appointment_time: time(hour, minute), ..sample::inquiry_request() };
        let id = inquiries.submit(&case.patient.actor, request).await.unwrap().inquiry.id;
        inquiries.appoint(&case.admin.actor, id, case.physician.actor.uuid).await.unwrap()
    };
    let clashes = async |details: &InquiryDetails| -> Vec<InquiryId> {
        inquiries.clashes(details).await.unwrap().into_iter().map(|clash| clash.id).collect()
    };
    let ten = visit(10, 0).await;
    assert_eq!(clashes(&ten).await, []);
    let eleven = visit(11, 0).await;
    assert_eq!(clashes(&eleven).await, [], "one after the other");
    let between = visit(10, 59).await;
    assert_eq!(clashes(&between).await, [ten.inquiry.id, eleven.inquiry.id]);
    case.cancel(&case.admin.actor, ten.inquiry.id).await.unwrap();
    assert_eq!(clashes(&between).await, [eleven.inquiry.id]);
    let moved = case.reschedule(&case.admin.actor, between.inquiry.id).await.unwrap();
    assert_eq!(clashes(&moved).await, []);
    let unassigned = case.submitted().await;
    let unassigned = inquiries.find(&case.admin.actor, unassigned).await.unwrap();
    assert_eq!(clashes(&unassigned).await, []);
}

#[tokio::test]
async fn a_schedule_is_visible_to_the_physician_and_the_admin() {
    let case = Case::new().await;
    let id = case.assigned().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let physician = case.physician.actor.uuid;
    let day = case.inquiry(id).await.appointment_time.local().date();
    let days = ScheduleDays::new(day, day).unwrap();
    for actor in [&case.admin.actor, &case.physician.actor] {
        let visits = inquiries.schedule(actor, physician, days).await.unwrap();
        assert_eq!(visits.iter().map(|visit| visit.id).collect::<Vec<_>>(), [id]);
    }
    let next = day.succ_opt().unwrap();
    let empty = ScheduleDays::new(next, next).unwrap();
    assert_eq!(inquiries.schedule(&case.admin.actor, physician, empty).await.unwrap(), []);
    let result = inquiries.schedule(&case.other_physician.actor, physician, days).await;
    assert_refused!(result, Error::NotFound);
    for uuid in [nobody(), case.patient.actor.uuid] {
        let result = inquiries.schedule(&case.admin.actor, uuid, days).await;
        let problem = FieldProblem::UnknownPhysician;
        assert_refused!(result, Error::Invalid(invalid) if names(&invalid, "userUUID", &problem));
    }
    assert!(ScheduleDays::new(day, day + TimeDelta::days(61)).is_ok());
    for last in [day + TimeDelta::days(62), day - TimeDelta::days(1)] {
        assert_eq!(ScheduleDays::new(day, last), Err(FieldProblem::NotWithinDays { max: 62 }));
    }
}

#[tokio::test]
async fn overdue_inquiries_are_listed_for_the_admin() {
    let case = Case::new().await;
    let id = case.submitted().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let overdue = async |actor: Actor| inquiries.page(&actor, InquirySelection::Overdue, EVERYTHING).await;
    assert_eq!(case.open_to(overdue).await, [Role::Admin]);
    assert_eq!(overdue(case.admin.actor.clone()).await.unwrap().total, 0);
    case.hospital.fakes.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let page = overdue(case.admin.actor.clone()).await.unwrap();
    assert_eq!((page.total, page.items[0].inquiry.id), (1, id));
    case.cancel(&case.patient.actor, id).await.unwrap();
    assert_eq!(overdue(case.admin.actor.clone()).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_repeated_request_creates_no_second_inquiry() {
    let case = Case::new().await;
    let inquiries = &case.hospital.use_cases.inquiries;
    let request = sample::inquiry_request();
    let submit = async |actor: &Actor, request: &InquiryRequest| {
        inquiries.submit(actor, request.clone()).await.unwrap().inquiry.id
    };
    let first = submit(&case.patient.actor, &request).await;
    case.hospital.fakes.clock.advance(TimeDelta::seconds(10));
    assert_eq!(submit(&case.patient.actor, &request).await, first);
    let for_patient = InquiryRequest { patient: Some(case.patient.actor.uuid), ..request.clone() };
    assert_ne!(submit(&case.admin.actor, &for_patient).await, first, "the admin asked for another one");
    assert_ne!(submit(&case.other_patient.actor, &request).await, first);
    case.hospital.fakes.clock.advance(TimeDelta::minutes(10));
    assert_ne!(submit(&case.patient.actor, &request).await, first, "ten minutes later");
    assert_eq!(case.inquiry(first).await.state, InquiryState::Submitted);
}
