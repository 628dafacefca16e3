//! Contract of [`ImportRepository`](yilin_domain::port::ImportRepository).

use yilin_domain::account::{Account, NewAccount, Role};
use yilin_domain::port::AccountTaken;
use yilin_domain::roster::{
    Column, ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportRemarks, ImportState, KeptRow,
    RosterFault, RowProblem,
};

use super::Subject;
use super::arrange::{EVERYTHING, at, everyone, new_phone, person};

fn id(number: u8) -> ImportJobId {
    ImportJobId::from_bytes([number; 16])
}

fn job(by: &Account, number: u8) -> ImportJob {
    ImportJob {
        id: id(number),
        started_by: by.uuid,
        options: ImportOptions { dry_run: number.is_multiple_of(2), atomic: number.is_multiple_of(3) },
        state: ImportState::Running,
        counts: ImportCounts::default(),
        started_at: at(0),
        last_heartbeat_at: at(0),
        holds_file: false,
        follows: None,
    }
}

fn kept(row: u32) -> KeptRow {
    KeptRow {
        sheet: "患者".to_owned(),
        row,
        problems: vec![RowProblem::PhoneInvalid, RowProblem::AgeInvalid],
        cells: vec![
            (Column::Name, "王秀英".to_owned()),
            (Column::HomeAddress, "'\"%_\\,\n 人民路1号🏠".replace('\n', " ")),
        ],
    }
}

const COUNTS: ImportCounts = ImportCounts { total: 70_000, imported: 65_000, skipped: 4_000, failed: 1_000 };

impl Subject {
    async fn begun(&self, number: u8) -> ImportJob {
        let admin = self.insert_person(Role::Admin, &format!("admin{number}")).await;
        let job = job(&admin, number);
        self.imports.begin(&job).await.unwrap();
        job
    }

    async fn import(&self, number: u8) -> ImportJob {
        self.imports.find(id(number)).await.unwrap().expect("the import has begun")
    }

    async fn patients(&self) -> u64 {
        self.accounts.page(&everyone(Role::Patient), EVERYTHING).await.unwrap().total
    }
}

fn patients(number: usize) -> Vec<NewAccount> {
    (0..number).map(|number| person(Role::Patient, &format!("王秀英{number}"))).collect()
}

/// An import is found as it was begun, and an unknown one is not.
pub async fn an_import_is_stored_as_it_began(subject: &Subject) {
    for number in [1, 2, 3, 6] {
        let job = subject.begun(number).await;
        assert_eq!(subject.import(number).await, job);
    }
    assert_eq!(subject.imports.find(id(9)).await.unwrap(), None);
}

/// Accounts and counts are stored together; accounts with a taken phone number count as skipped.
pub async fn progress_is_stored_with_the_accounts(subject: &Subject) {
    subject.begun(1).await;
    let reached = ImportCounts { total: 10, failed: 2, skipped: 1, imported: 0 };
    subject.imports.advance(id(1), reached, at(5)).await.unwrap();
    let mut people = patients(6);
    let phone = people[1].phone.clone();
    people[4].phone = phone;
    let verdicts = subject.imports.import(id(1), people.clone(), false, at(6), None).await.unwrap();
    let taken: Vec<bool> = verdicts.iter().map(Result::is_err).collect();
    assert_eq!(taken, [false, false, false, false, true, false]);
    assert_eq!(verdicts[4], Err(AccountTaken::Phone));
    let stored = subject.import(1).await;
    assert_eq!(stored.counts, ImportCounts { imported: 5, skipped: 2, ..reached });
    assert_eq!((stored.last_heartbeat_at, stored.state), (at(6), ImportState::Running));
    assert_eq!(subject.patients().await, 5);
    subject.imports.beat(id(1), at(9)).await.unwrap();
    assert_eq!(subject.import(1).await, ImportJob { last_heartbeat_at: at(9), ..stored });
}

