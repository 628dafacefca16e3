//! Lists of visits that are so long that not everything is examined at once, their pages, and their query plans on SQLite.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDate, TimeDelta};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::{Account, AccountUuid, PeopleFilter, PersonCriterion, Role};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    DayRange, InquiryDetails, InquiryFilter, InquiryParty, InquiryStatus, PatientCriterion, VisitFilter,
};
use yilin_domain::list::{PageRequest, Total, Window};
use yilin_storage::Storage;
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::TempDatabase;

use crate::support;

/// Number of visits: more than a slice may examine.
const VISITS: usize = 20_000;
/// Number of patients. All names begin with 人.
const PATIENTS: usize = 300;
/// Visits per day.
const PER_DAY: usize = 200;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap()
}

/// The statements that store visits: the status of most is `approved`; a few of the oldest and of the newest are in others.
fn visits(patients: &[Account], physicians: &[Account]) -> Vec<String> {
    let row = |number: usize| {
        let (patient, physician) =
            (&patients[number % patients.len()], &physicians[number / 7 % physicians.len()]);
        let status = match number {
            0..1000 if number.is_multiple_of(50) => 6,
            _ if number > VISITS - 3000 => number % 4,
            _ => 4,
        };
        let day = first_day() + TimeDelta::days(i64::try_from(number / PER_DAY).unwrap());
        let due = if status < 4 { format!("'{day} 08:00:00'") } else { "NULL".to_owned() };
        let assigned = |text: String| if status == 0 { "NULL".to_owned() } else { format!("'{text}'") };
        format!(
            "(1, '{}', '{}', {}, {}, {}, '{day} 09:30:00', '头痛', {status}, {}, {due}, '{day} 00:00:00', '{day} 00:00:00')",
            patient.uuid,
            patient.username.as_str(),
            assigned(physician.uuid.to_string()),
            assigned(physician.username.as_str().to_owned()),
            number % 2,
            if status == 6 { "'x'" } else { "NULL" },
        )
    };
    let statement = |numbers: &[usize]| {
        let rows: Vec<String> = numbers.iter().copied().map(row).collect();
        format!(
            "INSERT INTO inquiry (version, patient_uuid, patient_username, physician_uuid, physician_username, visit_type, \
                appointment_time, detail, status, status_reason, due_at, created_at, updated_at) VALUES {}",
            rows.join(",")
        )
    };
    (0..VISITS).collect::<Vec<_>>().chunks(500).map(statement).collect()
}

struct Filled {
    storage: Storage,
    patients: Vec<Account>,
    physicians: Vec<Account>,
}

impl Filled {
    async fn people(storage: Storage) -> Self {
        let patients = support::people(&storage, Role::Patient, PATIENTS, "138").await;
        let physicians = support::people(&storage, Role::Physician, 5, "139").await;
        Self { storage, patients, physicians }
    }

    async fn sqlite(place: &TempDatabase) -> Self {
        let storage = support::storage(&support::options(place.url()), support::random()).await;
        let filled = Self::people(storage).await;
        let mut connection = open(place);
        for statement in visits(&filled.patients, &filled.physicians) {
            sql_query(statement).execute(&mut connection).unwrap();
        }
        filled.counted().await
    }

    async fn mariadb(url: &str) -> Self {
        let storage = support::storage(&support::options(url), support::random()).await;
        let filled = Self::people(storage).await;
        let mut connection = mysql_async::Conn::from_url(url).await.unwrap();
        for statement in visits(&filled.patients, &filled.physicians) {
            connection.query_drop(statement).await.unwrap();
        }
        connection.query_drop("ANALYZE TABLE inquiry, account, account_name_part").await.unwrap();
        filled.counted().await
    }

    async fn counted(self) -> Self {
        self.storage.repair_totals().await.unwrap();
        self
    }

