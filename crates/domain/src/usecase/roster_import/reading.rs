//! Reading a roster as a whole.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;

use super::report::Keeper;
use super::{ImportError, RosterImport};
use crate::account::Role;
use crate::port::{ReadRosterError, ReceivedRoster, RosterPiece, RosterRow};
use crate::roster::{
    Column, ImportOptions, KeptRow, RosterFault, RosterPerson, RowIssue, RowProblem, is_example,
    role_of_sheet,
};

/// How many headers and sheets that mean nothing are told.
const TOLD: usize = 100;
/// How much of such a name is told, in characters.
const TOLD_CHARS: usize = 50;

/// The most bytes of all people's texts: they are held until they are stored.
const TEXT: usize = 24 << 20;

/// Where a row stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The sheet's place in the file, from 0.
    pub(super) sheet: usize,
    /// The row's number as a spreadsheet program shows it.
    pub(super) row: u32,
}

/// A roster that has been read.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) sheets: Vec<String>,
    pub(super) people: Vec<(Place, RosterPerson)>,
    pub(super) issues: Vec<RowIssue>,
    pub(super) keeper: Keeper,
    pub(super) unknown_columns: Vec<(String, String)>,
    pub(super) ignored_sheets: Vec<String>,
    phones: HashSet<u64>,
    /// What the columns of the present sheet mean.
    columns: Vec<Option<Column>>,
    role: Option<Role>,
    knows_a_column: bool,
    /// How many bytes the people's texts have.
    text: usize,
    options: ImportOptions,
}

impl Reading {
    pub(super) async fn all_of(
        file: Box<dyn ReceivedRoster>,
        options: ImportOptions,
    ) -> Result<Self, ImportError> {
        let mut reading = Self { options, ..Self::default() };
        let mut pieces = file.read();
        while let Some(piece) = pieces.try_next().await? {
            match piece {
                RosterPiece::Sheet { name, headers } => reading.begin(&name, &headers),
                RosterPiece::Rows(rows) => reading.read(rows)?,
            }
        }
        if !reading.knows_a_column {
            // Any text is CSV of a kind; without a name there is nothing that tells them apart.
            let is_text = reading.sheets.iter().any(String::is_empty);
            let fault = if is_text { RosterFault::NotASpreadsheet } else { RosterFault::NoColumns };
            return Err(ReadRosterError::from(fault).into());
        }
        Ok(reading)
    }

    /// How many rows there were.
    pub(super) fn rows(&self) -> usize {
        self.people.len() + self.issues.len()
    }

    fn begin(&mut self, name: &str, headers: &[String]) {
        self.columns = headers.iter().map(|header| Column::of(header)).collect();
        self.role = role_of_sheet(name);
        let short = |text: &str| text.chars().take(TOLD_CHARS).collect::<String>();
        let name = short(name);
        if self.columns.iter().any(Option::is_some) {
            self.knows_a_column = true;
            let unknown = headers.iter().zip(&self.columns).filter(|(_, column)| column.is_none());
            let room = TOLD.saturating_sub(self.unknown_columns.len());
            let unknown = unknown.map(|(header, _)| header.trim()).filter(|header| !header.is_empty());
            self.unknown_columns.extend(unknown.take(room).map(|header| (name.clone(), short(header))));
        } else if self.ignored_sheets.len() < TOLD && !headers.is_empty() {
            self.ignored_sheets.push(name.clone());
        }
        self.sheets.push(name);
    }

    fn read(&mut self, rows: Vec<RosterRow>) -> Result<(), ReadRosterError> {
        if self.columns.iter().all(Option::is_none) {
            return Ok(());
        }
        for row in rows {
            let place = Place { sheet: self.sheets.len().saturating_sub(1), row: row.row };
            let known = |(index, text): (usize, String)| Some((*self.columns.get(index)?.as_ref()?, text));
            let cells: Vec<(Column, String)> = row.cells.into_iter().filter_map(known).collect();
            let is_empty = cells.iter().all(|(_, text)| text.trim().is_empty());
            if is_empty || is_example(&cells) {
                continue;
            }
            if self.rows() >= RosterImport::MAX_ROWS {
                return Err(RosterFault::TooManyRows.into());
            }
            self.read_person(place, &cells)?;
        }
        Ok(())
    }

    fn read_person(&mut self, place: Place, cells: &[(Column, String)]) -> Result<(), RosterFault> {
        match RosterPerson::parse(self.role, cells) {
            Ok(person) => {
                // Digits alone, so that this takes little memory.
                let digits = person.phone.as_str().parse().unwrap_or_default();
                if self.phones.insert(digits) {
                    self.text += person.size();
                    self.people.push((place, person));
                } else {
                    self.keep_skipped(place, RowProblem::PhoneRepeated, &person);
                    self.note(place, vec![RowProblem::PhoneRepeated]);
                }
            }
            Err(problems) => {
                let sheet = self.sheets.last().map_or("", String::as_str);
                self.keeper.keep(|| KeptRow::of_cells(sheet, place.row, &problems, cells));
                self.note(place, problems);
            }
        }
        if self.text > TEXT { Err(RosterFault::TooLargeInside) } else { Ok(()) }
    }

    /// Keeps a row that is skipped, if it has to be mended for the others to go in. Otherwise the
    /// person has an account, or gets one.
    pub(super) fn keep_skipped(&mut self, place: Place, problem: RowProblem, person: &RosterPerson) {
        if self.options.atomic {
            let sheet = self.sheets.get(place.sheet).map_or("", String::as_str);
            self.keeper.keep(|| KeptRow::of_person(sheet, place.row, problem, person));
        }
    }

    pub(super) fn note(&mut self, place: Place, problems: Vec<RowProblem>) {
        self.issues.push(RowIssue { sheet: place.sheet, row: place.row, problems });
    }
}