/// With a taken phone number nothing is stored or counted; otherwise everything is.
pub async fn a_whole_roster_is_stored_or_nothing_of_it(subject: &Subject) {
    subject.begun(3).await;
    let mut people = patients(450);
    let (taken, free) = (people[3].phone.clone(), people[400].phone.clone());
    people[400].phone = taken;
    let verdicts = subject.imports.import(id(3), people.clone(), true, at(1), None).await.unwrap();
    assert_eq!(verdicts.iter().filter(|verdict| verdict.is_err()).count(), 1);
    assert!(verdicts[400].is_err());
    assert_eq!((subject.patients().await, subject.import(3).await.counts), (0, ImportCounts::default()));
    people[400].phone = free;
    let verdicts = subject.imports.import(id(3), people, true, at(2), None).await.unwrap();
    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!((subject.patients().await, subject.import(3).await.counts.imported), (450, 450));
}

/// Whether phone numbers are taken is reported in order, for any number of them.
pub async fn taken_phone_numbers_are_told(subject: &Subject) {
    let mut phones: Vec<_> = (0..1200).map(|_| new_phone()).collect();
    let mut somebody = person(Role::Physician, "张伟");
    somebody.phone = Some(phones[1100].clone());
    subject.insert(somebody).await;
    phones.push(phones[1100].clone());
    let taken = subject.imports.taken(&phones).await.unwrap();
    let places: Vec<usize> = (0..taken.len()).filter(|place| taken[*place]).collect();
    assert_eq!((places, taken.len()), (vec![1100, 1200], 1201));
    assert!(subject.imports.taken(&[]).await.unwrap().is_empty());
}

/// Of several imports with the file of one dry run, one is stored, and all get that one.
pub async fn a_dry_run_is_followed_once(subject: &Subject) {
    let checked = subject.begun(2).await;
    assert_eq!(subject.imports.follower(checked.id).await.unwrap(), None);
    let admin = subject.accounts.find(checked.started_by).await.unwrap().expect("it is stored");
    let following = |number: u8| ImportJob { follows: Some(id(2)), ..job(&admin, number) };
    let (five, seven, eleven) = (following(5), following(7), following(11));
    let (one, other, third) = futures_util::join!(
        subject.imports.begin(&five),
        subject.imports.begin(&seven),
        subject.imports.begin(&eleven)
    );
    let first = one.unwrap();
    assert_eq!((&other.unwrap(), &third.unwrap()), (&first, &first));
    assert!([&five, &seven, &eleven].contains(&&first));
    assert_eq!(subject.imports.follower(id(2)).await.unwrap(), Some(first.clone()));
    assert_eq!(subject.imports.recent(9).await.unwrap().len(), 2);
    // Others follow other dry runs, or none.
    subject.begun(4).await;
    let next = ImportJob { follows: Some(id(4)), ..job(&admin, 13) };
    assert_eq!(subject.imports.begin(&next).await.unwrap(), next);
    assert_eq!(subject.imports.follower(first.id).await.unwrap(), None);
}

/// The file of a dry run is held until it is released.
pub async fn a_held_file_is_released(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    for number in [2, 4] {
        let held = ImportJob { holds_file: true, ..job(&admin, number) };
        assert_eq!(subject.imports.begin(&held).await.unwrap(), held);
        assert_eq!(subject.import(number).await, held);
    }
    subject.imports.release(id(2)).await.unwrap();
    assert_eq!((subject.import(2).await.holds_file, subject.import(4).await.holds_file), (false, true));
}

/// What of a file is not used is stored in order, without control characters.
pub async fn what_of_a_file_is_not_used_is_stored(subject: &Subject) {
    subject.begun(1).await;
    subject.begun(2).await;
    let pair = |sheet: &str, column: &str| (sheet.to_owned(), column.to_owned());
    let long = "备".repeat(50);
    let mut remarks = ImportRemarks {
        unknown_columns: vec![pair("", "备注"), pair("患者", "身份\u{1e}证\u{1f}号")],
        ignored_sheets: vec!["说明".to_owned(), "统\n计".to_owned()],
    };
    remarks.unknown_columns.extend((0..98).map(|_| pair(&long, &long)));
    remarks.ignored_sheets.extend((0..98).map(|_| long.clone()));
    subject.imports.remark(id(1), &remarks).await.unwrap();
    remarks.unknown_columns[1] = pair("患者", "身份证号");
    "统计".clone_into(&mut remarks.ignored_sheets[1]);
    assert_eq!(subject.imports.remarks(id(1)).await.unwrap(), remarks);
    assert_eq!(subject.imports.remarks(id(2)).await.unwrap(), ImportRemarks::default());
    assert_eq!(subject.imports.remarks(id(9)).await.unwrap(), ImportRemarks::default());
}