    /// The list, slice by slice, and how many slices it has.
    async fn slices(&self, filter: &VisitFilter) -> (Vec<InquiryId>, usize) {
        let lists = self.storage.visit_lists();
        let (mut found, mut slices, mut window) = (Vec::new(), 0, Window::Newest);
        loop {
            let slice = lists.slice(filter, window, 500).await.unwrap();
            found.extend(slice.items.iter().map(|details| details.inquiry.id));
            slices += 1;
            match slice.older {
                Some(older) => window = Window::OlderThan(older),
                None => return (found, slices),
            }
        }
    }

    async fn all(&self) -> Vec<InquiryDetails> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let everything = InquiryFilter::all_of(InquiryParty::Anyone);
            let batch = self.storage.inquiries().batch(&everything, before, 1000).await.unwrap();
            if batch.is_empty() {
                return all;
            }
            before = batch.last().map(|details| details.inquiry.id);
            all.extend(batch);
        }
    }

    fn filters(&self) -> Vec<VisitFilter> {
        let of = |statuses: &[InquiryStatus]| VisitFilter {
            statuses: StatusSet::of(statuses),
            ..VisitFilter::all()
        };
        let named = |text: &str| VisitFilter {
            patient: Some(PatientCriterion::Named(text.to_owned())),
            ..VisitFilter::all()
        };
        let days = |first: i64, last: i64| DayRange {
            first: Some(first_day() + TimeDelta::days(first)),
            last: Some(first_day() + TimeDelta::days(last)),
        };
        let in_days = |first, last| VisitFilter { days: days(first, last), ..VisitFilter::all() };
        let overdue =
            VisitFilter { due_before: Some(support::NOW + TimeDelta::days(90)), ..VisitFilter::all() };
        let physician = Some(self.physicians[1].uuid);
        let patient = Some(PatientCriterion::Is(self.patients[3].uuid));
        vec![
            VisitFilter::all(),
            of(&[InquiryStatus::Approved]),
            of(&[InquiryStatus::Returned]),
            of(&[InquiryStatus::Submitted, InquiryStatus::Registered]),
            of(&[InquiryStatus::Returned, InquiryStatus::Approved]),
            overdue.clone(),
            VisitFilter { due_before: Some(support::NOW + TimeDelta::days(26)), ..VisitFilter::all() },
            in_days(10, 10),
            in_days(5, 20),
            in_days(2, 60),
            in_days(2, 3),
            VisitFilter { physician, ..VisitFilter::all() },
            VisitFilter { patient: patient.clone(), ..VisitFilter::all() },
            named("人"),
            named("人12"),
            named("人1"),
            named("没有"),
            // Combinations.
            VisitFilter { physician, ..overdue.clone() },
            VisitFilter { physician, ..in_days(5, 20) },
            VisitFilter { physician, ..in_days(0, 99) },
            VisitFilter { physician, ..of(&[InquiryStatus::Returned]) },
            VisitFilter { physician, ..named("人1") },
            VisitFilter { patient, ..of(&[InquiryStatus::Approved]) },
            VisitFilter { days: days(0, 5), ..named("人") },
            VisitFilter { days: days(0, 50), ..named("人") },
            VisitFilter { days: days(0, 3), ..of(&[InquiryStatus::Approved]) },
            VisitFilter { days: days(95, 99), ..overdue },
            VisitFilter { statuses: StatusSet::of(&[InquiryStatus::Returned]), ..named("人1") },
        ]
    }

    /// Each list is complete. Where few of many visits meet the filter and no index finds them, slices are short.
    async fn each_long_list_is_complete(&self) {
        let all = self.all().await;
        assert_eq!(all.len(), VISITS);
        let mut short = 0;
        for filter in self.filters() {
            let expected: Vec<_> =
                all.iter().filter(|visit| filter.admits(visit)).map(|visit| visit.inquiry.id).collect();
            let (found, slices) = self.slices(&filter).await;
            assert_eq!(found.len(), expected.len(), "{filter:?}");
            assert_eq!(found, expected, "{filter:?}");
            short += slices.saturating_sub(expected.len() / 500 + 1);
            let number = u64::try_from(expected.len()).unwrap();
            match self.storage.visit_lists().total(&filter).await.unwrap() {
                Total::Exactly(total) => assert_eq!(total, number, "{filter:?}"),
                Total::MoreThan(least) => assert!(least <= number, "{filter:?}"),
            }
        }
        assert!(short >= 2, "everything was examined at once");
        // None of the visits examined first meets the filter.
        let days = DayRange { first: None, last: Some(first_day() + TimeDelta::days(40)) };
        let patient = Some(PatientCriterion::Named("人".to_owned()));
        let filter = VisitFilter { days, patient, ..VisitFilter::all() };
        let slice = self.storage.visit_lists().slice(&filter, Window::Newest, 10).await.unwrap();
        assert_eq!(slice.items, []);
        let older =
            self.storage.visit_lists().slice(&filter, Window::OlderThan(slice.older.unwrap()), 10).await;
        assert_eq!(older.unwrap().items.len(), 10);
    }
}

