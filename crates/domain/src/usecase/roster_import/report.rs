//! Results of an import, and the rows to correct.

use crate::account::AccountSummary;
use crate::roster::{ImportCounts, ImportJob, ImportJobId, ImportRemarks, KeptRow, RowIssue, RowProblem};

/// Formats the problems of a row as text.
pub type ProblemWording<'a> = &'a (dyn Fn(&[RowProblem]) -> String + Send + Sync);

/// The result of an import.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The import.
    pub job: ImportJob,
    /// Number of rows imported, skipped and failed.
    pub counts: ImportCounts,
    /// The sheets' names; empty for CSV.
    pub sheets: Vec<String>,
    /// The rows that were not imported: failed ones first, then skipped ones, each in file order.
    pub issues: Vec<RowIssue>,
    /// Unrecognised headers with their sheets.
    pub unknown_columns: Vec<(String, String)>,
    /// Sheets skipped because none of their headers is recognised.
    pub ignored_sheets: Vec<String>,
    /// The first rows to correct, up to a limit.
    pub(super) kept: Vec<KeptRow>,
}

impl ImportReport {
    /// The name of an issue's sheet.
    pub fn sheet(&self, issue: &RowIssue) -> &str {
        self.sheets.get(issue.sheet).map_or("", String::as_str)
    }

    /// What of the file is not used.
    pub(super) fn remarks(&self) -> ImportRemarks {
        ImportRemarks {
            unknown_columns: self.unknown_columns.clone(),
            ignored_sheets: self.ignored_sheets.clone(),
        }
    }
}

/// An import with what became of it.
#[derive(Debug, Clone)]
pub struct ImportOutcome {
    /// The import; its state is as of now.
    pub job: ImportJob,
    /// Who started it; `None` if the account no longer exists.
    pub started_by: Option<AccountSummary>,
    /// Whether the caller can import the file of this dry run without sending it again.
    pub is_held: bool,
    /// The import that was started with the file of this dry run.
    pub follower: Option<ImportJobId>,
    /// The first rows that were not imported, those to correct first; deleted after a day.
    pub left_out: Vec<KeptRow>,
    /// What of the file is not used.
    pub remarks: ImportRemarks,
}

/// Rows to keep, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    rows: Vec<KeptRow>,
    skipped: Vec<KeptRow>,
    bytes: usize,
}

impl Keeper {
    const ROWS: usize = 5000;
    const BYTES: usize = 4 << 20;

    /// Keeps a row to correct.
    pub(super) fn keep(&mut self, row: impl FnOnce() -> KeptRow) {
        if self.rows.len() < Self::ROWS && self.bytes < Self::BYTES {
            let row = row();
            self.bytes += row.size();
            self.rows.push(row);
        }
    }

    /// Keeps a row that is only skipped.
    pub(super) fn keep_skipped(&mut self, row: impl FnOnce() -> KeptRow) {
        if self.skipped.len() < Self::ROWS && self.bytes < Self::BYTES {
            let row = row();
            self.bytes += row.size();
            self.skipped.push(row);
        }
    }

    /// Those to correct first.
    pub(super) fn into_rows(self) -> Vec<KeptRow> {
        let Self { mut rows, mut skipped, .. } = self;
        skipped.sort_by(|one, other| (&one.sheet, one.row).cmp(&(&other.sheet, other.row)));
        rows.extend(skipped);
        rows.truncate(Self::ROWS);
        rows
    }
}
