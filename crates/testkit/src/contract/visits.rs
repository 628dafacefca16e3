//! Contract of [`InquiryRepository`](yilin_domain::port::InquiryRepository) and
//! [`MedicalRecordRepository`](yilin_domain::port::MedicalRecordRepository): cancelled,
//! rescheduled, returned and amended visits; schedules; overdue inquiries; repeated requests.

use chrono::TimeDelta;
use yilin_domain::account::{Account, AccountSummary, Role};
use yilin_domain::inquiry::{
    Amendment, Assignment, Inquiry, InquiryDetails, InquiryDraft, InquiryFilter, InquiryParty, InquiryState,
    InquiryStatus, RepetitionDigest, Rescheduler, ScheduleSpan, ScheduledVisit, Submitted,
};
use yilin_domain::medical_record::{Addendum, AddendumNotes, AddendumText};
use yilin_domain::port::AmendRefused;
use yilin_domain::transition::Stale;

use super::Subject;
use super::arrange::{
    Cast, DEADLINES, EVERYTHING, appoint, appointment, at, by, draft, held_file, page, reason, registration,
    submission,
};
use super::race::race;
use crate::rebuild;

impl Subject {
    /// Submits a request that the patient's app may send again.
    async fn ask(&self, draft: &InquiryDraft, patient: &Account, seconds: i64) -> Submitted {
        let submission = submission(draft.clone(), at(seconds)).repeatable();
        self.inquiries.create(submission, by(patient, seconds)).await.unwrap()
    }

    /// An assigned visit at this time.
    async fn assigned_visit(&self, cast: &Cast, physician: &Account, time: &str) -> Inquiry {
        let draft = InquiryDraft { appointment_time: appointment(time), ..draft(&cast.patient) };
        let inquiry = self.create(draft, by(&cast.patient, 0)).await.inquiry;
        self.saved(appoint(&inquiry, physician, by(&cast.admin, 10))).await
    }

    async fn scheduled(&self, physician: &Account, from: &str, until: &str) -> Vec<ScheduledVisit> {
        let (from, until) = (appointment(from).local(), appointment(until).local());
        let span = ScheduleSpan { physician: physician.uuid, from, until };
        self.inquiries.schedule(&span).await.unwrap()
    }

    /// Amends the record of a registered or returned inquiry.
    async fn amended(&self, inquiry: Inquiry, physician: &Account, seconds: i64, text: &str) -> Amendment {
        let found = self.medical_records.of_inquiry(inquiry.id).await.unwrap().unwrap();
        let notes = AddendumNotes {
            text: AddendumText::parse(text).expect("a text"),
            medical_img: (seconds % 20 == 0).then(held_file),
            inquiry_video: None,
        };
        let record = found.record.expect("it is registered").id;
        let amendment = inquiry
            .amend(record, notes, reason("补充遗漏"), by(physician, seconds), &DEADLINES)
            .expect("a legal step");
        assert_eq!(self.medical_records.amend(&amendment).await.unwrap(), Ok(()));
        amendment
    }
}

/// Of a physician who was disabled after the decision nothing is stored; other steps are not affected.
pub async fn a_disabled_physician_gets_no_record(subject: &Subject) {
    let cast = subject.cast().await;
    let other = subject.insert_person(Role::Physician, "张伟").await;
    let disable = async |account: &Account, disabled| {
        let provenance = by(&cast.admin, 60).because(reason("已离职"));
        let changed = subject.accounts.set_disabled(account.uuid, disabled, provenance).await.unwrap();
        assert!(changed.is_ok_and(|account| account.is_some()));
    };
    let submitted = subject.inquiry_at(&cast, InquiryStatus::Submitted).await;
    let accepted = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registered = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registered = subject.register(&registration(&registered, &cast, true)).await;
    let order = subject.order(registered.drug_order.expect("drugs are needed")).await;
    let admin = || by(&cast.admin, 70);
    let appointed = appoint(&submitted, &other, admin()).unwrap();
    let reassigned = accepted.clone().reassign(other.uuid, reason("请假"), admin(), &DEADLINES).unwrap();
    let handed_over = order.clone().hand_over(other.uuid, admin().because(reason("请假"))).unwrap();
    disable(&other, true).await;
    for transition in [&appointed, &reassigned] {
        assert_eq!(subject.inquiries.save(transition).await.unwrap(), Err(Stale));
    }
    assert_eq!(subject.drug_orders.save(&handed_over).await.unwrap(), Err(Stale));
    assert_eq!(subject.inquiry(submitted.id).await, submitted);
    assert_eq!(subject.inquiry(accepted.id).await, accepted);
    assert_eq!(subject.order(order.id).await, order);
    assert_eq!(subject.inquiries.history(submitted.id).await.unwrap().len(), 1);
    // What a disabled physician has already is still moved on.
    disable(&cast.physician, true).await;
    subject.saved(accepted.clone().cancel(reason("改约"), by(&cast.admin, 80), &DEADLINES)).await;
    disable(&other, false).await;
    assert_eq!(subject.inquiries.save(&appointed).await.unwrap(), Ok(()));
    assert_eq!(subject.drug_orders.save(&handed_over).await.unwrap(), Ok(()));
}