impl Filled {
    /// Numbered pages of the lists of inquiries, also deep ones, and the numbers of visits per day; some of the stored
    /// numbers are not folded yet.
    async fn each_page_is_where_it_belongs(&self) {
        for patient in &self.patients[..3] {
            support::inquiry(&self.storage, patient).await;
        }
        let all = self.all().await;
        let physician = self.physicians[1].uuid;
        let of = |party| InquiryFilter::all_of(party);
        let in_statuses = |statuses| InquiryFilter::in_statuses(InquiryParty::Anyone, statuses);
        let named = |text: &str| InquiryParty::PatientNamed(text.to_owned());
        let is_named = |visit: &InquiryDetails, text: &str| visit.patient.username.as_str().contains(text);
        let lists: Vec<(InquiryFilter, Vec<InquiryId>)> = [
            (of(InquiryParty::Anyone), ids(&all, |_| true)),
            (
                in_statuses(StatusSet::of(&[InquiryStatus::Approved])),
                ids(&all, |visit| visit.inquiry.status() == InquiryStatus::Approved),
            ),
            (
                in_statuses(StatusSet::matching(InquiryStatus::has_ended)),
                ids(&all, |visit| visit.inquiry.status().has_ended()),
            ),
            (
                of(InquiryParty::Physician(physician)),
                ids(&all, |visit| visit.inquiry.physician() == Some(physician)),
            ),
            // Many, few, and none.
            (of(named("人")), ids(&all, |_| true)),
            (of(named("人12")), ids(&all, |visit| is_named(visit, "人12"))),
            (of(named("没有")), Vec::new()),
            (
                of(InquiryParty::PhysicianNamed("人".to_owned())),
                ids(&all, |visit| visit.inquiry.physician().is_some()),
            ),
        ]
        .into();
        for (filter, expected) in lists {
            let length = u64::try_from(expected.len()).unwrap();
            for size in [7, 1000] {
                let last = length.div_ceil(size.into()).max(1);
                for number in [1, 2, last / 3 + 1, last / 2 + 1, last, last + 1] {
                    let page = PageRequest { number, size };
                    let found = self.storage.inquiries().page(&filter, page).await.unwrap();
                    assert_eq!(found.total, length, "{filter:?} {page:?}");
                    let offset = usize::try_from(page.offset()).unwrap();
                    let expected = expected.iter().skip(offset).take(size.into()).copied();
                    assert_eq!(
                        ids(&found.items, |_| true),
                        expected.collect::<Vec<_>>(),
                        "{filter:?} {page:?}"
                    );
                }
            }
        }
        let from = first_day() + TimeDelta::days(90);
        let mut expected = BTreeMap::<_, u64>::new();
        for visit in all.iter().filter(|visit| visit.inquiry.appointment_time.local().date() >= from) {
            let day = visit.inquiry.appointment_time.local().date();
            *expected.entry((day, visit.inquiry.visit_type.as_str())).or_default() += 1;
        }
        let found = self.storage.statistics().visits_per_day(from).await.unwrap();
        let found: Vec<_> =
            found.into_iter().map(|found| ((found.day, found.visit_type.as_str()), found.count)).collect();
        assert_eq!(found.len(), expected.len());
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), expected);
    }
}

