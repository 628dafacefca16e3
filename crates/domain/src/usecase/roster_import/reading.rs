//! Reading a whole roster.

use std::collections::HashSet;

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;

use super::report::Keeper;
use super::{ImportError, RosterImport};
use crate::account::{DEFAULT_PASSWORDS, NewPassword, Role};
use crate::port::{ReadRosterError, RosterPiece, RosterPieces, RosterRow};
use crate::roster::{
    Column, HEADER_ROWS, Header, ImportOptions, KeptRow, RosterCell, RosterFault, RosterPerson, RowIssue,
    RowProblem, is_example, is_header_again, role_of_sheet,
};

/// Maximum number of unknown headers and skipped sheets reported.
const TOLD: usize = 100;
/// Maximum number of characters reported of such a name.
const TOLD_CHARS: usize = 50;

/// Maximum size of all texts in bytes: they are held in memory until they are stored.
const TEXT: usize = 24 << 20;

/// The location of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowLocation {
    /// Index of the sheet in the file, from 0.
    pub(super) sheet: usize,
    /// The row number as displayed.
    pub(super) row: u32,
}

/// A roster that has been read.
#[derive(Default)]
pub(super) struct ReadRoster {
    pub(super) sheets: Vec<String>,
    pub(super) people: Vec<(RowLocation, RosterPerson)>,
    pub(super) issues: Vec<RowIssue>,
    pub(super) keeper: Keeper,
    pub(super) unknown_columns: Vec<(String, String)>,
    pub(super) ignored_sheets: Vec<String>,
    phones: HashSet<u64>,
    sheet: Sheet,
    knows_a_column: bool,
    /// Size of the texts in bytes.
    text: usize,
    options: ImportOptions,
    /// The hospital's current day.
    today: NaiveDate,
    /// The password of everybody whose row has none.
    initial_password: String,
}

/// The current sheet.
#[derive(Default)]
struct Sheet {
    role: Option<Role>,
    columns: Columns,
}

/// The columns of a sheet, as far as known.
enum Columns {
    /// Unknown: the first rows, in which the header is searched.
    Sought(Vec<RosterRow>),
    /// The header.
    Found(Header),
    /// There is no header.
    Missing,
}

impl Default for Columns {
    fn default() -> Self {
        Self::Sought(Vec::new())
    }
}

impl ReadRoster {
    pub(super) async fn all_of(
        mut pieces: RosterPieces,
        options: ImportOptions,
        today: NaiveDate,
        initial_password: &str,
    ) -> Result<Self, ImportError> {
        let initial_password = initial_password.to_owned();
        let mut reading = Self { options, today, initial_password, ..Self::default() };
        while let Some(piece) = pieces.try_next().await? {
            match piece {
                RosterPiece::Sheet { name } => {
                    reading.end_sheet()?;
                    reading.sheet = Sheet { role: role_of_sheet(&name), columns: Columns::default() };
                    reading.sheets.push(short(&name));
                }
                RosterPiece::Rows(rows) => reading.read(rows)?,
            }
        }
        reading.end_sheet()?;
        if !reading.knows_a_column {
            // Any text file is valid CSV; without a recognised column it need not be a roster.
            let is_text = reading.sheets.iter().any(String::is_empty);
            let fault = if is_text { RosterFault::NotASpreadsheet } else { RosterFault::NoColumns };
            return Err(ReadRosterError::from(fault).into());
        }
        Ok(reading)
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.people.len() + self.issues.len()
    }

    fn read(&mut self, rows: Vec<RosterRow>) -> Result<(), ReadRosterError> {
        for row in rows {
            match &mut self.sheet.columns {
                Columns::Sought(first) => {
                    first.push(row);
                    if first.len() >= HEADER_ROWS {
                        self.find_header()?;
                    }
                }
                Columns::Found(header) => {
                    let (number, (cells, problems)) = (row.row, header.apply(row));
                    self.read_row(number, &cells, problems)?;
                }
                Columns::Missing => return Ok(()),
            }
        }
        Ok(())
    }

    /// Searches the header in the rows so far, and reads the rows below it.
    fn find_header(&mut self) -> Result<(), ReadRosterError> {
        let Columns::Sought(rows) = std::mem::replace(&mut self.sheet.columns, Columns::Missing) else {
            return Ok(());
        };
        let Some((place, header)) = Header::find(&rows) else { return self.miss_header(&rows) };
        self.knows_a_column = true;
        self.tell_columns(header.unknown().map(str::to_owned).collect());
        // If a list was sorted, people may be above the header; titles have no phone number.
        let people = |(at, row): &(usize, RosterRow)| *at > place || (*at < place && header.fits(row));
        let rows = rows.into_iter().enumerate().filter(people).map(|(_, row)| row).collect();
        self.sheet.columns = Columns::Found(header);
        self.read(rows)
    }

