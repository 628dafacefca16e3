//! Contract of [`StatisticsRepository`](yilin_domain::port::StatisticsRepository).

use chrono::{DateTime, NaiveDate};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::{InquiryDraft, InquiryStatus, VisitType};
use yilin_domain::transition::Provenance;

use super::Subject;
use super::arrange::{Cast, DEADLINES, appointment, by, draft, notes};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

impl Subject {
    async fn visit(&self, cast: &Cast, visit_type: VisitType, time: &str) {
        let draft = InquiryDraft { visit_type, appointment_time: appointment(time), ..draft(&cast.patient) };
        self.create(draft, by(&cast.patient, 0)).await;
    }

    /// Orders drugs at this time, in RFC 3339.
    async fn order_drugs(&self, cast: &Cast, time: &str) {
        let inquiry = self.inquiry_at(cast, InquiryStatus::Accepted).await;
        let at = DateTime::parse_from_rfc3339(time).expect("a time").to_utc();
        let provenance = Provenance::new(cast.physician.uuid, at);
        self.register(&inquiry.register(notes(true), provenance, &DEADLINES).unwrap()).await;
    }

    async fn visits_from(&self, first: &str) -> Vec<(String, &'static str, u64)> {
        let counts = self.statistics.visits_per_day(day(first)).await.unwrap();
        assert!(counts.is_sorted_by_key(|count| count.day), "in order of days");
        let mut counts: Vec<_> = counts
            .iter()
            .map(|count| (count.day.to_string(), count.visit_type.as_str(), count.count))
            .collect();
        counts.sort_unstable();
        counts
    }

    async fn drug_orders_from(&self, first: &str) -> Vec<(String, u64)> {
        let counts = self.statistics.drug_orders_per_day(day(first)).await.unwrap();
        counts.into_iter().map(|(day, count)| (day.to_string(), count)).collect()
    }
}

/// Without records, no day is returned.
pub async fn nothing_is_counted_of_nothing(subject: &Subject) {
    assert_eq!(subject.visits_from("2000-01-01").await, []);
    assert_eq!(subject.drug_orders_from("2000-01-01").await, []);
}

/// Visits are counted by day of appointment, which may be far in the future, and by type; days without any
/// are omitted, and so are days before the first.
pub async fn visits_count_by_day_of_appointment(subject: &Subject) {
    use VisitType::{Community, Home};
    let cast = subject.cast().await;
    for (visit_type, time) in [
        (Home, "2024-02-29T23:59:00"),
        (Home, "2024-03-01T00:00:00"),
        (Community, "2024-03-01T12:00:00"),
        (Home, "2024-03-01T23:59:00"),
        (Community, "2024-03-05T08:00:00"),
        (Home, "2100-12-31T23:59:00"),
    ] {
        subject.visit(&cast, visit_type, time).await;
    }
    let (home, community) = (Home.as_str(), Community.as_str());
    let from_march = [
        ("2024-03-01".to_owned(), home, 2),
        ("2024-03-01".to_owned(), community, 1),
        ("2024-03-05".to_owned(), community, 1),
        ("2100-12-31".to_owned(), home, 1),
    ];
    assert_eq!(subject.visits_from("2024-03-01").await, from_march);
    assert_eq!(subject.visits_from("2000-01-01").await.len(), 5);
    assert_eq!(subject.visits_from("2024-03-02").await, from_march[2..]);
    assert_eq!(subject.visits_from("2101-01-01").await, []);
}

/// A visit counts once, in any status.
pub async fn a_visit_counts_once_in_every_status(subject: &Subject) {
    let cast = subject.cast().await;
    for status in InquiryStatus::ALL {
        subject.inquiry_at(&cast, status).await;
    }
    let every_status = u64::try_from(InquiryStatus::ALL.len()).unwrap();
    let counts = subject.visits_from("2024-01-01").await;
    assert_eq!(counts, [("2024-03-04".to_owned(), VisitType::Home.as_str(), every_status)]);
}