/// A cancelled inquiry keeps the physician, if one was assigned, and whether they had accepted.
pub async fn a_cancelled_inquiry_keeps_its_assignment(subject: &Subject) {
    let cast = subject.cast().await;
    let physician = cast.physician.uuid;
    for (status, assignment) in [
        (InquiryStatus::Submitted, None),
        (InquiryStatus::Assigned, Some(Assignment { physician, accepted: false })),
        (InquiryStatus::Accepted, Some(Assignment { physician, accepted: true })),
    ] {
        let inquiry = subject.inquiry_at(&cast, status).await;
        let why = reason("家人已送医，\"谢谢\"😀");
        let cancelled = subject.saved(inquiry.cancel(why.clone(), by(&cast.admin, 50), &DEADLINES)).await;
        assert_eq!(cancelled.state, InquiryState::Cancelled { assignment, reason: why.clone() });
        assert_eq!(subject.inquiry(cancelled.id).await, cancelled);
        let history = subject.inquiries.history(cancelled.id).await.unwrap();
        assert_eq!(history.last().unwrap().reason, Some(why), "{status:?}");
        assert_eq!(rebuild::inquiry(&cancelled, &history, &DEADLINES), cancelled);
    }
}

/// A rescheduled visit keeps its status, and its history shows the times.
pub async fn a_visit_is_rescheduled(subject: &Subject) {
    let cast = subject.cast().await;
    let accepted = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let (before, time) = (accepted.appointment_time, appointment("2024-03-09T14:00:00"));
    let why = reason("上午有急诊");
    let moved = accepted.reschedule(time, Rescheduler::Physician, why, by(&cast.physician, 30), &DEADLINES);
    let moved = subject.saved(moved).await;
    assert_eq!((moved.status(), moved.appointment_time), (InquiryStatus::Accepted, time));
    assert_eq!(subject.inquiry(moved.id).await, moved);
    let history = subject.inquiries.history(moved.id).await.unwrap();
    let times: Vec<_> = history.iter().map(|entry| entry.after).collect();
    assert_eq!(times, [before, before, before, time]);
    assert_eq!(rebuild::inquiry(&moved, &history, &DEADLINES), moved);
    let everything = InquiryFilter::all_of(InquiryParty::Anyone);
    assert_eq!(subject.inquiries_of(&everything).await.len(), 1, "totals count it once");
}

/// Addenda are stored in order beside the unchanged record, and return it to review.
pub async fn addenda_are_kept_beside_the_record(subject: &Subject) {
    let cast = subject.cast().await;
    let returned = subject.inquiry_at(&cast, InquiryStatus::Returned).await;
    let before = subject.medical_records.of_inquiry(returned.id).await.unwrap().unwrap();
    let id = returned.id;
    subject.amended(returned, &cast.physician, 50, "血压 150/90").await;
    let registered = subject.inquiry(id).await;
    assert_eq!(registered.status(), InquiryStatus::Registered);
    subject.amended(registered, &cast.physician, 60, &"补".repeat(4000)).await;
    let registered = subject.inquiry(id).await;
    let approved = subject.saved(registered.approve(by(&cast.admin, 70), &DEADLINES)).await;
    subject.amended(approved, &cast.physician, 80, "复查正常").await;
    let approved = subject.inquiry(id).await;
    assert_eq!(approved.status(), InquiryStatus::Approved);

    let found = subject.medical_records.of_inquiry(id).await.unwrap().unwrap();
    assert_eq!(found.record, before.record, "written once");
    let addendum = |seconds, text: &str, medical_img| Addendum {
        at: at(seconds),
        by: AccountSummary::from(&cast.physician),
        reason: reason("补充遗漏"),
        notes: AddendumNotes {
            text: AddendumText::parse(text).expect("a text"),
            medical_img,
            inquiry_video: None,
        },
    };
    let expected = [
        addendum(50, "血压 150/90", None),
        addendum(60, &"补".repeat(4000), Some(held_file())),
        addendum(80, "复查正常", Some(held_file())),
    ];
    assert_eq!(found.addenda, expected);
    let record = found.record.clone().expect("there is a record").id;
    assert_eq!(subject.medical_records.find(record).await.unwrap(), Some(found));
    let history = subject.inquiries.history(id).await.unwrap();
    assert_eq!(rebuild::inquiry(&approved, &history, &DEADLINES), approved);
}

