//! Roster imports: outcomes of rows and files, and progress.

use std::pin::pin;
use std::sync::Mutex;

use chrono::TimeDelta;
use futures_util::poll;
use yilin_domain::account::{Account, Role, Sex};
use yilin_domain::error::Error;
use yilin_domain::port::{Clock as _, Part, PortError, ReadRosterError};
use yilin_domain::roster::{
    ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState, RosterFault, RowProblem,
};
use yilin_domain::usecase::{ArrivedImport, ImportError, ImportReport, RosterImport};
use yilin_testkit::fakes::{FakeClock, FakeHasher, RosterEnding};
use yilin_testkit::{Hospital, Person};

use crate::support::{Case, arriving, assert_refused, breaking_off, is_unavailable};

const HEADERS: &str = "姓名,性别,电话,家庭住址,年龄,角色,所属医院,初始密码\n";

const DRY_RUN: ImportOptions = ImportOptions { dry_run: true, atomic: false };
const ATOMIC: ImportOptions = ImportOptions { dry_run: false, atomic: true };
const ORDINARY: ImportOptions = ImportOptions { dry_run: false, atomic: false };

/// This many rows of patients.
fn patients(number: u64) -> String {
    rows(number, |n| format!("王{n},,{},,,患者,,\n", 13_800_000_000 + n))
}

fn rows(number: u64, row: impl Fn(u64) -> String) -> String {
    (0..number).map(row).collect::<Vec<_>>().concat()
}

impl Case {
    fn imports(&self) -> &RosterImport {
        &self.hospital.use_cases.roster_import
    }

    async fn receive(&self, rows: &str, options: ImportOptions) -> Result<ArrivedImport, ImportError> {
        let content = arriving(format!("{HEADERS}{rows}").as_bytes());
        self.imports().receive(&self.admin.actor, content, u64::MAX, options).await
    }

    async fn import(&self, rows: &str, options: ImportOptions) -> Result<ImportReport, ImportError> {
        self.imports().run(self.receive(rows, options).await?, &|_| {}).await
    }

    /// The admin's newest import.
    async fn job(&self) -> ImportJob {
        self.imports().find(&self.admin.actor, None).await.unwrap()
    }

    /// The lines of the workbook with the rows to correct.
    async fn workbook(&self, id: ImportJobId) -> Vec<String> {
        let tell = |problems: &[RowProblem]| problems.iter().map(|problem| problem.slug()).collect();
        let workbook = self.imports().report_workbook(&self.admin.actor, id, "错误", &tell).await.unwrap();
        String::from_utf8(workbook).unwrap().lines().map(str::to_owned).collect()
    }

    async fn named(&self, role: Role, name: &str) -> Account {
        let everyone = self.everyone(role).await;
        everyone.into_iter().find(|account| account.username.as_str() == name).unwrap()
    }
}

const fn counts(total: u64, imported: u64, skipped: u64, failed: u64) -> ImportCounts {
    ImportCounts { total, imported, skipped, failed }
}

/// The row number and problems of each row that was not imported.
fn issues(report: &ImportReport) -> Vec<(u32, Vec<RowProblem>)> {
    report.issues.iter().map(|issue| (issue.row, issue.problems.clone())).collect()
}

#[tokio::test]
async fn only_the_admin_imports_and_sees_imports() {
    let case = Case::new().await;
    let imports = case.imports();
    let unknown = ImportJobId::from_bytes([0; 16]);
    let find = async |actor| imports.find(&actor, Some(unknown)).await;
    let template = async |actor| imports.template(&actor).await;
    let report = async |actor| imports.report_workbook(&actor, unknown, "", &|_| String::new()).await;
    assert_eq!(case.open_to(find).await, [Role::Admin]);
    assert_eq!(case.open_to(template).await, [Role::Admin]);
    assert_eq!(case.open_to(report).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| imports.outcome(&actor, unknown).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| imports.start(&actor, unknown).await).await, [Role::Admin]);
    for person in [&case.patient, &case.physician] {
        let received = imports.receive(&person.actor, arriving(b""), u64::MAX, ORDINARY).await;
        assert_refused!(received.map(drop), ImportError::Domain(Error::Forbidden));
    }
}

