//! What the hospital sees first.

use chrono::TimeDelta;
use yilin_domain::account::Role;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryStatus, VisitType};
use yilin_domain::list::Total;
use yilin_domain::reason::Reason;
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState};
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{InquiryRequest, Overview, ServiceWarning, Waiting};
use yilin_testkit::sample;

use crate::support::Case;

const DRY_RUN: ImportOptions = ImportOptions { dry_run: true, atomic: false };

impl Case {
    async fn request_at(&self, local: &str, visit_type: VisitType) -> InquiryId {
        let appointment_time = AppointmentTime::new(local.parse().unwrap()).unwrap();
        let request = InquiryRequest { appointment_time, visit_type, ..sample::inquiry_request() };
        self.hospital.use_cases.inquiries.submit(&self.patient.actor, request).await.unwrap().inquiry.id
    }

    async fn imported(&self, number: u8, state: ImportState) -> ImportJobId {
        self.imported_with(ImportOptions::default(), number, state).await
    }

    async fn imported_with(&self, options: ImportOptions, number: u8, state: ImportState) -> ImportJobId {
        let now = self.hospital.ports.clock.now();
        let id = ImportJobId::from_bytes([number; 16]);
        let imports = &self.hospital.ports.imports;
        let job = ImportJob {
            id,
            started_by: self.admin.actor.uuid,
            options,
            state: ImportState::Running,
            counts: ImportCounts::default(),
            started_at: now,
            last_heartbeat_at: now,
            holds_file: false,
            follows: None,
        };
        imports.begin(&job).await.unwrap();
        if state != ImportState::Running {
            imports.finish(id, state, ImportCounts::default(), Vec::new(), now).await.unwrap();
        }
        id
    }
}

#[tokio::test]
async fn only_the_admin_sees_the_overview() {
    let case = Case::new().await;
    let overview = &case.hospital.use_cases.overview;
    assert_eq!(case.open_to(async |actor| overview.report(&actor).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| overview.waiting(&actor).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| overview.imports(&actor).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| overview.today(&actor).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| overview.last_days(&actor).await).await, [Role::Admin]);
}

#[tokio::test]
async fn what_waits_is_counted() {
    let case = Case::new().await;
    let (use_cases, admin) = (&case.hospital.use_cases, &case.admin.actor);
    let waiting = async || use_cases.overview.waiting(admin).await.unwrap();
    let nothing = Waiting {
        to_appoint: 0,
        unanswered: 0,
        overdue: Total::Exactly(0),
        to_review: 0,
        returned: 0,
        drugs_to_confirm: 0,
    };
    assert_eq!(waiting().await, nothing);
    case.submit_another(&case.patient).await;
    case.submit_another(&case.patient).await;
    case.assigned_another().await;
    let order = case.purchased().await;
    let two = Waiting { to_appoint: 2, unanswered: 1, to_review: 1, ..nothing };
    assert_eq!(waiting().await, two, "drugs that are purchased do not wait for the hospital");
    use_cases.drug_orders.dispatch(&case.physician.actor, order, &sample::file()).await.unwrap();
    let registered = case.all_inquiries().await;
    let registered = registered.iter().find(|inquiry| inquiry.status() == InquiryStatus::Registered);
    let (registered, reason) = (registered.unwrap().id, Reason::parse("缺少血压记录").unwrap());
    use_cases.inquiries.return_for_correction(admin, registered, &reason).await.unwrap();
    let returned = Waiting { to_review: 0, returned: 1, drugs_to_confirm: 1, ..two };
    assert_eq!(waiting().await, returned);
    case.hospital.fakes.clock.advance(TimeDelta::hours(13));
    assert_eq!(waiting().await, Waiting { overdue: Total::Exactly(1), ..returned });
}

