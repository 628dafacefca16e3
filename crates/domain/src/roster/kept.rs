//! Rows kept for correction.

use super::cell;
use super::column::{Column, role_of_sheet};
use super::person::role_of;
use super::roster_cell::RosterCell;
use super::{RosterPerson, RowProblem};
use crate::account::{Age, Role, Sex};

/// A row that was not imported, kept temporarily so that it can be corrected and sent again. Passwords are
/// not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// The sheet's name; empty for CSV.
    pub sheet: String,
    /// The row number as displayed.
    pub row: u32,
    /// Its problems.
    pub problems: Vec<RowProblem>,
    /// Its non-empty cells.
    pub cells: Vec<(Column, String)>,
}

impl KeptRow {
    /// Maximum number of characters kept per cell.
    const CELL_CHARS: usize = 300;

    /// Builds it from a row as read.
    pub(crate) fn of_cells(
        sheet: &str,
        row: u32,
        problems: &[RowProblem],
        cells: &[(Column, RosterCell)],
    ) -> Self {
        let mut kept: Vec<(Column, String)> = Vec::new();
        for (column, cell) in cells.iter().filter(|(column, _)| *column != Column::InitialPassword) {
            let text = cell::clean(&cell.to_text());
            if text.is_empty() {
                continue;
            }
            // If a row has two values for a column, both are shown for a person to choose.
            match kept.iter_mut().find(|(known, _)| known == column) {
                Some((_, first)) if *first == text => {}
                Some((_, first)) => *first = format!("{first} / {text}"),
                None => kept.push((*column, text)),
            }
        }
        for (_, text) in &mut kept {
            *text = text.chars().take(Self::CELL_CHARS).collect();
        }
        Self { sheet: sheet.to_owned(), row, problems: problems.to_vec(), cells: kept }
    }

    /// Builds it from a parsed row.
    pub(crate) fn of_person(sheet: &str, row: u32, problem: RowProblem, person: &RosterPerson) -> Self {
        let cells = [
            (Column::Name, person.name.as_str().to_owned()),
            (Column::Sex, person.sex.map_or("", Sex::as_str).to_owned()),
            (Column::Phone, person.phone.as_str().to_owned()),
            (Column::HomeAddress, person.home_address.as_str().to_owned()),
            (Column::Age, person.age.map(Age::years).map(|years| years.to_string()).unwrap_or_default()),
            (Column::BirthDate, person.birth_date.map(|birth| birth.date().to_string()).unwrap_or_default()),
            (Column::Hospital, person.hospital.as_str().to_owned()),
            (Column::Role, person.role.as_str().to_owned()),
        ];
        let cells = cells.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        Self { sheet: sheet.to_owned(), row, problems: vec![problem], cells }
    }

    /// Size of its text in bytes.
    pub(crate) fn size(&self) -> usize {
        self.sheet.len() + self.cells.iter().map(|(_, text)| text.len()).sum::<usize>()
    }

    /// The text of a column; empty if there is none.
    pub fn text(&self, column: Column) -> &str {
        self.cells.iter().find(|(known, _)| *known == column).map_or("", |(_, text)| text.as_str())
    }

    /// Whether the row is only skipped.
    pub fn is_skip(&self) -> bool {
        self.problems.iter().all(|problem| problem.is_skip())
    }

    /// The role of the person, if it is known.
    pub fn role(&self) -> Option<Role> {
        match self.text(Column::Role) {
            "" => role_of_sheet(&self.sheet),
            text => role_of(text),
        }
    }
}