/// The age on the day of the import.
fn age_of(account: &Account) -> u8 {
    let known = account.age.unwrap();
    known.on(FakeClock::START.date_naive()).unwrap().years()
}

#[tokio::test]
async fn valid_rows_become_accounts_that_can_log_in() {
    let case = Case::new().await;
    let rows = "张伟,男,13800000001,人民路1号,72,患者,,\n李娜,女,13800000002,,,医师,滨河医院,own secret\n";
    let report = case.import(rows, ORDINARY).await.unwrap();
    assert_eq!((report.counts, issues(&report)), (counts(2, 2, 0, 0), vec![]));
    let (patient, physician) =
        (case.named(Role::Patient, "张伟").await, case.named(Role::Physician, "李娜").await);
    assert_eq!((patient.sex, age_of(&patient)), (Some(Sex::Male), 72));
    assert_eq!(patient.home_address.as_str(), "人民路1号");
    assert_eq!((physician.sex, physician.hospital.as_str()), (Some(Sex::Female), "滨河医院"));
    for (account, password) in [(patient, "123456"), (physician, "own secret")] {
        assert!(account.must_change_password);
        let phone = account.phone.unwrap();
        let stored = case.hospital.ports.accounts.credentials_by_phone(&phone).await.unwrap().unwrap();
        assert_eq!(stored.password, FakeHasher::hash_of(password));
    }
    let job = case.job().await;
    assert_eq!((job.id, job.state, job.counts), (report.job.id, ImportState::Done, report.counts));
    assert_eq!((job.started_by, job.options), (case.admin.actor.uuid, ORDINARY));
}

#[tokio::test]
async fn failed_rows_are_reported_before_skipped_rows() {
    let case = Case::new().await;
    let taken = case.patient.account.phone.as_ref().unwrap().as_str();
    let rows = format!(
        "张伟,,13800000001,,,患者,,\n\
         再来,,{taken},,,患者,,\n\
         又来,,13800000001,,,患者,,\n\
         李娜,,1380000000,,,医师,,its secret\n\
         ,,,,,患者,,\n"
    );
    let report = case.import(&rows, ORDINARY).await.unwrap();
    assert_eq!(report.counts, counts(5, 1, 2, 2));
    assert_eq!(
        issues(&report),
        [
            (5, vec![RowProblem::PhoneInvalid]),
            (6, vec![RowProblem::NameMissing, RowProblem::PhoneMissing]),
            (3, vec![RowProblem::PhoneTaken]),
            (4, vec![RowProblem::PhoneRepeated]),
        ]
    );
    assert_eq!(case.everyone(Role::Patient).await.len(), 2 + 1);
    assert_eq!(case.everyone(Role::Physician).await.len(), 2);

    let workbook = case.workbook(report.job.id).await;
    assert!(workbook.iter().any(|line| line.contains("李娜") && line.ends_with("phone.invalid")));
    assert!(
        !workbook.iter().any(|line| line.contains("再来") || line.contains("又来")),
        "they have accounts"
    );
    assert!(!workbook.concat().contains("its secret"), "passwords are not kept");
}

#[tokio::test]
async fn a_dry_run_stores_nothing_and_reports_the_same() {
    let case = Case::new().await;
    let taken = case.patient.account.phone.as_ref().unwrap().as_str();
    let rows = format!("张伟,,13800000001,,,患者,,\n再来,,{taken},,,患者,,\n李娜,,1,,,医师,,\n");
    let dry = case.import(&rows, DRY_RUN).await.unwrap();
    assert_eq!(case.everyone(Role::Patient).await.len(), 2);
    assert_eq!(case.job().await.counts, dry.counts);
    let real = case.import(&rows, ORDINARY).await.unwrap();
    assert_eq!((real.counts, issues(&real)), (dry.counts, issues(&dry)));
    assert_eq!(real.counts, counts(3, 1, 1, 1));
}

