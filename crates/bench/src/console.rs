//! The lists of the hospital's console over many visits, on SQLite.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta};
use yilin_domain::account::{
    Account, HomeAddress, Hospital, NewAccount, PasswordHash, PeopleFilter, PersonCriterion, PersonName,
    PhoneNumber, Role,
};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::{AccountId, InquiryId};
use yilin_domain::inquiry::{DayRange, InquiryStatus, PatientCriterion, VisitFilter};
use yilin_domain::list::Window;
use yilin_domain::time::Timestamp;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::fakes::FakeRandom;

use crate::Outcome;
use crate::hospital::ZONE;

/// Number of runs of each call.
const RUNS: usize = 30;
/// Visits per day.
const PER_DAY: usize = 270;
/// Records per slice.
const SIZE: u16 = 50;
const SURNAMES: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙"];
const GIVEN: [&str; 16] =
    ["伟", "芳", "秀", "英", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛"];

/// Fills a database with people and visits, and measures.
pub(crate) async fn measure(visits: u32, patients: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let options = StorageOptions::new(format!("sqlite:{}", path.display()));
    let storage = Storage::open(&options, Arc::new(FakeRandom::new(7)), ZONE)?;
    storage.migrate().await?;
    let began = Instant::now();
    let patients = people(&storage, Role::Patient, patients).await?;
    println!("{} people stored in {:.1?}", patients.len(), began.elapsed());
    let physicians = people(&storage, Role::Physician, 50).await?;
    fill(&path, &patients, &physicians, usize::try_from(visits)?)?;
    storage.repair_totals().await?;
    println!("The console's lists on SQLite, {visits} visits of {} people, {SIZE} records each", patients.len());
    measure_visits(&storage, &patients, &physicians, visits).await?;
    measure_people(&storage, &patients).await?;
    measure_overview(&storage, &physicians, visits).await
}

async fn measure_visits(
    storage: &Storage,
    patients: &[Account],
    physicians: &[Account],
    visits: u32,
) -> Outcome<()> {
    let all = VisitFilter::all;
    let of = |statuses: &[InquiryStatus]| VisitFilter { statuses: StatusSet::of(statuses), ..all() };
    let named = |text: &str| VisitFilter { patient: Some(PatientCriterion::Named(text.to_owned())), ..all() };
    let last_day = i64::from(visits) / i64::try_from(PER_DAY)?;
    let days = |first: i64, last: i64| DayRange { first: Some(day(first)), last: Some(day(last)) };
    let physician = physicians.first().map(|physician| physician.uuid);
    let patient = patients.get(77).map(|patient| PatientCriterion::Is(patient.uuid));
    let due = |days: i64| Some(day(days).and_hms_opt(12, 0, 0).unwrap_or_default().and_utc());
    let (submitted, assigned, approved, returned) = (
        InquiryStatus::Submitted,
        InquiryStatus::Assigned,
        InquiryStatus::Approved,
        InquiryStatus::Returned,
    );
    for (name, filter) in [
        ("everything", all()),
        ("approved", of(&[approved])),
        ("submitted or assigned", of(&[submitted, assigned])),
        ("returned", of(&[returned])),
        ("approved or returned", of(&[approved, returned])),
        ("overdue, few", VisitFilter { due_before: due(last_day - 8), ..all() }),
        ("overdue, all", VisitFilter { due_before: due(last_day + 99), ..all() }),
        ("a day", VisitFilter { days: days(100, 100), ..all() }),
        ("a month", VisitFilter { days: days(100, 130), ..all() }),
        ("the last quarter", VisitFilter { days: days(last_day - 90, last_day), ..all() }),
        ("a quarter long ago", VisitFilter { days: days(10, 100), ..all() }),
        ("a physician", VisitFilter { physician, ..all() }),
        ("a patient", VisitFilter { patient, ..all() }),
        ("a full name", named("王秀英")),
        ("a part of many names", named("秀")),
        ("a surname", named("王")),
        ("a name that nobody has", named("龘")),
        ("a physician in a month", VisitFilter { physician, days: days(100, 130), ..all() }),
        ("a physician, returned", VisitFilter { physician, ..of(&[returned]) }),
        ("a surname in a month", VisitFilter { days: days(100, 130), ..named("王") }),
        ("a surname, returned", VisitFilter { statuses: of(&[returned]).statuses, ..named("王") }),
        ("a surname in a quarter long ago", VisitFilter { days: days(10, 100), ..named("王") }),
        ("everything at once", VisitFilter {
            physician,
            days: days(100, 130),
            patient: named("王").patient,
            ..of(&[approved, returned])
        }),
    ] {
        let lists = storage.visit_lists();
        let middle = InquiryId(i64::from(visits) / 2);
        for (part, window) in
            [("newest", Window::Newest), ("middle", Window::OlderThan(middle)), ("oldest", Window::Oldest)]
        {
            let run = async || {
                let slice = lists.slice(&filter, window, SIZE).await?;
                Ok(format!("{}{}", slice.items.len(), if slice.older.is_some() { "+" } else { "" }))
            };
            timed(&format!("{name}, {part}"), run).await?;
        }
        timed(&format!("{name}, total"), async || Ok(format!("{:?}", lists.total(&filter).await?))).await?;
    }
    Ok(())
}

async fn measure_people(storage: &Storage, patients: &[Account]) -> Outcome<()> {
    let people = storage.people();
    let middle = patients.get(patients.len() / 2).map_or(AccountId(1), |account| account.id);
    let uuid = middle_uuid(patients);
    for text in ["", "王秀英", "秀英", "秀", "王", "1380", "5678", "13800012345", &uuid, "龘"] {
        let filter =
            PeopleFilter { any_of: PersonCriterion::of_text(text), ..PeopleFilter::everyone(Role::Patient) };
        for (part, window) in
            [("newest", Window::Newest), ("middle", Window::OlderThan(middle)), ("oldest", Window::Oldest)]
        {
            let run = async || {
                let slice = people.slice(&filter, window, SIZE).await?;
                Ok(format!("{}{}", slice.items.len(), if slice.older.is_some() { "+" } else { "" }))
            };
            timed(&format!("people {text:?}, {part}"), run).await?;
        }
        timed(&format!("people {text:?}, total"), async || Ok(format!("{:?}", people.total(&filter).await?)))
            .await?;
    }
    let run = async || Ok(people.shared_names(Role::Patient, None, 50).await?.groups.len().to_string());
    timed("shared names", run).await?;
    timed("shared phones", async || Ok(people.shared_phones(None, 50).await?.groups.len().to_string())).await
}

async fn measure_overview(storage: &Storage, physicians: &[Account], visits: u32) -> Outcome<()> {
    let last = i64::from(visits) / i64::try_from(PER_DAY)?;
    let statistics = storage.statistics();
    timed("tallies", async || Ok(format!("{}", statistics.tallies().await?.inquiries.len()))).await?;
    let run = async || Ok(statistics.visits_by_status(day(last - 30), day(last)).await?.len().to_string());
    timed("visits of a month by status", run).await?;
    let run = async || Ok(statistics.visits_per_day(day(last - 30)).await?.len().to_string());
    timed("visits of a month by type", run).await?;
    let lists = storage.visit_lists();
    timed("a day's visits", async || Ok(lists.on_day(day(last - 1), 200).await?.len().to_string())).await?;
    let uuids: Vec<_> = physicians.iter().take(20).map(|physician| physician.uuid).collect();
    let span = day(last - 1).into()..day(last).into();
    let run = async || Ok(lists.schedules(&uuids, span.clone()).await?.len().to_string());
    timed("schedules of 20 physicians", run).await
}

fn middle_uuid(patients: &[Account]) -> String {
    patients.get(patients.len() / 2).map(|account| account.uuid.to_string()).unwrap_or_default()
}

/// Prints the median and the longest time of a call.
async fn timed(name: &str, run: impl AsyncFn() -> Outcome<String>) -> Outcome<()> {
    let (mut times, mut found) = (Vec::<Duration>::new(), String::new());
    for _ in 0..RUNS {
        let began = Instant::now();
        found = run().await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let at = |index: usize| times.get(index).copied().unwrap_or_default();
    println!("  {name}: {:.2?} (at most {:.2?}), {found}", at(RUNS / 2), at(RUNS - 1));
    Ok(())
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default()
}

fn day(number: i64) -> NaiveDate {
    first_day() + TimeDelta::days(number)
}

fn now() -> Timestamp {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

async fn people(storage: &Storage, role: Role, number: usize) -> Outcome<Vec<Account>> {
    let prefix = if role == Role::Patient { "138" } else { "139" };
    let pick = |list: &'static [&'static str], number: usize| list.get(number % list.len()).copied().unwrap_or("");
    let person = |number: usize| -> Result<NewAccount, yilin_domain::validation::FieldProblem> {
        let name = format!(
            "{}{}{}",
            pick(&SURNAMES, number * 7 + number / 31),
            pick(&GIVEN, number * 5 + number / 17),
            if number.is_multiple_of(4) { "" } else { pick(&GIVEN, number * 11 + number / 13) },
        );
        Ok(NewAccount {
            username: PersonName::parse(&name)?,
            role,
            sex: None,
            age: None,
            phone: Some(PhoneNumber::parse(&format!("{prefix}{number:08}"))?),
            hospital: Hospital::default(),
            home_address: HomeAddress::default(),
            password: PasswordHash(String::new()),
            must_change_password: true,
            created_at: now(),
        })
    };
    let all: Result<Vec<_>, _> = (0..number).map(person).collect();
    let mut stored = Vec::new();
    for some in all.map_err(|problem| format!("{problem:?}"))?.chunks(1000) {
        stored.extend(storage.accounts().insert(some.to_vec(), None).await?.into_iter().flatten());
    }
    Ok(stored)
}

/// Stores visits directly, most of them approved, those of the last ten days in other statuses.
fn fill(path: &Path, patients: &[Account], physicians: &[Account], visits: usize) -> Outcome<()> {
    let mut connection = rusqlite::Connection::open(path)?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO inquiry (version, patient_uuid, patient_username, physician_uuid, physician_username, \
                visit_type, appointment_time, reserved_phone, detail, status, status_reason, due_at, created_at, \
                updated_at) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)",
        )?;
        for number in 0..visits {
            let mixed = number.wrapping_mul(2_654_435_761) >> 7;
            let patient = patients.get(mixed % patients.len()).ok_or("no patients")?;
            let physician = physicians.get(mixed / 3 % physicians.len()).ok_or("no physicians")?;
            let is_new = number + 10 * PER_DAY > visits;
            let status = match (is_new, mixed % 100) {
                (true, _) => mixed / 5 % 4,
                (false, 0) => 6,
                (false, _) => 4,
            };
            let assigned = |text: &str| (status != 0).then(|| text.to_owned());
            let day = day(i64::try_from(number / PER_DAY)?);
            let phone = patient.phone.as_ref().map(|phone| phone.as_str().to_owned());
            insert.execute(rusqlite::params![
                patient.uuid.to_string(),
                patient.username.as_str(),
                assigned(&physician.uuid.to_string()),
                assigned(physician.username.as_str()),
                i64::try_from(number % 2)?,
                format!("{day} {:02}:{:02}:00", 8 + mixed % 10, mixed % 60),
                phone,
                "高血压十余年，近一周晨起头晕，想请医生上门看看是否要调药。",
                i64::try_from(status)?,
                (status == 6).then_some("缺少血压记录"),
                (status < 4).then(|| format!("{day} 10:00:00")),
                format!("{day} 07:00:00"),
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}