/// Nothing is stored of an addendum based on a stale version.
pub async fn a_stale_addendum_leaves_no_trace(subject: &Subject) {
    let cast = subject.cast().await;
    let registered = subject.inquiry_at(&cast, InquiryStatus::Registered).await;
    let late = subject.amended(registered, &cast.physician, 50, "先").await;
    assert_eq!(subject.medical_records.amend(&late).await.unwrap(), Err(AmendRefused::Stale(Stale)));
    let found = subject.medical_records.of_inquiry(late.inquiry.record.id).await.unwrap().unwrap();
    assert_eq!(found.addenda.len(), 1);
}

/// A schedule lists a physician's visits of a span in time order, without cancelled ones.
pub async fn a_schedule_is_in_time_order(subject: &Subject) {
    let cast = subject.cast().await;
    let (own, other) = (&cast.physician, &cast.other_physician);
    let late = subject.assigned_visit(&cast, own, "2024-03-05T15:00:00").await;
    let early = subject.assigned_visit(&cast, own, "2024-03-05T08:00:00").await;
    let same_time = subject.assigned_visit(&cast, own, "2024-03-05T15:00:00").await;
    subject.assigned_visit(&cast, other, "2024-03-05T10:00:00").await;
    subject.assigned_visit(&cast, own, "2024-03-06T00:00:00").await;
    let cancelled = subject.assigned_visit(&cast, own, "2024-03-05T12:00:00").await;
    subject.saved(cancelled.cancel(reason("不需要了"), by(&cast.admin, 20), &DEADLINES)).await;

    let shown = subject.scheduled(own, "2024-03-05T08:00:00", "2024-03-06T00:00:00").await;
    let expected: Vec<_> = [early, late, same_time]
        .iter()
        .map(|inquiry| ScheduledVisit {
            id: inquiry.id,
            appointment_time: inquiry.appointment_time,
            status: InquiryStatus::Assigned,
            visit_type: inquiry.visit_type,
            patient: (&cast.patient).into(),
        })
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(subject.scheduled(own, "2024-03-05T08:01:00", "2024-03-05T15:00:00").await, []);
    assert_eq!(subject.scheduled(&cast.admin, "2000-01-01T00:00:00", "2100-01-01T00:00:00").await, []);
}

/// Lists and totals of overdue inquiries have exactly those due before a time, newest first.
pub async fn overdue_inquiries_are_listed(subject: &Subject) {
    let cast = subject.cast().await;
    let mut stored = Vec::new();
    for seconds in 0..9 {
        let created = subject.create(draft(&cast.patient), by(&cast.patient, seconds * 3600)).await;
        stored.push(created);
    }
    let approved = subject.inquiry_at(&cast, InquiryStatus::Approved).await;
    assert_eq!(approved.due_at, None);
    let first = stored[0].inquiry.clone();
    subject.saved(first.cancel(reason("不需要了"), by(&cast.admin, 20), &DEADLINES)).await;

    let overdue = |hours: i64| InquiryFilter::overdue(at(0) + TimeDelta::hours(24 + hours));
    for (hours, expected) in [(0, vec![]), (1, vec![]), (2, vec![1]), (5, vec![4, 3, 2, 1])] {
        let expected: Vec<InquiryDetails> =
            expected.into_iter().map(|number: usize| stored[number].clone()).collect();
        assert_eq!(subject.inquiries_of(&overdue(hours)).await, expected, "after {hours} hours");
        let mut walked = Vec::new();
        loop {
            let before = walked.last().map(|details: &InquiryDetails| details.inquiry.id);
            let batch = subject.inquiries.batch(&overdue(hours), before, 3).await.unwrap();
            let is_last = batch.len() < 3;
            walked.extend(batch);
            if is_last {
                break;
            }
        }
        assert_eq!(walked, expected, "after {hours} hours");
    }
    let second = subject.inquiries.page(&overdue(5), page(2, 3)).await.unwrap();
    assert_eq!((second.total, second.items.len()), (4, 1));
    assert_eq!(second.items, [stored[1].clone()]);
    assert_eq!(subject.inquiries.page(&overdue(5), page(9, 3)).await.unwrap().items, []);
}