    /// A sheet named after a role must not be skipped because of its header; other sheets may have any
    /// content.
    fn miss_header(&mut self, rows: &[RosterRow]) -> Result<(), ReadRosterError> {
        if rows.is_empty() {
            return Ok(());
        }
        if let Some(role) = self.sheet.role {
            return Err(RosterFault::SheetWithoutHeader(role).into());
        }
        if self.ignored_sheets.len() < TOLD {
            self.ignored_sheets.extend(self.sheets.last().cloned());
        }
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), ReadRosterError> {
        self.find_header_of_short_sheet()?;
        if let Columns::Found(header) = &self.sheet.columns {
            self.tell_columns(header.nameless().collect());
        }
        Ok(())
    }

    fn find_header_of_short_sheet(&mut self) -> Result<(), ReadRosterError> {
        if matches!(self.sheet.columns, Columns::Sought(_)) { self.find_header() } else { Ok(()) }
    }

    fn tell_columns(&mut self, columns: Vec<String>) {
        let sheet = self.sheets.last().cloned().unwrap_or_default();
        let room = TOLD.saturating_sub(self.unknown_columns.len());
        let told = columns.into_iter().take(room).map(|column| (sheet.clone(), short(&column)));
        self.unknown_columns.extend(told);
    }

    fn read_row(
        &mut self,
        row: u32,
        cells: &[(Column, RosterCell)],
        problems: Vec<RowProblem>,
    ) -> Result<(), ReadRosterError> {
        let is_empty = problems.is_empty() && cells.iter().all(|(_, cell)| cell.is_blank());
        if is_empty || is_example(cells) || is_header_again(cells) {
            return Ok(());
        }
        if self.rows() >= RosterImport::MAX_ROWS {
            return Err(RosterFault::TooManyRows.into());
        }
        let place = RowLocation { sheet: self.sheets.len().saturating_sub(1), row };
        Ok(self.read_person(place, cells, problems)?)
    }

    fn read_person(
        &mut self,
        place: RowLocation,
        cells: &[(Column, RosterCell)],
        mut problems: Vec<RowProblem>,
    ) -> Result<(), RosterFault> {
        let person = RosterPerson::parse(self.sheet.role, cells, self.today);
        match person.and_then(|person| self.with_allowed_password(person)) {
            Ok(person) if problems.is_empty() => {
                // Stored as a number to save memory.
                let digits = person.phone.as_str().parse().unwrap_or_default();
                if self.phones.insert(digits) {
                    self.text += person.size();
                    self.people.push((place, person));
                } else {
                    self.keep_skipped(place, RowProblem::PhoneRepeated, &person);
                    self.note(place, vec![RowProblem::PhoneRepeated]);
                }
            }
            read => {
                problems.extend(read.err().unwrap_or_default());
                let sheet = self.sheets.last().map_or("", String::as_str);
                self.keeper.keep(|| KeptRow::of_cells(sheet, place.row, &problems, cells));
                self.note(place, problems);
            }
        }
        if self.text > TEXT { Err(RosterFault::TooLargeInside) } else { Ok(()) }
    }

    /// A password of one's own follows the rule for chosen ones ([`NewPassword::chosen`]). The installation's initial
    /// password is the same as none.
    fn with_allowed_password(&self, person: RosterPerson) -> Result<RosterPerson, Vec<RowProblem>> {
        match person.password.as_ref().map(NewPassword::reveal) {
            Some(password) if password == self.initial_password => {
                Ok(RosterPerson { password: None, ..person })
            }
            Some(password) if DEFAULT_PASSWORDS.contains(&password) => {
                Err(vec![RowProblem::InitialPasswordDefault])
            }
            Some(_) | None => Ok(person),
        }
    }

    /// Keeps a skipped row; its cells only if it must be corrected before the others can be imported. Otherwise the
    /// person has an account, or gets one.
    pub(super) fn keep_skipped(&mut self, place: RowLocation, problem: RowProblem, person: &RosterPerson) {
        let sheet = self.sheets.get(place.sheet).map_or("", String::as_str);
        let is_atomic = self.options.atomic;
        self.keeper.keep_skipped(|| {
            if is_atomic {
                KeptRow::of_person(sheet, place.row, problem, person)
            } else {
                KeptRow::of_cells(sheet, place.row, &[problem], &[])
            }
        });
    }

    pub(super) fn note(&mut self, place: RowLocation, problems: Vec<RowProblem>) {
        self.issues.push(RowIssue { sheet: place.sheet, row: place.row, problems });
    }
}

/// A sheet's name or a header, truncated for reports.
fn short(text: &str) -> String {
    text.chars().take(TOLD_CHARS).collect()
}
