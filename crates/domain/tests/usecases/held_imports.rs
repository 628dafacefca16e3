//! Files that are checked first, and imported without being sent again.

use std::pin::pin;
use std::task::Poll;

use chrono::TimeDelta;
use futures_util::poll;
use yilin_domain::account::Role;
use yilin_domain::error::Error;
use yilin_domain::port::{Clock as _, Part, PortError};
use yilin_domain::roster::{ImportJob, ImportJobId, ImportState, RowProblem};
use yilin_domain::usecase::{FileGone, HeldImport, ImportError, ImportReport};
use yilin_testkit::Person;
use yilin_testkit::fakes::RosterEnding;

use crate::support::{Case, arriving, assert_refused};

const ROSTER: &str =
    "姓名,电话,角色\n张伟,13800000001,患者\n李娜,13800000002,医师\n王芳,1,患者\n张伟,13800000001,患者\n";

impl Case {
    async fn hold(&self, by: &Person) -> Result<HeldImport, ImportError> {
        let imports = &self.hospital.use_cases.roster_import;
        imports.receive_to_hold(&by.actor, arriving(ROSTER.as_bytes()), u64::MAX).await
    }

    async fn import_of(&self, id: ImportJobId) -> ImportJob {
        self.hospital.use_cases.roster_import.find(&self.admin.actor, Some(id)).await.unwrap()
    }

    async fn start(&self, by: &Person, checked: ImportJobId) -> Result<Result<ImportJob, FileGone>, Error> {
        self.hospital.use_cases.roster_import.start(&by.actor, checked).await
    }

    fn pass(&self, seconds: i64) {
        self.hospital.fakes.clock.advance(TimeDelta::seconds(seconds));
    }
}

/// The report of an import that has ended.
#[track_caller]
#[expect(clippy::panic, reason = "tests panic on failure")]
fn report(polled: Poll<Result<Option<ImportReport>, ImportError>>) -> ImportReport {
    let Poll::Ready(Ok(Some(report))) = polled else { panic!("the import has not ended") };
    report
}

#[track_caller]
fn assert_given_up(polled: &Poll<Result<Option<ImportReport>, ImportError>>) {
    assert!(matches!(polled, Poll::Ready(Ok(None))), "the file is still held");
}

#[tokio::test]
async fn a_checked_file_is_imported_once_without_being_sent_again() {
    let case = Case::new().await;
    let imports = &case.hospital.use_cases.roster_import;
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    let mut work = pin!(imports.check_and_hold(held));
    assert!(poll!(&mut work).is_pending());
    let outcome = imports.outcome(&case.admin.actor, checked).await.unwrap();
    assert_eq!((outcome.job.state, outcome.job.counts.imported), (ImportState::Done, 2));
    assert!(outcome.is_held && outcome.follower.is_none());
    let left_out: Vec<_> = outcome.left_out.iter().map(|row| (row.row, row.problems.clone())).collect();
    let problems = [(4, vec![RowProblem::PhoneInvalid]), (5, vec![RowProblem::PhoneRepeated])];
    assert_eq!(left_out, problems, "those to correct come first");
    assert_eq!(case.everyone(Role::Physician).await.len(), 2, "nothing is stored yet");

    // It is held for a while, with heartbeats.
    for _ in 0..20 {
        case.pass(5);
        assert!(poll!(&mut work).is_pending());
    }
    let started = case.start(&case.admin, checked).await.unwrap().unwrap();
    assert_eq!((started.follows, started.options.dry_run), (Some(checked), false));
    // Sent twice.
    assert_eq!(case.start(&case.admin, checked).await.unwrap(), Ok(started.clone()));
    let report = report(poll!(&mut work));
    assert_eq!((report.job.id, report.counts.imported, report.counts.failed), (started.id, 2, 1));
    assert_eq!(case.everyone(Role::Physician).await.len(), 3);
    // And again, after it has ended.
    assert_eq!(case.start(&case.admin, checked).await.unwrap().unwrap().id, started.id);
    assert_eq!(case.import_of(started.id).await.state, ImportState::Done);
    let outcome = imports.outcome(&case.admin.actor, checked).await.unwrap();
    assert_eq!(outcome.follower, Some(started.id));
}

#[tokio::test]
async fn only_the_uploader_starts_the_import() {
    let case = Case::new().await;
    let imports = &case.hospital.use_cases.roster_import;
    let other = case.hospital.admin("主任").await;
    for person in [&case.patient, &case.physician] {
        let held = case.hold(person).await.map(drop);
        assert_refused!(held, ImportError::Domain(Error::Forbidden));
    }
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    let mut work = pin!(imports.check_and_hold(held));
    assert!(poll!(&mut work).is_pending());
    for person in [&case.patient, &case.physician] {
        assert_refused!(case.start(person, checked).await, Error::Forbidden);
    }
    assert_refused!(case.start(&other, checked).await, Error::NotFound);
    assert!(!imports.outcome(&other.actor, checked).await.unwrap().is_held);
    assert_refused!(case.start(&case.admin, ImportJobId::from_bytes([9; 16])).await, Error::NotFound);
    let started = case.start(&case.admin, checked).await.unwrap().unwrap();
    assert_refused!(case.start(&case.admin, started.id).await, Error::NotFound, "it is no dry run");
}