/// An equal request of the same patient soon after returns the inquiry of the first one.
pub async fn an_equal_request_is_a_repetition(subject: &Subject) {
    let cast = subject.cast().await;
    let other = subject.insert_person(Role::Patient, "刘芳").await;
    let asked = draft(&cast.patient);
    let Submitted::New(first) = subject.ask(&asked, &cast.patient, 0).await else { panic!("it is new") };
    for seconds in [0, 9, 599] {
        let again = subject.ask(&asked, &cast.patient, seconds).await;
        assert_eq!(again, Submitted::Repeated(first.clone()), "after {seconds} seconds");
    }
    let different = [
        InquiryDraft { visit_type: yilin_domain::inquiry::VisitType::Community, ..asked.clone() },
        InquiryDraft { appointment_time: appointment("2024-03-04T08:31:00"), ..asked.clone() },
        InquiryDraft { reserved_phone: None, ..asked.clone() },
        InquiryDraft { detail: super::arrange::detail("头痛四天"), ..asked.clone() },
    ];
    for draft in different {
        assert!(matches!(subject.ask(&draft, &cast.patient, 1).await, Submitted::New(_)), "{draft:?}");
    }
    assert!(matches!(subject.ask(&draft(&other), &other, 1).await, Submitted::New(_)), "another patient's");
    subject.create(asked.clone(), by(&cast.admin, 1)).await;

    assert_eq!(subject.inquiries.history(first.inquiry.id).await.unwrap().len(), 1);
    let everything = InquiryFilter::all_of(InquiryParty::Anyone);
    assert_eq!(subject.inquiries_of(&everything).await.len(), 1 + 4 + 1 + 1);
}

/// An equal request is a new one once the first is too old or its inquiry has changed status.
pub async fn a_later_equal_request_is_new(subject: &Subject) {
    let cast = subject.cast().await;
    let asked = draft(&cast.patient);
    let Submitted::New(first) = subject.ask(&asked, &cast.patient, 0).await else { panic!("it is new") };
    let window = RepetitionDigest::WINDOW.num_seconds();
    let Submitted::New(second) = subject.ask(&asked, &cast.patient, window).await else {
        panic!("the first one is too old")
    };
    assert_eq!(subject.inquiry(first.inquiry.id).await, first.inquiry, "unchanged");
    let again = subject.ask(&asked, &cast.patient, window + 5).await;
    assert_eq!(again, Submitted::Repeated(second.clone()), "of the newer one");

    let moved = subject.saved(appoint(&second.inquiry, &cast.physician, by(&cast.admin, window + 6))).await;
    let third = subject.ask(&asked, &cast.patient, window + 7).await;
    assert!(matches!(third, Submitted::New(_)), "the second one is assigned");
    let declined = moved.decline(by(&cast.physician, window + 8), &DEADLINES);
    subject.saved(declined).await;
    let again = subject.ask(&asked, &cast.patient, window + 9).await;
    let Submitted::New(third) = third else { panic!("it is new") };
    assert_eq!(again, Submitted::Repeated(third), "of the newest one");
}

/// Of concurrent equal requests, one is stored and all return it.
pub async fn one_of_racing_equal_requests_is_stored(subject: &Subject) {
    let cast = subject.cast().await;
    for round in 0..3 {
        let detail = super::arrange::detail(&format!("头痛 {round}"));
        let asked = InquiryDraft { detail, ..draft(&cast.patient) };
        let results = race(12, |_| {
            let (subject, asked, patient) = (subject.clone(), asked.clone(), cast.patient.clone());
            async move { subject.ask(&asked, &patient, 0).await }
        })
        .await;
        let new = results.iter().filter(|result| matches!(result, Submitted::New(_))).count();
        assert_eq!(new, 1, "{results:?}");
        let ids: std::collections::BTreeSet<_> =
            results.into_iter().map(|result| result.into_details().unwrap().inquiry.id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
    }
    let everything = InquiryFilter::all_of(InquiryParty::Anyone);
    let listed = subject.inquiries.page(&everything, EVERYTHING).await.unwrap();
    assert_eq!((listed.total, listed.items.len()), (3, 3));
}

/// A returned inquiry's drug order continues unchanged.
pub async fn a_returned_records_drug_order_continues(subject: &Subject) {
    let cast = subject.cast().await;
    let accepted = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registered = subject.register(&registration(&accepted, &cast, true)).await;
    let order = subject.order(registered.drug_order.expect("drugs are needed")).await;
    let inquiry = subject.inquiry(accepted.id).await;
    let returned = inquiry.return_for_correction(reason("缺少血压"), by(&cast.admin, 40), &DEADLINES);
    subject.saved(returned).await;
    let bought = subject.saved_order(order.purchase(by(&cast.physician, 50))).await;
    assert_eq!(subject.order(bought.id).await, bought);
    let history = subject.drug_orders.history(bought.id).await.unwrap();
    assert_eq!(rebuild::drug_order(&bought, &history), bought);
}