/// The visits of some days are counted by status; statuses without any are omitted.
pub async fn visits_of_some_days_count_by_status(subject: &Subject) {
    let cast = subject.cast().await;
    for time in ["2024-03-03T23:59:00", "2024-03-05T00:00:00", "2024-03-05T23:59:00", "2024-03-06T00:00:00"] {
        subject.visit(&cast, VisitType::Community, time).await;
    }
    // On the fourth.
    subject.inquiry_at(&cast, InquiryStatus::Approved).await;
    subject.inquiry_at(&cast, InquiryStatus::Approved).await;
    subject.inquiry_at(&cast, InquiryStatus::Cancelled).await;
    let counts = async |first: &str, last: &str| {
        let counts = subject.statistics.visits_by_status(day(first), day(last)).await.unwrap();
        let count = |status| counts.iter().find(|(of, _)| *of == status).map(|(_, count)| *count);
        let counted =
            [InquiryStatus::Submitted, InquiryStatus::Approved, InquiryStatus::Cancelled].map(count);
        assert_eq!(counts.len(), counted.iter().flatten().count());
        counted
    };
    assert_eq!(counts("2024-03-04", "2024-03-05").await, [Some(2), Some(2), Some(1)]);
    assert_eq!(counts("2024-03-05", "2024-03-06").await, [Some(3), None, None]);
    assert_eq!(counts("2024-03-07", "2024-03-09").await, [None, None, None]);
    assert_eq!(counts("2024-03-05", "2024-03-04").await, [None, None, None]);
}

/// Drug orders are counted by the hospital's day, which changes at 16:00 UTC.
pub async fn drug_orders_count_by_the_hospitals_day(subject: &Subject) {
    let cast = subject.cast().await;
    for time in [
        "2024-02-29T15:59:59Z",
        "2024-02-29T16:00:00Z",
        "2024-03-01T00:30:00Z",
        "2024-03-01T15:59:59Z",
        "2024-03-01T16:00:00Z",
        "2024-12-31T20:00:00Z",
    ] {
        subject.order_drugs(&cast, time).await;
    }
    let counts = [("2024-02-29", 1), ("2024-03-01", 3), ("2024-03-02", 1), ("2025-01-01", 1)];
    let counts = counts.map(|(day, count)| (day.to_owned(), count));
    assert_eq!(subject.drug_orders_from("2024-01-01").await, counts);
    assert_eq!(subject.drug_orders_from("2024-03-01").await, counts[1..]);
    assert_eq!(subject.drug_orders_from("2025-01-02").await, []);
}

/// An order counts on the day of its creation, in any status; a record without drugs does not count.
pub async fn a_drug_order_counts_once(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    subject.register(&inquiry.register(notes(false), by(&cast.physician, 30), &DEADLINES).unwrap()).await;
    let order = subject.pending_order(&cast).await;
    let next_day = 24 * 60 * 60;
    subject.saved_order(order.purchase(by(&cast.physician, next_day))).await;
    assert_eq!(subject.drug_orders_from("2024-01-01").await, [("2024-03-01".to_owned(), 1)]);
}

/// The numbers of records in each status are those of all records.
pub async fn tallies_have_every_record(subject: &Subject) {
    assert_eq!(subject.statistics.tallies().await.unwrap().inquiries_in(InquiryStatus::Submitted), 0);
    let cast = subject.cast().await;
    for (number, status) in InquiryStatus::ALL.into_iter().enumerate() {
        for _ in 0..=number {
            subject.inquiry_at(&cast, status).await;
        }
    }
    subject.order_at(&cast, DrugOrderStatus::Dispatched).await;
    let tallies = subject.statistics.tallies().await.unwrap();
    let numbers = InquiryStatus::ALL.map(|status| tallies.inquiries_in(status));
    // The consultation of the drug order is registered.
    let of_orders = |status| u64::from(status == InquiryStatus::Registered);
    let expected: Vec<u64> =
        (1..).zip(InquiryStatus::ALL).map(|(number, status)| number + of_orders(status)).collect();
    assert_eq!(numbers.as_slice(), expected);
    assert_eq!(tallies.drug_orders_in(DrugOrderStatus::Dispatched), 1);
    assert_eq!(tallies.drug_orders_in(DrugOrderStatus::Received), 0);
}
