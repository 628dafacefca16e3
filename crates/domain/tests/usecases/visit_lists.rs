//! The hospital's list of visits, and physicians who can be appointed.

use chrono::{NaiveDate, TimeDelta};
use futures_util::StreamExt as _;
use yilin_domain::account::Role;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::error::Error;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{DayRange, InquiryStatus};
use yilin_domain::list::{Slice, Total, Window};
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{InquiryRequest, VisitSearch, WantedVisit};
use yilin_testkit::{Person, sample};

use crate::support::{Case, assert_refused, batch_sizes, collect};

fn time(local: &str) -> AppointmentTime {
    AppointmentTime::new(local.parse().unwrap()).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Case {
    /// A visit of this person at this time, with this physician if there is one.
    async fn visit_at(&self, person: &Person, local: &str, physician: Option<&Person>) -> InquiryId {
        let inquiries = &self.hospital.use_cases.inquiries;
        let request = InquiryRequest { appointment_time: time(local), ..sample::inquiry_request() };
        let id = inquiries.submit(&person.actor, request).await.unwrap().inquiry.id;
        if let Some(physician) = physician {
            inquiries.appoint(&self.admin.actor, id, physician.actor.uuid).await.unwrap();
        }
        id
    }

    async fn found(&self, search: &VisitSearch) -> Vec<InquiryId> {
        let lists = &self.hospital.use_cases.visit_lists;
        let slice = lists.slice(&self.admin.actor, search, Window::Newest, 100).await.unwrap();
        let ids: Vec<_> = slice.items.iter().map(|details| details.inquiry.id).collect();
        let total = lists.total(&self.admin.actor, search).await.unwrap();
        assert_eq!(total, Total::Exactly(u64::try_from(ids.len()).unwrap()));
        assert_eq!(collect(lists.all(&self.admin.actor, search).unwrap()).await, slice.items);
        ids
    }
}

#[tokio::test]
async fn only_the_admin_lists_visits_and_physicians() {
    let case = Case::new().await;
    let use_cases = &case.hospital.use_cases;
    let search = VisitSearch::default();
    let slice = async |actor| use_cases.visit_lists.slice(&actor, &search, Window::Newest, 10).await;
    assert_eq!(case.open_to(slice).await, [Role::Admin]);
    assert_eq!(
        case.open_to(async |actor| use_cases.visit_lists.total(&actor, &search).await).await,
        [Role::Admin]
    );
    assert_eq!(case.open_to(async |actor| use_cases.visit_lists.all(&actor, &search)).await, [Role::Admin]);
    let wanted = WantedVisit { time: time("2024-03-04T08:30:00"), inquiry: None };
    let physicians = async |actor| use_cases.inquiries.physicians_for(&actor, wanted, "").await;
    assert_eq!(case.open_to(physicians).await, [Role::Admin]);
}

#[tokio::test]
async fn every_criterion_narrows_the_list() {
    let case = Case::new().await;
    let one = case.visit_at(&case.patient, "2024-03-04T08:30:00", Some(&case.physician)).await;
    let other = case.visit_at(&case.other_patient, "2024-03-05T08:30:00", None).await;
    let any = VisitSearch::default;
    let statuses = StatusSet::of(&[InquiryStatus::Assigned]);
    let days = DayRange { first: Some(day("2024-03-05")), last: Some(day("2024-03-05")) };
    let (patient, physician) = (Some(case.patient.actor.uuid), Some(case.physician.actor.uuid));
    for (search, expected) in [
        (any(), vec![other, one]),
        (VisitSearch { statuses, ..any() }, vec![one]),
        (VisitSearch { days, ..any() }, vec![other]),
        (VisitSearch { physician, ..any() }, vec![one]),
        (VisitSearch { patient, ..any() }, vec![one]),
        (VisitSearch { patient_name: " 建　国".to_owned(), ..any() }, vec![other]),
        (VisitSearch { patient_name: "  ".to_owned(), ..any() }, vec![other, one]),
        (VisitSearch { physician, days, ..any() }, vec![]),
        (VisitSearch { patient, patient_name: "建国".to_owned(), ..any() }, vec![one]),
    ] {
        assert_eq!(case.found(&search).await, expected, "{search:?}");
    }
    let overdue = VisitSearch { overdue: true, ..any() };
    assert_eq!(case.found(&overdue).await, []);
    case.hospital.fakes.clock.advance(TimeDelta::hours(13));
    assert_eq!(case.found(&overdue).await, [one], "it was to be answered within 12 hours");
    case.hospital.fakes.clock.advance(TimeDelta::hours(12));
    assert_eq!(case.found(&overdue).await, [other, one]);
}

/// Who pages back towards the newest visits gets a full page, whatever has been added.
#[tokio::test]
async fn the_first_page_is_full() {
    let case = Case::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(case.submit_another(&case.patient).await);
    }
    let lists = &case.hospital.use_cases.visit_lists;
    let read = async |window| {
        let slice = lists.slice(&case.admin.actor, &VisitSearch::default(), window, 2).await.unwrap();
        let items: Vec<_> = slice.items.iter().map(|details| details.inquiry.id).collect();
        Slice { items, newer: slice.newer, older: slice.older }
    };
    let newest = Slice { items: vec![ids[4], ids[3]], newer: None, older: Some(ids[3]) };
    assert_eq!(read(Window::Newest).await, newest);
    let second = read(Window::OlderThan(ids[3])).await;
    assert_eq!(second.items, [ids[2], ids[1]]);
    assert_eq!(read(Window::NewerThan(second.newer.unwrap())).await.items, [ids[4], ids[3]]);
    assert_eq!(read(Window::NewerThan(ids[3])).await, newest, "instead of a page with one visit");
    assert_eq!(read(Window::Oldest).await.items, [ids[1], ids[0]]);
}