#[tokio::test]
async fn an_atomic_import_stores_all_rows_or_none() {
    let case = Case::new().await;
    let taken = case.patient.account.phone.as_ref().unwrap().as_str();
    for (spoiler, expected, problem) in [
        ("李娜,,1,,,患者,,\n".to_owned(), counts(601, 0, 0, 1), "phone.invalid"),
        (format!("李娜,,{taken},,,患者,,\n"), counts(601, 0, 1, 0), "phone.taken"),
        ("李娜,,13800000000,,,患者,,\n".to_owned(), counts(601, 0, 1, 0), "phone.repeated"),
    ] {
        let report = case.import(&(patients(600) + &spoiler), ATOMIC).await.unwrap();
        assert_eq!(report.counts, expected, "{spoiler}");
        assert_eq!(case.job().await.counts, expected, "{spoiler}");
        assert_eq!(case.everyone(Role::Patient).await.len(), 2, "{spoiler}");
        // Skipped rows also prevent an atomic import, so they have to be corrected.
        let workbook = case.workbook(report.job.id).await;
        assert!(workbook.iter().any(|line| line.contains("李娜") && line.ends_with(problem)), "{workbook:?}");
    }
    let dry = ImportOptions { dry_run: true, atomic: true };
    for (options, stored) in [(dry, 0), (ATOMIC, 600)] {
        let report = case.import(&patients(600), options).await.unwrap();
        assert_eq!(report.counts, counts(600, 600, 0, 0));
        assert_eq!(case.job().await.counts, report.counts);
        assert_eq!(case.everyone(Role::Patient).await.len(), 2 + stored);
    }
}

/// `admin` would lock its owner out of log-ins from other machines. The installation's own initial password is the same as none.
#[tokio::test]
async fn a_default_password_is_no_individual_password() {
    let case = Case::new().await;
    let report =
        case.import("王一,,13800000001,,,患者,,admin1\n王二,,13800000002,,,患者,,123456\n", ORDINARY);
    assert_eq!(report.await.unwrap().counts.imported, 2);
    let case = Case::of(Hospital::with(|_, policy| policy.initial_password = "Lin-2026".to_owned())).await;
    let rows = "王一,,13800000001,,,患者,,123456\n王二,,13800000002,,,患者,,Lin-2026\n";
    let report = case.import(rows, ORDINARY).await.unwrap();
    assert_eq!((report.counts.imported, report.counts.failed), (1, 1));
    assert_eq!(report.issues[0].problems, [RowProblem::InitialPasswordDefault]);
}

#[tokio::test]
async fn accounts_without_an_individual_password_share_one_hash() {
    let case = Case::new().await;
    let hashed = case.hospital.fakes.hasher.work_done();
    // Log-ins are rejected; an import waits instead.
    case.hospital.fakes.hasher.set_overloaded(true);
    let rows = patients(700) + "李娜,,13900000001,,,患者,,own secret\n";
    assert_eq!(case.import(&rows, ORDINARY).await.unwrap().counts.imported, 701);
    assert_eq!(case.hospital.fakes.hasher.work_done() - hashed, 2);
}

#[tokio::test]
async fn accounts_are_stored_in_chunks_with_progress_reports() {
    let case = Case::new().await;
    let own_passwords = rows(100, |n| format!("李{n},,{},,,患者,,secret {n}\n", 13_900_000_000 + n));
    let told = Mutex::new(Vec::new());
    let watch = |counts: ImportCounts| told.lock().unwrap().push(counts.imported);
    let arrived = case.receive(&(patients(1000) + &own_passwords), ORDINARY).await.unwrap();
    let report = case.imports().run(arrived, &watch).await.unwrap();
    assert_eq!(report.counts, counts(1100, 1100, 0, 0));
    // A chunk has at most 64 passwords to hash.
    assert_eq!(told.into_inner().unwrap(), [0, 500, 1000, 1064, 1100]);
}

#[tokio::test]
async fn accounts_stored_before_a_database_outage_stay_and_are_counted() {
    let case = Case::new().await;
    let arrived = case.receive(&(patients(600) + "李娜,,1,,,患者,,\n"), ORDINARY).await.unwrap();
    let storage = case.hospital.fakes.storage.clone();
    let watch = |counts: ImportCounts| {
        if counts.imported > 0 {
            storage.go_down();
        }
    };
    let result = case.imports().run(arrived, &watch).await;
    assert_refused!(result, ImportError::Domain(Error::Port(error)) if is_unavailable(&error));
    case.hospital.fakes.storage.recover();
    assert_eq!(case.everyone(Role::Patient).await.len(), 2 + 500);
    let job = case.job().await;
    assert_eq!(
        (job.state, job.counts),
        (ImportState::Running, counts(601, 500, 0, 1)),
        "no later heartbeat was possible"
    );
    case.hospital.fakes.clock.advance(TimeDelta::seconds(31));
    assert_eq!(case.job().await.state, ImportState::Interrupted);
}

