//! Results of an import, and the rows to correct.

use crate::roster::{ImportCounts, ImportJob, KeptRow, RowIssue, RowProblem};

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
}

/// Rows to keep, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    rows: Vec<KeptRow>,
    bytes: usize,
}

impl Keeper {
    const ROWS: usize = 5000;
    const BYTES: usize = 4 << 20;

    pub(super) fn keep(&mut self, row: impl FnOnce() -> KeptRow) {
        if self.rows.len() < Self::ROWS && self.bytes < Self::BYTES {
            let row = row();
            self.bytes += row.size();
            self.rows.push(row);
        }
    }

    pub(super) fn into_rows(self) -> Vec<KeptRow> {
        self.rows
    }
}