#[tokio::test]
async fn a_complete_list_of_visits_is_batched() {
    let case = Case::new().await;
    for _ in 0..501 {
        case.submit_another(&case.patient).await;
    }
    let lists = &case.hospital.use_cases.visit_lists;
    let all = lists.all(&case.admin.actor, &VisitSearch::default()).unwrap();
    assert_eq!(batch_sizes(all).await.unwrap(), [8, 32, 128, 333]);
    let mut all = lists.all(&case.admin.actor, &VisitSearch::default()).unwrap();
    case.hospital.fakes.storage.go_down_after(1);
    assert_eq!(all.next().await.unwrap().unwrap().len(), 8);
    assert_refused!(all.next().await.unwrap(), Error::Port(_));
    assert!(all.next().await.is_none());
}

#[tokio::test]
async fn physicians_come_with_their_day_and_with_clashes() {
    let case = Case::new().await;
    let (one, other) = (&case.physician, &case.other_physician);
    let third = case.hospital.physician("陈建国").await;
    let wanted = case.visit_at(&case.patient, "2024-03-05T00:30:00", None).await;
    let before = case.visit_at(&case.other_patient, "2024-03-04T23:45:00", Some(one)).await;
    let exactly = case.visit_at(&case.other_patient, "2024-03-05T01:30:00", Some(one)).await;
    let close = case.visit_at(&case.other_patient, "2024-03-05T01:29:00", Some(other)).await;
    let evening = case.visit_at(&case.other_patient, "2024-03-05T20:00:00", Some(other)).await;
    case.visit_at(&case.other_patient, "2024-03-06T00:00:00", Some(other)).await;
    let visit = WantedVisit { time: time("2024-03-05T00:30:00"), inquiry: Some(wanted) };
    let shown = async |text: &str| {
        let inquiries = &case.hospital.use_cases.inquiries;
        let found = inquiries.physicians_for(&case.admin.actor, visit, text).await.unwrap();
        assert!(!found.has_more);
        let shown = found.physicians.into_iter().map(|found| {
            let visits: Vec<_> = found.visits.iter().map(|visit| visit.id).collect();
            let clashes: Vec<_> = found.clashes.iter().map(|clash| clash.id).collect();
            (found.physician.uuid, visits, clashes)
        });
        shown.collect::<Vec<_>>()
    };
    let uuid = |person: &Person| person.actor.uuid;
    // An hour is how long a visit takes.
    let days = [
        (uuid(&third), vec![], vec![]),
        (uuid(other), vec![close, evening], vec![close]),
        (uuid(one), vec![exactly], vec![before]),
    ];
    assert_eq!(shown("").await, days);
    assert_eq!(shown("文博").await, days[1..2]);
    assert_eq!(shown(&uuid(one).to_string()).await, days[2..]);
    assert_eq!(shown("建国").await, days[..1], "not the patient with this name");
    // A visit does not clash with itself.
    case.hospital.use_cases.inquiries.appoint(&case.admin.actor, wanted, uuid(&third)).await.unwrap();
    assert_eq!(shown("建国").await, [(uuid(&third), vec![wanted], vec![])]);
    // Who is disabled cannot be appointed.
    let accounts = &case.hospital.use_cases.accounts;
    let reason = Reason::parse("离职").unwrap();
    accounts.set_disabled(&case.admin.actor, uuid(other), true, reason).await.unwrap();
    assert_eq!(shown("文博").await, []);
}

#[tokio::test]
async fn of_many_physicians_some_are_shown() {
    let case = Case::new().await;
    for number in 0..25 {
        case.hospital.physician(&format!("陈{number}")).await;
    }
    let wanted = WantedVisit { time: time("2024-03-05T08:30:00"), inquiry: None };
    let inquiries = &case.hospital.use_cases.inquiries;
    let found = inquiries.physicians_for(&case.admin.actor, wanted, "陈").await.unwrap();
    assert_eq!((found.physicians.len(), found.has_more), (20, true));
    let found = inquiries.physicians_for(&case.admin.actor, wanted, "陈1").await.unwrap();
    assert_eq!((found.physicians.len(), found.has_more), (11, false));
}