#[tokio::test]
async fn accounts_stored_before_another_failure_are_counted() {
    let case = Case::new().await;
    let rows = patients(500) + "李娜,,13900000001,,,患者,,own secret\n李娜,,1,,,患者,,\n";
    let arrived = case.receive(&rows, ORDINARY).await.unwrap();
    let hasher = case.hospital.fakes.hasher.clone();
    let watch = |counts: ImportCounts| hasher.set_down(counts.imported > 0);
    let result = case.imports().run(arrived, &watch).await;
    assert_refused!(
        result,
        ImportError::Domain(Error::Port(PortError::Unavailable { part: Part::PasswordHasher, .. }))
    );
    let job = case.job().await;
    assert_eq!((job.state, job.counts), (ImportState::Failed(None), counts(502, 500, 0, 1)));
}

#[tokio::test]
async fn irrelevant_columns_and_rows_are_skipped_and_unknown_columns_reported() {
    let case = Case::new().await;
    let csv = "姓名,备注,电话,角色\n张伟,常客,13800000001,患者\n,只有备注,,\n";
    let content = arriving(csv.as_bytes());
    let arrived = case.imports().receive(&case.admin.actor, content, u64::MAX, ORDINARY).await.unwrap();
    let report = case.imports().run(arrived, &|_| {}).await.unwrap();
    assert_eq!(report.counts, counts(1, 1, 0, 0));
    assert_eq!(report.unknown_columns, [(String::new(), "备注".to_owned())]);
    let outcome = case.imports().outcome(&case.admin.actor, report.job.id).await.unwrap();
    assert_eq!(outcome.remarks.unknown_columns, report.unknown_columns, "it is told later, too");
}

#[tokio::test]
async fn the_first_five_thousand_rows_to_correct_are_kept() {
    let case = Case::new().await;
    let report = case.import(&rows(5001, |n| format!("王{n},,1,,,患者,,\n")), ORDINARY).await.unwrap();
    assert_eq!((report.counts, report.issues.len()), (counts(5001, 0, 0, 5001), 5001));
    let workbook = case.workbook(report.job.id).await;
    assert_eq!(workbook.iter().filter(|line| line.ends_with("phone.invalid")).count(), 5000);
    assert!(!workbook.iter().any(|line| line.starts_with("王5000,")));
}

#[tokio::test]
async fn an_invalid_file_changes_nothing_and_the_import_has_the_reason() {
    let case = Case::new().await;
    let (damaged, no_columns) = (RosterFault::Damaged, RosterFault::NotASpreadsheet);
    for (ending, content, fault) in [
        (RosterEnding::Damaged, format!("{HEADERS}{}", patients(600)), Some(damaged)),
        (RosterEnding::Failing, format!("{HEADERS}{}", patients(600)), None),
        (RosterEnding::Whole, "a,b\n1,2\n".to_owned(), Some(no_columns)),
    ] {
        case.hospital.fakes.rosters.set_ending(ending);
        let content = arriving(content.as_bytes());
        let arrived = case.imports().receive(&case.admin.actor, content, u64::MAX, ORDINARY).await.unwrap();
        let id = arrived.job.id;
        let error = case.imports().run(arrived, &|_| {}).await.unwrap_err();
        match error {
            ImportError::Read(ReadRosterError::Fault(found)) => assert_eq!(Some(found), fault),
            ImportError::Read(ReadRosterError::Port(error)) => {
                assert!(matches!(error, PortError::Unavailable { part: Part::Spreadsheets, .. }));
                assert_eq!(fault, None);
            }
            other => panic!("{other:?}"),
        }
        let job = case.job().await;
        assert_eq!((job.id, job.state, job.counts.imported), (id, ImportState::Failed(fault), 0));
        assert_eq!(case.everyone(Role::Patient).await.len(), 2);
    }
}