#[tokio::test]
async fn a_file_is_held_for_half_an_hour() {
    let case = Case::new().await;
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    let mut work = pin!(case.hospital.use_cases.roster_import.check_and_hold(held));
    assert!(poll!(&mut work).is_pending());
    for _ in 0..29 * 12 {
        case.pass(5);
        assert!(poll!(&mut work).is_pending());
        // A task that never yields is not woken by the clock any more.
        tokio::task::yield_now().await;
    }
    assert!(case.import_of(checked).await.is_held_at(case.hospital.fakes.clock.now()));
    case.pass(60);
    assert_given_up(&poll!(&mut work));
    assert!(!case.import_of(checked).await.holds_file);
    assert_eq!(case.start(&case.admin, checked).await.unwrap(), Err(FileGone));
}

#[tokio::test]
async fn another_file_takes_the_place_of_the_first() {
    let case = Case::new().await;
    let imports = &case.hospital.use_cases.roster_import;
    let first = case.hold(&case.admin).await.unwrap();
    let first_id = first.job.id;
    let mut first = pin!(imports.check_and_hold(first));
    assert!(poll!(&mut first).is_pending());
    let second = case.hold(&case.admin).await.unwrap();
    let second_id = second.job.id;
    assert_given_up(&poll!(&mut first));
    let mut second = pin!(imports.check_and_hold(second));
    assert!(poll!(&mut second).is_pending());
    assert_eq!(case.start(&case.admin, first_id).await.unwrap(), Err(FileGone));
    case.start(&case.admin, second_id).await.unwrap().unwrap();
    assert_eq!(report(poll!(&mut second)).counts.imported, 2);
}

#[tokio::test]
async fn an_import_that_is_started_on_another_instance_reaches_its_file() {
    let case = Case::new().await;
    let elsewhere = case.hospital.another_instance();
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    let mut work = pin!(case.hospital.use_cases.roster_import.check_and_hold(held));
    assert!(poll!(&mut work).is_pending());
    let started = elsewhere.use_cases.roster_import.start(&case.admin.actor, checked).await.unwrap().unwrap();
    let mut polled = poll!(&mut work);
    for _ in 0..5 {
        assert!(case.import_of(started.id).await.state != ImportState::Interrupted);
        if polled.is_ready() {
            break;
        }
        case.pass(1);
        polled = poll!(&mut work);
    }
    assert_eq!(report(polled).job.id, started.id);
}

#[tokio::test]
async fn an_instance_that_stops_holds_nothing() {
    let case = Case::new().await;
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    {
        let mut work = pin!(case.hospital.use_cases.roster_import.check_and_hold(held));
        assert!(poll!(&mut work).is_pending());
    }
    case.pass(31);
    assert_eq!(case.start(&case.admin, checked).await.unwrap(), Err(FileGone));
    // One that stops after the start is interrupted.
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    {
        let mut work = pin!(case.hospital.use_cases.roster_import.check_and_hold(held));
        assert!(poll!(&mut work).is_pending());
        case.start(&case.admin, checked).await.unwrap().unwrap();
    }
    case.pass(31);
    let follower = case.start(&case.admin, checked).await.unwrap().unwrap();
    assert_eq!(case.import_of(follower.id).await.state, ImportState::Interrupted);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_held() {
    let case = Case::new().await;
    case.hospital.fakes.rosters.set_ending(RosterEnding::Damaged);
    let held = case.hold(&case.admin).await.unwrap();
    let checked = held.job.id;
    let mut work = pin!(case.hospital.use_cases.roster_import.check_and_hold(held));
    assert!(matches!(poll!(&mut work), Poll::Ready(Err(ImportError::Read(_)))));
    assert_eq!(case.start(&case.admin, checked).await.unwrap(), Err(FileGone));
}

#[tokio::test]
async fn an_instance_holds_few_files() {
    let case = Case::new().await;
    let mut held = Vec::new();
    for number in 0..8 {
        let admin = case.hospital.admin(&format!("主任{number}")).await;
        held.push(case.hold(&admin).await.unwrap());
    }
    let refused = case.hold(&case.admin).await.map(drop);
    let overloaded =
        |error: &PortError| matches!(error, PortError::Overloaded { part: Part::Spreadsheets, .. });
    assert_refused!(refused, ImportError::Domain(Error::Port(error)) if overloaded(&error));
    held.pop();
    case.hold(&case.admin).await.unwrap();
}