/// The end of an import is stored with its counts and the rows to keep, exactly and in order.
pub async fn an_end_is_stored_with_the_rows_to_keep(subject: &Subject) {
    subject.begun(1).await;
    subject.begun(2).await;
    let rows: Vec<KeptRow> = (1..=450).rev().map(kept).collect();
    subject.imports.finish(id(1), ImportState::Done, COUNTS, rows.clone(), at(8)).await.unwrap();
    let stored = subject.import(1).await;
    assert_eq!((stored.state, stored.counts, stored.last_heartbeat_at), (ImportState::Done, COUNTS, at(8)));
    assert_eq!(subject.imports.kept_rows(id(1)).await.unwrap(), rows);
    assert_eq!(subject.imports.kept_rows(id(2)).await.unwrap(), []);
    assert_eq!(subject.import(2).await.state, ImportState::Running);
}

/// Every fault of a file is stored, and so is its absence.
pub async fn a_file_can_be_at_fault(subject: &Subject) {
    subject.begun(1).await;
    for fault in RosterFault::EXAMPLES.into_iter().map(Some).chain([None]) {
        let state = ImportState::Failed(fault);
        subject.imports.finish(id(1), state, ImportCounts::default(), Vec::new(), at(1)).await.unwrap();
        assert_eq!(subject.import(1).await.state, state);
    }
}

/// The newest import is the one that began last, even within one second.
pub async fn the_newest_import_of_an_account_is_found(subject: &Subject) {
    let first = subject.begun(9).await;
    let admin = subject.accounts.find(first.started_by).await.unwrap().expect("it is stored");
    subject.imports.begin(&job(&admin, 4)).await.unwrap();
    let others = subject.begun(5).await;
    let newest = async |by| subject.imports.newest_of(by).await.unwrap().map(|job| job.id);
    assert_eq!(newest(admin.uuid).await, Some(id(4)));
    assert_eq!(newest(others.started_by).await, Some(id(5)));
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    assert_eq!(newest(patient.uuid).await, None);
}

/// The imports of all accounts are listed in the order of their beginnings, the newest first.
pub async fn recent_imports_come_newest_first(subject: &Subject) {
    let recent = async |limit| {
        let jobs = subject.imports.recent(limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(recent(5).await, []);
    for number in [9, 4, 5] {
        subject.begun(number).await;
    }
    assert_eq!(recent(5).await, [id(5), id(4), id(9)]);
    assert_eq!(recent(2).await, [id(5), id(4)]);
}

/// Rows are deleted before their imports; imports with a later heartbeat are kept.
pub async fn imports_are_forgotten(subject: &Subject) {
    for (number, heard) in [(1, 10), (2, 20), (3, 30)] {
        subject.begun(number).await;
        let rows = vec![kept(1), kept(2)];
        subject.imports.finish(id(number), ImportState::Done, COUNTS, rows, at(heard)).await.unwrap();
    }
    let forget = async |rows, jobs| subject.imports.forget_imports(at(rows), at(jobs)).await.unwrap();
    assert_eq!(forget(10, 10).await, 0);
    assert_eq!(forget(30, 20).await, 5, "the rows of two, and one of them");
    assert_eq!(subject.imports.find(id(1)).await.unwrap(), None);
    assert_eq!(subject.imports.kept_rows(id(2)).await.unwrap(), []);
    assert_eq!(subject.import(2).await.counts, COUNTS);
    assert_eq!(subject.imports.kept_rows(id(3)).await.unwrap().len(), 2);
    assert_eq!(forget(30, 20).await, 0);
}