#[tokio::test]
async fn a_phone_number_taken_during_an_atomic_import_fails_it() {
    let case = Case::new().await;
    let arrived = case.receive(&patients(3), ATOMIC).await.unwrap();
    // Taken after the check, and before the account is stored.
    let occupied = case.hospital.fakes.hasher.occupy().await;
    let mut run = pin!(case.imports().run(arrived, &|_| {}));
    assert!(poll!(&mut run).is_pending());
    let rival = case.hospital.another_instance().use_cases.roster_import;
    drop(occupied);
    let content = arriving(format!("{HEADERS}{}", patients(1)).as_bytes());
    let other = rival.receive(&case.admin.actor, content, u64::MAX, ORDINARY).await.unwrap();
    rival.run(other, &|_| {}).await.unwrap();
    let report = run.await.unwrap();
    assert_eq!(
        (report.counts, issues(&report)),
        (counts(3, 0, 1, 0), vec![(2, vec![RowProblem::PhoneTaken])])
    );
    assert_eq!(case.everyone(Role::Patient).await.len(), 2 + 1);
}

#[tokio::test]
async fn an_interrupted_upload_begins_no_import() {
    let case = Case::new().await;
    let receive = async |content, limit| {
        let received = case.imports().receive(&case.admin.actor, content, limit, ORDINARY).await;
        let Err(ImportError::Read(error)) = received.map(drop) else { panic!("the file was received") };
        error
    };
    let error = receive(arriving(b"a,b\n"), 3).await;
    assert!(matches!(error, ReadRosterError::TooLarge { limit: 3 }), "{error:?}");
    let largest = usize::try_from(RosterImport::MAX_BYTES).unwrap();
    let error = receive(arriving(&vec![b'a'; largest + 1]), u64::MAX).await;
    assert!(matches!(error, ReadRosterError::TooLarge { limit: RosterImport::MAX_BYTES }), "{error:?}");
    let error = receive(breaking_off(HEADERS.as_bytes()), u64::MAX).await;
    assert!(matches!(error, ReadRosterError::Interrupted(_)), "{error:?}");
    let error = receive(arriving(b"hello"), u64::MAX).await;
    assert!(matches!(error, ReadRosterError::Fault(RosterFault::NotASpreadsheet)), "{error:?}");
    assert_refused!(case.imports().find(&case.admin.actor, None).await, Error::NotFound);

    case.hospital.fakes.storage.go_down();
    let received = case.receive("", ORDINARY).await.map(drop);
    assert_refused!(received, ImportError::Domain(Error::Port(error)) if is_unavailable(&error));
}

#[tokio::test]
async fn an_import_is_found_by_its_id_or_as_the_callers_newest() {
    let case = Case::new().await;
    let other_admin = case.hospital.admin("主任").await;
    let first = case.import(&patients(1), DRY_RUN).await.unwrap().job.id;
    let second = case.import(&patients(1), DRY_RUN).await.unwrap().job.id;
    let find = async |person: &Person, id| case.imports().find(&person.actor, id).await;
    assert_eq!(case.job().await.id, second);
    assert_eq!(find(&case.admin, Some(first)).await.unwrap().id, first);
    assert_eq!(find(&other_admin, Some(first)).await.unwrap().id, first, "by id, any admin's");
    assert_refused!(find(&other_admin, None).await, Error::NotFound);
    let unknown = ImportJobId::from_bytes([0; 16]);
    assert_refused!(find(&case.admin, Some(unknown)).await, Error::NotFound);
    let report = case.imports().report_workbook(&case.admin.actor, unknown, "", &|_| String::new()).await;
    assert_refused!(report, Error::NotFound);
}

#[tokio::test]
async fn a_running_import_sends_heartbeats_while_it_waits() {
    for waits_for_hasher in [false, true] {
        let case = Case::new().await;
        let fakes = &case.hospital.fakes;
        let occupied = if waits_for_hasher {
            Some(fakes.hasher.occupy().await)
        } else {
            fakes.rosters.set_ending(RosterEnding::Stalling);
            None
        };
        let arrived = case.receive(&patients(1), ORDINARY).await.unwrap();
        let mut run = pin!(case.imports().run(arrived, &|_| {}));
        assert!(poll!(&mut run).is_pending());
        // For longer than an import without a heartbeat counts as running.
        for _ in 0..8 {
            fakes.clock.advance(TimeDelta::seconds(4));
            assert!(poll!(&mut run).is_pending());
            assert!(case.job().await.last_heartbeat_at < fakes.clock.now(), "at most every five seconds");
            fakes.clock.advance(TimeDelta::seconds(1));
            assert!(poll!(&mut run).is_pending());
            let job = case.job().await;
            assert_eq!((job.last_heartbeat_at, job.state), (fakes.clock.now(), ImportState::Running));
        }
        if let Some(occupied) = occupied {
            drop(occupied);
            assert_eq!(run.await.unwrap().counts, counts(1, 1, 0, 0));
            assert_eq!(case.job().await.state, ImportState::Done);
        }
    }
}

