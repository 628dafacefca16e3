//! Rows of imports, and of roster rows that were not imported.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::roster::{
    Column, ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportRemarks, ImportState, KeptRow,
    RosterFault, RowProblem,
};

use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::{import_job, import_row};

/// The stored form of an import's state: a code, and the fault of the file.
pub(crate) fn import_state_code(state: ImportState) -> (i16, Option<String>) {
    match state {
        // An interruption is not stored, but derived from the last heartbeat.
        ImportState::Running | ImportState::Interrupted => (0, None),
        ImportState::Done => (1, None),
        ImportState::Failed(fault) => (2, fault.map(RosterFault::code)),
    }
}

/// The stored form of a number of rows.
pub(crate) fn stored_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An import row.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = import_job, treat_none_as_default_value = false)]
pub(crate) struct ImportJobRow {
    id: String,
    started_by: String,
    dry_run: bool,
    atomic: bool,
    state: i16,
    fault: Option<String>,
    total: i64,
    imported: i64,
    skipped: i64,
    failed: i64,
    started_at: NaiveDateTime,
    last_heartbeat_at: NaiveDateTime,
    holds_file: bool,
    follows: Option<String>,
}

impl ImportJobRow {
    pub(crate) fn new(job: &ImportJob) -> Self {
        let (state, fault) = import_state_code(job.state);
        Self {
            id: job.id.to_string(),
            started_by: job.started_by.to_string(),
            dry_run: job.options.dry_run,
            atomic: job.options.atomic,
            state,
            fault,
            total: stored_count(job.counts.total),
            imported: stored_count(job.counts.imported),
            skipped: stored_count(job.counts.skipped),
            failed: stored_count(job.counts.failed),
            started_at: stored_time(job.started_at),
            last_heartbeat_at: stored_time(job.last_heartbeat_at),
            holds_file: job.holds_file,
            follows: job.follows.map(|id| id.to_string()),
        }
    }
}

impl TryFrom<ImportJobRow> for ImportJob {
    type Error = Corrupt;

    fn try_from(row: ImportJobRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("import_job", &row.id);
        let fault = row.fault.as_deref().map(|code| columns.present("fault", RosterFault::of_code(code)));
        let fault = fault.transpose()?;
        let state = match row.state {
            0 => ImportState::Running,
            1 => ImportState::Done,
            2 => ImportState::Failed(fault),
            code => return Err(columns.corrupt("state", format_args!("unknown code {code}"))),
        };
        let count = |column, value: i64| columns.value(column, u64::try_from(value));
        let follows = row.follows.as_deref().map(|id| columns.present("follows", ImportJobId::parse(id)));
        Ok(Self {
            id: columns.present("id", ImportJobId::parse(&row.id))?,
            started_by: columns.uuid("started_by", &row.started_by)?,
            options: ImportOptions { dry_run: row.dry_run, atomic: row.atomic },
            state,
            counts: ImportCounts {
                total: count("total", row.total)?,
                imported: count("imported", row.imported)?,
                skipped: count("skipped", row.skipped)?,
                failed: count("failed", row.failed)?,
            },
            started_at: row.started_at.and_utc(),
            last_heartbeat_at: row.last_heartbeat_at.and_utc(),
            holds_file: row.holds_file,
            follows: follows.transpose()?,
        })
    }
}

/// The stored form of what is not used of a file.
pub(crate) fn stored_remarks(remarks: &ImportRemarks) -> String {
    let plain = |text: &str| text.chars().filter(|char| !char.is_control()).collect::<String>();
    let columns = remarks.unknown_columns.iter();
    let columns = columns.map(|(sheet, column)| format!("{}{INSIDE_A_PAIR}{}", plain(sheet), plain(column)));
    let sheets = remarks.ignored_sheets.iter().map(|sheet| plain(sheet));
    columns.chain(sheets).collect::<Vec<_>>().join(&BETWEEN_PAIRS.to_string())
}

/// What is not used of a file, from its stored form.
pub(crate) fn remarks_of(stored: &str) -> ImportRemarks {
    let mut remarks = ImportRemarks::default();
    for remark in stored.split(BETWEEN_PAIRS).filter(|remark| !remark.is_empty()) {
        match remark.split_once(INSIDE_A_PAIR) {
            Some((sheet, column)) => remarks.unknown_columns.push((sheet.to_owned(), column.to_owned())),
            None => remarks.ignored_sheets.push(remark.to_owned()),
        }
    }
    remarks
}

const INSIDE_A_PAIR: char = '\u{1f}';
const BETWEEN_PAIRS: char = '\u{1e}';
/// Maximum number of characters stored of a sheet's name.
const SHEET_CHARS: usize = 255;

/// A row of a roster that was not imported.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = import_row, treat_none_as_default_value = false)]
pub(crate) struct ImportRowRow {
    job_id: String,
    place: i32,
    sheet: String,
    source_row: i64,
    problems: String,
    cells: String,
}

impl ImportRowRow {
    pub(crate) fn new(id: ImportJobId, place: i32, row: &KeptRow) -> Self {
        let problems: Vec<&str> = row.problems.iter().map(|problem| problem.slug()).collect();
        // The texts contain no control characters.
        let pairs =
            row.cells.iter().map(|(column, text)| format!("{}{INSIDE_A_PAIR}{text}", column.header()));
        Self {
            job_id: id.to_string(),
            place,
            sheet: row.sheet.chars().take(SHEET_CHARS).collect(),
            source_row: row.row.into(),
            problems: problems.join(" "),
            cells: pairs.collect::<Vec<_>>().join(&BETWEEN_PAIRS.to_string()),
        }
    }
}

impl TryFrom<ImportRowRow> for KeptRow {
    type Error = Corrupt;

    fn try_from(row: ImportRowRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("import_row", format!("{}/{}", row.job_id, row.place));
        let problems = row.problems.split(' ').filter(|slug| !slug.is_empty());
        let problems = problems.map(|slug| columns.present("problems", RowProblem::of_slug(slug)));
        let cell = |pair: &str| {
            let (header, text) = columns.present("cells", pair.split_once(INSIDE_A_PAIR))?;
            Ok((columns.present("cells", Column::of(header))?, text.to_owned()))
        };
        let pairs = row.cells.split(BETWEEN_PAIRS).filter(|pair| !pair.is_empty());
        Ok(Self {
            row: columns.value("source_row", u32::try_from(row.source_row))?,
            problems: problems.collect::<Result<_, _>>()?,
            cells: pairs.map(cell).collect::<Result<_, Corrupt>>()?,
            sheet: row.sheet,
        })
    }
}
