//! Statistics by the hospital's calendar day.

use chrono::{NaiveDate, TimeDelta};
use yilin_domain::account::Role;
use yilin_domain::inquiry::VisitType;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{DrugOrdersByDay, InquiryRequest, VisitsByDay};
use yilin_testkit::sample;

use crate::support::Case;

/// Days of March 2024; the clock of the fakes starts at noon of the first.
fn march<const N: usize>(days: [u32; N]) -> Vec<NaiveDate> {
    days.map(|day| NaiveDate::from_ymd_opt(2024, 3, day).unwrap()).to_vec()
}

impl Case {
    /// The patient submits an inquiry for this wall-clock time.
    async fn asks_for(&self, visit_type: VisitType, local: &str) {
        let appointment_time = AppointmentTime::new(local.parse().unwrap()).unwrap();
        let request = InquiryRequest { visit_type, appointment_time, ..sample::inquiry_request() };
        self.hospital.use_cases.inquiries.submit(&self.patient.actor, request).await.unwrap();
    }
}

#[tokio::test]
async fn only_the_admin_sees_statistics() {
    let case = Case::new().await;
    let statistics = &case.hospital.use_cases.statistics;
    assert_eq!(case.open_to(async |actor| statistics.visits(&actor, 7).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| statistics.drug_orders(&actor, 7).await).await, [Role::Admin]);
}

#[tokio::test]
async fn visits_are_counted_for_every_day_up_to_today_and_later_days_with_visits() {
    let case = Case::new().await;
    case.hospital.fakes.clock.advance(TimeDelta::days(4));
    let (home, community) = (VisitType::Home, VisitType::Community);
    for (visit_type, local) in [
        (home, "2024-03-02T23:59:00"),
        (home, "2024-03-03T00:00:00"),
        (community, "2024-03-03T12:00:00"),
        (home, "2024-03-05T08:00:00"),
        (home, "2024-03-05T09:00:00"),
        (community, "2024-03-09T08:00:00"),
    ] {
        case.asks_for(visit_type, local).await;
    }
    let visits = case.hospital.use_cases.statistics.visits(&case.admin.actor, 2).await.unwrap();
    let expected =
        VisitsByDay { days: march([3, 4, 5, 9]), home: vec![1, 0, 2, 0], community: vec![1, 0, 0, 1] };
    assert_eq!(visits, expected);
}

#[tokio::test]
async fn drug_orders_are_counted_by_the_hospitals_day_up_to_today() {
    let case = Case::new().await;
    case.ordered().await;
    // Midnight in Shanghai is 16:00 UTC.
    case.hospital.fakes.clock.advance(TimeDelta::hours(12));
    case.ordered().await;
    case.ordered().await;
    let statistics = &case.hospital.use_cases.statistics;
    let counted = async |days_ago| statistics.drug_orders(&case.admin.actor, days_ago).await.unwrap();
    assert_eq!(counted(0).await, DrugOrdersByDay { days: march([2]), counts: vec![2] });
    assert_eq!(counted(1).await, DrugOrdersByDay { days: march([1, 2]), counts: vec![1, 2] });
    case.hospital.fakes.clock.advance(TimeDelta::days(1));
    assert_eq!(counted(2).await, DrugOrdersByDay { days: march([1, 2, 3]), counts: vec![1, 2, 0] });
}

#[tokio::test]
async fn drug_orders_of_later_days_are_omitted() {
    let case = Case::new().await;
    let clock = &case.hospital.fakes.clock;
    clock.advance(TimeDelta::days(1));
    case.ordered().await;
    // As if it had been created just after midnight, while the statistics were being read.
    clock.advance(TimeDelta::days(-1));
    let counted = case.hospital.use_cases.statistics.drug_orders(&case.admin.actor, 1).await.unwrap();
    assert_eq!(counted.days.len(), 2);
    assert_eq!(counted.counts, [0, 0]);
}