#[tokio::test]
async fn a_failed_heartbeat_does_not_end_the_import() {
    let case = Case::new().await;
    let fakes = &case.hospital.fakes;
    let occupied = fakes.hasher.occupy().await;
    let arrived = case.receive(&patients(1), ORDINARY).await.unwrap();
    let mut run = pin!(case.imports().run(arrived, &|_| {}));
    assert!(poll!(&mut run).is_pending());
    fakes.storage.go_down();
    fakes.clock.advance(TimeDelta::seconds(35));
    assert!(poll!(&mut run).is_pending());
    fakes.storage.recover();
    assert_eq!(case.job().await.state, ImportState::Interrupted, "as seen by others");
    fakes.clock.advance(TimeDelta::seconds(5));
    assert!(poll!(&mut run).is_pending());
    assert_eq!(case.job().await.state, ImportState::Running);
    drop(occupied);
    assert_eq!(run.await.unwrap().counts.imported, 1);
}

#[tokio::test]
async fn a_dropped_import_is_interrupted() {
    let case = Case::new().await;
    let occupied = case.hospital.fakes.hasher.occupy().await;
    {
        let arrived = case.receive(&patients(1), ORDINARY).await.unwrap();
        let mut run = pin!(case.imports().run(arrived, &|_| {}));
        assert!(poll!(&mut run).is_pending());
    }
    drop(occupied);
    for (seconds, state) in [(30, ImportState::Running), (1, ImportState::Interrupted)] {
        case.hospital.fakes.clock.advance(TimeDelta::seconds(seconds));
        assert_eq!(case.job().await.state, state);
    }
}

#[tokio::test]
async fn rows_are_deleted_after_a_day_and_imports_after_thirty() {
    let case = Case::new().await;
    let report = case.import("李娜,,1,,,医师,,\n", ORDINARY).await.unwrap();
    let (imports, clock) = (case.imports(), &case.hospital.fakes.clock);
    let keeps_rows = async || case.workbook(report.job.id).await.concat().contains("李娜");
    clock.advance(TimeDelta::days(1));
    assert_eq!((imports.forget().await.unwrap(), keeps_rows().await), (0, true));
    clock.advance(TimeDelta::seconds(1));
    assert_eq!((imports.forget().await.unwrap(), keeps_rows().await), (1, false));
    clock.advance(TimeDelta::days(29) - TimeDelta::seconds(1));
    assert_eq!(imports.forget().await.unwrap(), 0);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(imports.forget().await.unwrap(), 1);
    assert_refused!(imports.find(&case.admin.actor, Some(report.job.id)).await, Error::NotFound);
}

#[tokio::test]
async fn a_template_can_be_filled_in_and_its_examples_are_not_imported() {
    let case = Case::new().await;
    let template = String::from_utf8(case.imports().template(&case.admin.actor).await.unwrap()).unwrap();
    let lines: Vec<_> = template.lines().collect();
    assert_eq!(
        (lines.len(), lines[0], lines[3]),
        (6, "患者", "医师"),
        "two sheets of a header and an example"
    );
    let patients = format!("{}\n{}\n", lines[1], lines[2]);
    let arrived =
        case.imports().receive(&case.admin.actor, arriving(patients.as_bytes()), u64::MAX, ORDINARY);
    let report = case.imports().run(arrived.await.unwrap(), &|_| {}).await.unwrap();
    assert_eq!(report.counts, counts(0, 0, 0, 0));
    assert!(report.unknown_columns.is_empty());

    case.hospital.fakes.workbooks.set_down(true);
    let down = case.imports().template(&case.admin.actor).await;
    assert_refused!(down, Error::Port(PortError::Unavailable { part: Part::Spreadsheets, .. }));
}
