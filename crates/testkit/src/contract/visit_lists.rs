//! Contract of [`VisitListRepository`](yilin_domain::port::VisitListRepository).

use chrono::{NaiveDate, TimeDelta};
use yilin_domain::account::{Account, Role};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    DayRange, InquiryDetails, InquiryDraft, InquiryStatus, PatientCriterion, VisitFilter,
};
use yilin_domain::list::{Slice, Total, Window};

use super::Subject;
use super::arrange::{Cast, DEADLINES, appoint, appointment, at, by, draft, reason};
use super::walk::walk_slices;

impl Subject {
    /// Every visit that meets the filter, newest first.
    async fn visits_of(&self, filter: &VisitFilter) -> Vec<InquiryDetails> {
        let read = async |window| self.visit_lists.slice(filter, window, 9).await.unwrap();
        let visits = walk_slices(9, |details| details.inquiry.id, read).await;
        let total = self.visit_lists.total(filter).await.unwrap();
        assert_eq!(total, Total::Exactly(u64::try_from(visits.len()).unwrap()), "{filter:?}");
        visits
    }

    /// Stores a visit of this patient at this time, and appoints the physician, if there is one.
    async fn visit_at(
        &self,
        cast: &Cast,
        patient: &Account,
        time: &str,
        physician: Option<&Account>,
    ) -> InquiryId {
        let draft = InquiryDraft { appointment_time: appointment(time), ..draft(patient) };
        let inquiry = self.create(draft, by(patient, 0)).await.inquiry;
        match physician {
            Some(physician) => self.saved(appoint(&inquiry, physician, by(&cast.admin, 10))).await.id,
            None => inquiry.id,
        }
    }