#[tokio::test]
async fn imports_of_the_last_days_are_shown() {
    let case = Case::new().await;
    let shown = async || {
        let activity = case.hospital.use_cases.overview.imports(&case.admin.actor).await.unwrap();
        let ids = |jobs: Vec<ImportJob>| jobs.into_iter().map(|job| (job.id, job.state)).collect::<Vec<_>>();
        (ids(activity.running), ids(activity.failed), ids(activity.done))
    };
    assert_eq!(shown().await, (vec![], vec![], vec![]));
    let failed = case.imported(1, ImportState::Failed(None)).await;
    let done = case.imported(2, ImportState::Done).await;
    let running = case.imported(3, ImportState::Running).await;
    let failed = (failed, ImportState::Failed(None));
    let done = (done, ImportState::Done);
    assert_eq!(shown().await, (vec![(running, ImportState::Running)], vec![failed], vec![done]));
    case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
    assert_eq!(shown().await, (vec![], vec![(running, ImportState::Interrupted), failed], vec![done]));
    case.hospital.fakes.clock.advance(TimeDelta::days(8));
    assert_eq!(shown().await, (vec![], vec![], vec![]), "that was long ago");
    // Dry runs have changed nothing.
    case.imported_with(DRY_RUN, 4, ImportState::Done).await;
    case.imported_with(DRY_RUN, 5, ImportState::Failed(None)).await;
    let checking = case.imported_with(DRY_RUN, 6, ImportState::Running).await;
    assert_eq!(shown().await, (vec![(checking, ImportState::Running)], vec![], vec![]));
}

/// The clock of the fakes starts at noon of the first of March.
#[tokio::test]
async fn todays_visits_are_in_the_order_of_time() {
    let case = Case::new().await;
    let evening = case.request_at("2024-03-01T20:00:00", VisitType::Home).await;
    let morning = case.request_at("2024-03-01T08:00:00", VisitType::Community).await;
    case.request_at("2024-03-02T00:00:00", VisitType::Home).await;
    let today = case.hospital.use_cases.overview.today(&case.admin.actor).await.unwrap();
    assert_eq!(today.day.to_string(), "2024-03-01");
    let ids: Vec<_> = today.visits.iter().map(|details| details.inquiry.id).collect();
    assert_eq!((ids, today.has_more), (vec![morning, evening], false));
    for minute in 0..Overview::TODAYS {
        let local = format!("2024-03-01T{:02}:{:02}:00", 9 + minute / 60, minute % 60);
        case.request_at(&local, VisitType::Home).await;
    }
    let today = case.hospital.use_cases.overview.today(&case.admin.actor).await.unwrap();
    assert_eq!((today.visits.len(), today.has_more), (usize::from(Overview::TODAYS), true));
}

#[tokio::test]
async fn the_last_thirty_days_are_counted() {
    let case = Case::new().await;
    for local in ["2024-01-31T12:00:00", "2024-02-01T12:00:00", "2024-03-01T23:00:00", "2024-03-02T00:00:00"]
    {
        case.request_at(local, VisitType::Community).await;
    }
    // On the fourth of March.
    case.ordered().await;
    let last = async || case.hospital.use_cases.overview.last_days(&case.admin.actor).await.unwrap();
    let days = last().await;
    assert_eq!(days.visits.days.len(), 30);
    assert_eq!(days.visits.days.first().unwrap().to_string(), "2024-02-01");
    assert_eq!(days.visits.days.last().unwrap().to_string(), "2024-03-01");
    assert_eq!((days.visits.community.iter().sum::<u64>(), days.visits.home.iter().sum::<u64>()), (2, 0));
    let submitted = (InquiryStatus::Submitted, 2);
    assert_eq!(days.by_status.len(), InquiryStatus::ALL.len());
    assert_eq!(days.by_status.iter().filter(|(_, number)| *number > 0).collect::<Vec<_>>(), [&submitted]);
    assert_eq!(days.drug_orders.counts.iter().sum::<u64>(), 1);
    case.hospital.fakes.clock.advance(TimeDelta::days(300));
    let later = last().await;
    assert!(later.by_status.iter().all(|(_, number)| *number == 0));
    assert!(later.visits.community.iter().chain(&later.visits.home).all(|number| *number == 0));
}

#[tokio::test]
async fn trouble_of_the_service_is_shown() {
    let case = Case::new().await;
    let warnings =
        async || case.hospital.use_cases.overview.report(&case.admin.actor).await.unwrap().warnings;
    assert_eq!(warnings().await, []);
    case.hospital.fakes.clock.differ_by(TimeDelta::minutes(10));
    assert_eq!(warnings().await, [ServiceWarning::ClockOffset]);
}