fn ids(visits: &[InquiryDetails], is_meant: impl Fn(&InquiryDetails) -> bool) -> Vec<InquiryId> {
    visits.iter().filter(|visit| is_meant(visit)).map(|visit| visit.inquiry.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_is_where_it_belongs_on_sqlite() {
    let place = TempDatabase::new();
    Filled::sqlite(&place).await.each_page_is_where_it_belongs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_is_where_it_belongs_on_mariadb() {
    let url = Server::shared().await.database().await;
    Filled::mariadb(&url).await.each_page_is_where_it_belongs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_long_list_is_complete_on_sqlite() {
    let place = TempDatabase::new();
    Filled::sqlite(&place).await.each_long_list_is_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_long_list_is_complete_on_mariadb() {
    let url = Server::shared().await.database().await;
    Filled::mariadb(&url).await.each_long_list_is_complete().await;
}

/// The statements of all connections of this process.
static STATEMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds").next().unwrap_or_default().to_owned();
            let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
            if statement.starts_with("SELECT `inquiry`.`id` FROM")
                || statement.starts_with("SELECT `account`.`id` FROM")
            {
                statements.push(statement);
            }
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn open(place: &TempDatabase) -> SqliteConnection {
    SqliteConnection::establish(place.url().trim_start_matches("sqlite:")).unwrap()
}

/// Whatever the values: SQLite's planner does not look at them.
#[tokio::test(flavor = "multi_thread")]
async fn each_list_walks_one_index_in_order_on_sqlite() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let place = TempDatabase::new();
    let storage = support::storage(&support::options(place.url()), support::random()).await;
    let filled = Filled::people(storage).await;
    let mut connection = open(&place);
    for statement in visits(&filled.patients, &filled.physicians).iter().take(2) {
        sql_query(statement).execute(&mut connection).unwrap();
    }
    for filter in filled.filters() {
        for window in [Window::Newest, Window::OlderThan(InquiryId(500)), Window::NewerThan(InquiryId(500))] {
            filled.storage.visit_lists().slice(&filter, window, 10).await.unwrap();
        }
        filled.storage.visit_lists().total(&filter).await.unwrap();
    }
    for text in ["", "人", "人12", "1380", "00012", "d59aa28a"] {
        let filter =
            PeopleFilter { any_of: PersonCriterion::of_text(text), ..PeopleFilter::everyone(Role::Patient) };
        filled.storage.people().slice(&filter, Window::Newest, 10).await.unwrap();
    }
    let nobody = AccountUuid::from_bytes([0; 4]);
    let nobodys = VisitFilter { patient: Some(PatientCriterion::Is(nobody)), ..VisitFilter::all() };
    filled.storage.visit_lists().slice(&nobodys, Window::Oldest, 10).await.unwrap();

    let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    statements.sort_unstable();
    statements.dedup();
    for statement in &statements {
        check(&mut connection, statement);
    }
    assert!(statements.len() >= 40, "only {} statements were seen", statements.len());
}

fn check(connection: &mut SqliteConnection, statement: &str) {
    let plan: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(connection).unwrap();
    let plan: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
    let shown = format!("{plan:#?}\n{statement}");
    let is_sorted = plan.iter().any(|step| step.contains("TEMP B-TREE"));
    let is_scanned = plan.iter().any(|step| step.starts_with("SCAN"));
    // A list that has been found to be short.
    let may_be_sorted = statement.contains("`id` + ?");
    assert!(!is_sorted || may_be_sorted, "something is sorted: {shown}");
    let has_path = [
        "`status` = ?",
        "`appointment_day` = ?",
        "`physician_uuid` = ?",
        "`patient_uuid` = ?",
        "`patient_uuid` IN",
        "`due_at` < ?",
        "`role` = ?",
        "`phone` >= ?",
        "`uuid` = ?",
        "`account`.`id` IN",
    ];
    let has_path = has_path.iter().any(|condition| statement.contains(condition));
    assert!(!is_scanned || !has_path, "an index is not used: {shown}");
}