    async fn newest_visits(&self, window: Window<InquiryId>) -> Slice<InquiryId, InquiryId> {
        let slice = self.visit_lists.slice(&VisitFilter::all(), window, 2).await.unwrap();
        let ids = slice.items.iter().map(|details| details.inquiry.id).collect();
        Slice { items: ids, newer: slice.newer, older: slice.older }
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn days(first: &str, last: &str) -> DayRange {
    DayRange { first: Some(day(first)), last: Some(day(last)) }
}

/// With nothing stored, every part of the list is empty.
pub async fn lists_may_be_empty(subject: &Subject) {
    for window in [Window::Newest, Window::Oldest] {
        let slice = subject.visit_lists.slice(&VisitFilter::all(), window, 10).await.unwrap();
        assert_eq!(slice, Slice { items: vec![], newer: None, older: None }, "{window:?}");
    }
    assert_eq!(subject.visits_of(&VisitFilter::all()).await, []);
    assert_eq!(subject.visit_lists.on_day(day("2024-03-04"), 10).await.unwrap(), []);
}

/// Any combination of criteria shows exactly the visits that meet all of them.
pub async fn each_combination_shows_what_belongs_there(subject: &Subject) {
    let cast = subject.cast().await;
    let patient = subject.insert_person(Role::Patient, "刘秀芳").await;
    let physician = cast.other_physician.clone();
    let other =
        Cast { patient, physician, admin: cast.admin.clone(), other_physician: cast.physician.clone() };
    let mut stored = Vec::new();
    for (number, status) in InquiryStatus::ALL.into_iter().enumerate() {
        for cast in [&cast, &other] {
            stored.push(subject.inquiry_at(cast, status).await.id);
        }
        // On days before and after the others.
        let time = format!("2024-03-{:02}T10:00:00", 1 + number);
        stored.push(subject.visit_at(&cast, &cast.patient, &time, Some(&other.physician)).await);
    }
    let mut all = Vec::new();
    for id in stored.into_iter().rev() {
        all.push(subject.inquiries.find(id).await.unwrap().expect("it is stored"));
    }
    let one = |status| StatusSet::of(&[status]);
    let statuses = [
        StatusSet::all(),
        one(InquiryStatus::Submitted),
        StatusSet::of(&[InquiryStatus::Assigned, InquiryStatus::Approved]),
        StatusSet::of(&[]),
    ];
    let dues = [None, Some(at(0) + TimeDelta::hours(13))];
    let ranges = [
        DayRange::default(),
        days("2024-03-04", "2024-03-04"),
        DayRange { first: Some(day("2024-03-05")), last: None },
        DayRange { first: None, last: Some(day("2024-03-03")) },
        days("2024-01-01", "2024-12-31"),
    ];
    let physicians = [None, Some(cast.physician.uuid), Some(cast.patient.uuid)];
    let named = |text: &str| Some(PatientCriterion::Named(text.to_owned()));
    let patients =
        [None, Some(PatientCriterion::Is(other.patient.uuid)), named("秀"), named("秀英"), named("没有")];
    let mut found = 0;
    for statuses in &statuses {
        for due_before in dues {
            for days in ranges {
                for physician in physicians {
                    for patient in patients.clone() {
                        let statuses = statuses.clone();
                        let filter = VisitFilter { statuses, due_before, days, physician, patient };
                        let expected: Vec<_> =
                            all.iter().filter(|visit| filter.admits(visit)).cloned().collect();
                        assert_eq!(subject.visits_of(&filter).await, expected, "{filter:?}");
                        found += expected.len();
                    }
                }
            }
        }
    }
    assert!(found > 300, "only {found} visits were found");
    assert_eq!(subject.visits_of(&VisitFilter::all()).await, all);
    let none = VisitFilter { days: days("2024-03-05", "2024-03-01"), ..VisitFilter::all() };
    assert_eq!(subject.visits_of(&none).await, []);
}

/// A window may stand at any id, even one that no visit has; each slice leads to its neighbours.
pub async fn a_window_may_stand_anywhere(subject: &Subject) {
    let cast = subject.cast().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(subject.submit(&cast).await.id);
    }
    let [first, second, third, fourth, fifth] = ids[..] else { panic!("five visits") };
    let slice = |items: &[InquiryId], newer, older| Slice { items: items.to_vec(), newer, older };
    let (before, after) = (InquiryId(0), InquiryId(i64::MAX));
    assert_eq!(subject.newest_visits(Window::Newest).await, slice(&[fifth, fourth], None, Some(fourth)));
    assert_eq!(
        subject.newest_visits(Window::OlderThan(fourth)).await,
        slice(&[third, second], Some(third), Some(second))
    );
    assert_eq!(subject.newest_visits(Window::OlderThan(second)).await, slice(&[first], Some(first), None));
    assert_eq!(
        subject.newest_visits(Window::OlderThan(after)).await,
        slice(&[fifth, fourth], Some(fifth), Some(fourth))
    );
    assert_eq!(subject.newest_visits(Window::Oldest).await, slice(&[second, first], Some(second), None));
    assert_eq!(
        subject.newest_visits(Window::NewerThan(second)).await,
        slice(&[fourth, third], Some(fourth), Some(third))
    );
    assert_eq!(subject.newest_visits(Window::NewerThan(fourth)).await, slice(&[fifth], None, Some(fifth)));
    assert_eq!(
        subject.newest_visits(Window::NewerThan(before)).await,
        slice(&[second, first], Some(second), Some(first))
    );
    // Beyond either end, what was left behind follows.
    let none = subject.newest_visits(Window::OlderThan(first)).await;
    assert_eq!((&none.items[..], none.older), (&[][..], None));
    let back = subject.newest_visits(Window::NewerThan(none.newer.unwrap())).await;
    assert_eq!(back.items, [second, first]);
    let none = subject.newest_visits(Window::NewerThan(fifth)).await;
    assert_eq!((&none.items[..], none.newer), (&[][..], None));
    let back = subject.newest_visits(Window::OlderThan(none.older.unwrap())).await;
    assert_eq!(back.items, [fifth, fourth]);
}

/// A patient is found by any part of the name, literally.
pub async fn a_name_is_found_by_any_part(subject: &Subject) {
    subject.cast().await;
    let names = ["100%", "a_b", "axb", "Li Lei", "li lei", "王小明", "明明明", "艾力·买买提", "😀", "é", ""];
    for name in names {
        let patient = subject.insert_person(Role::Patient, name).await;
        subject.create(draft(&patient), by(&patient, 0)).await;
        // Of others with the same name there are no visits.
        subject.insert_person(Role::Physician, name).await;
    }
    for (text, found) in [
        ("%", vec!["100%"]),
        ("_", vec!["a_b"]),
        ("b", vec!["axb", "a_b"]),
        ("i L", vec!["Li Lei"]),
        ("i l", vec!["li lei"]),
        ("小", vec!["王小明"]),
        ("明", vec!["明明明", "王小明"]),
        ("明明", vec!["明明明"]),
        ("·", vec!["艾力·买买提"]),
        ("买提", vec!["艾力·买买提"]),
        ("😀", vec!["😀"]),
        ("e", vec!["li lei", "Li Lei"]),
        ("王明", vec![]),
    ] {
        let patient = Some(PatientCriterion::Named(text.to_owned()));
        let visits = subject.visits_of(&VisitFilter { patient, ..VisitFilter::all() }).await;
        let names: Vec<_> = visits.iter().map(|details| details.patient.username.as_str()).collect();
        assert_eq!(names, found, "{text}");
    }
}

/// A total is exact up to the number that is counted; beyond, it is at least that.
pub async fn a_long_list_is_counted_up_to_a_number(subject: &Subject) {
    let cast = subject.cast().await;
    for _ in 0..=Total::COUNTED {
        subject.create(draft(&cast.patient), by(&cast.patient, 0)).await;
    }
    let total = async |filter: VisitFilter| subject.visit_lists.total(&filter).await.unwrap();
    let counted = u64::from(Total::COUNTED);
    let of_patient =
        VisitFilter { patient: Some(PatientCriterion::Is(cast.patient.uuid)), ..VisitFilter::all() };
    assert_eq!(total(VisitFilter::all()).await, Total::Exactly(counted + 1));
    assert_eq!(total(of_patient.clone()).await, Total::MoreThan(counted));
    let newest = subject.visit_lists.slice(&VisitFilter::all(), Window::Newest, 1).await.unwrap();
    let newest = newest.items[0].inquiry.clone();
    subject.saved(newest.cancel(reason("不需要了"), by(&cast.admin, 20), &DEADLINES)).await;
    let submitted = StatusSet::of(&[InquiryStatus::Submitted]);
    assert_eq!(total(VisitFilter { statuses: submitted, ..of_patient }).await, Total::Exactly(counted));
}

/// A day's visits are in the order of time; cancelled ones and those of other days are omitted.
pub async fn a_day_is_in_time_order(subject: &Subject) {
    let cast = subject.cast().await;
    let at = async |time: &str| subject.visit_at(&cast, &cast.patient, time, None).await;
    at("2024-03-03T23:59:00").await;
    let late = at("2024-03-04T23:59:00").await;
    let noon = at("2024-03-04T12:00:00").await;
    let noon_too = at("2024-03-04T12:00:00").await;
    let midnight = at("2024-03-04T00:00:00").await;
    at("2024-03-05T00:00:00").await;
    subject.inquiry_at(&cast, InquiryStatus::Cancelled).await;
    let on_day = async |limit| {
        let visits = subject.visit_lists.on_day(day("2024-03-04"), limit).await.unwrap();
        visits.into_iter().map(|details| details.inquiry.id).collect::<Vec<_>>()
    };
    assert_eq!(on_day(10).await, [midnight, noon, noon_too, late]);
    assert_eq!(on_day(2).await, [midnight, noon]);
}

/// The schedules of several physicians are read together; each has only the visits in the span.
pub async fn schedules_are_read_together(subject: &Subject) {
    let cast = subject.cast().await;
    let (one, other) = (&cast.physician, &cast.other_physician);
    let third = subject.insert_person(Role::Physician, "陈医生").await;
    let at = async |time: &str, physician| subject.visit_at(&cast, &cast.patient, time, physician).await;
    at("2024-03-03T23:59:00", Some(one)).await;
    let noon = at("2024-03-04T12:00:00", Some(one)).await;
    let morning = at("2024-03-04T08:00:00", Some(other)).await;
    let midnight = at("2024-03-04T00:00:00", Some(one)).await;
    at("2024-03-04T09:00:00", None).await;
    at("2024-03-04T09:00:00", Some(&third)).await;
    at("2024-03-05T00:00:00", Some(other)).await;
    subject.inquiry_at(&cast, InquiryStatus::Cancelled).await;
    let span = day("2024-03-04").into()..day("2024-03-05").into();
    let schedules = async |physicians: &[_]| {
        let visits = subject.visit_lists.schedules(physicians, span.clone()).await.unwrap();
        visits.into_iter().map(|(physician, visit)| (physician, visit.id)).collect::<Vec<_>>()
    };
    let both = [(one.uuid, midnight), (other.uuid, morning), (one.uuid, noon)];
    assert_eq!(schedules(&[one.uuid, other.uuid]).await, both);
    assert_eq!(schedules(&[other.uuid]).await, both[1..2]);
    assert_eq!(schedules(&[cast.patient.uuid]).await, []);
    assert_eq!(schedules(&[]).await, []);
}
