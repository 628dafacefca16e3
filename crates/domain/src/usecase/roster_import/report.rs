//! How an import went, and the rows to correct.

use crate::roster::{ImportCounts, ImportJob, KeptRow, RowIssue, RowProblem};

/// Puts what is wrong with a row into words.
pub type ProblemWording<'a> = &'a (dyn Fn(&[RowProblem]) -> String + Send + Sync);

/// How an import went.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The import.
    pub job: ImportJob,
    /// How many rows were imported, skipped, and failed.
    pub counts: ImportCounts,
    /// The sheets' names; empty for CSV.
    pub sheets: Vec<String>,
    /// The rows that were not imported: failed ones first, then skipped ones, each in the order of
    /// the file.
    pub issues: Vec<RowIssue>,
    /// Headers that mean nothing here, and their sheets.
    pub unknown_columns: Vec<(String, String)>,
    /// Sheets that were left out because none of their headers is known.
    pub ignored_sheets: Vec<String>,
    /// The first of the rows that have to be corrected.
    pub(super) kept: Vec<KeptRow>,
}

impl ImportReport {
    /// The name of an issue's sheet.
    pub fn sheet(&self, issue: &RowIssue) -> &str {
        self.sheets.get(issue.sheet).map_or("", String::as_str)
    }
}

/// Rows to keep, up to a bound.
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
