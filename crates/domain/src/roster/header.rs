//! Detection of the header row.

use std::collections::BTreeSet;

use super::cell;
use super::column::Column;
use super::problem::RowProblem;
use super::roster_cell::RosterCell;
use crate::account::PhoneNumber;
use crate::port::RosterRow;

/// Number of non-empty rows searched for the header: titles and column groups may stand above it.
pub const HEADER_ROWS: usize = 20;

/// The meaning of a sheet's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// Columns with a header, by index, in order.
    columns: Vec<(u32, Heading)>,
    /// Columns without a header, to the left of one with a header, that contain values.
    nameless: BTreeSet<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Heading {
    Known(Column),
    Unknown(String),
}

impl Header {
    /// The header among the first rows of a sheet, with its index: the row that names the most columns, or
    /// the first of several. A row that names a single column only counts if it is the first.
    pub(crate) fn find(rows: &[RosterRow]) -> Option<(usize, Self)> {
        let headers = rows.iter().take(HEADER_ROWS).map(Self::of_row).enumerate();
        let named = |header: &Self| header.known().map(|(_, column)| column).collect::<BTreeSet<_>>().len();
        let best = headers.rev().max_by_key(|(_, header)| named(header))?;
        let first_is_one = |place: usize| place == 0 && named(&best.1) == 1;
        (named(&best.1) > 1 || first_is_one(best.0)).then_some(best)
    }

    fn of_row(row: &RosterRow) -> Self {
        let mut columns: Vec<(u32, Heading)> = Vec::new();
        for (place, cell) in &row.cells {
            let heading = if let (RosterCell::Covered, Some((_, heading))) = (cell, columns.last()) {
                heading.clone()
            } else {
                let text = cell.to_text();
                if text.trim().is_empty() {
                    continue;
                }
                Column::of(&text).map_or(Heading::Unknown(text), Heading::Known)
            };
            columns.push((*place, heading));
        }
        Self { columns, nameless: BTreeSet::new() }
    }

    fn known(&self) -> impl Iterator<Item = (u32, Column)> {
        self.columns.iter().filter_map(|(place, heading)| match heading {
            Heading::Known(column) => Some((*place, *column)),
            Heading::Unknown(_) => None,
        })
    }

    fn column_at(&self, place: u32) -> Option<&Heading> {
        let found = self.columns.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        self.columns.get(found).map(|(_, heading)| heading)
    }

    /// Unrecognised headers.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter_map(|(_, heading)| match heading {
            Heading::Unknown(text) => Some(text.trim()),
            Heading::Known(_) => None,
        })
    }

    /// Columns with values but no header, by letter.
    pub(crate) fn nameless(&self) -> impl Iterator<Item = String> {
        self.nameless.iter().map(|place| letters(*place))
    }

    /// Whether a row has a phone number in this header's phone column.
    pub(crate) fn fits(&self, row: &RosterRow) -> bool {
        row.cells.iter().any(|(place, cell)| {
            let is_phone = || PhoneNumber::parse(&cell::phone(&cell.to_text())).is_ok();
            self.column_at(*place) == Some(&Heading::Known(Column::Phone)) && is_phone()
        })
    }

    /// The cells of a row by column, and the problems of their positions.
    pub(crate) fn apply(&mut self, row: RosterRow) -> (Vec<(Column, RosterCell)>, Vec<RowProblem>) {
        let last = self.columns.last().map_or(0, |(place, _)| *place);
        let (mut cells, mut problems) = (Vec::new(), Vec::new());
        let mut spanning = None;
        for (place, cell) in row.cells {
            let heading = self.column_at(place).cloned();
            if cell == RosterCell::Covered {
                if let Some(Heading::Known(column)) = &heading
                    && heading != spanning
                {
                    problems.push(RowProblem::MergedAcross(*column));
                }
                continue;
            }
            match &heading {
                Some(Heading::Known(column)) => cells.push((*column, cell)),
                Some(Heading::Unknown(_)) => {}
                None if cell.is_blank() => {}
                None if place < last => {
                    self.nameless.insert(place);
                }
                None if problems.contains(&RowProblem::MoreCellsThanColumns) => {}
                None => problems.push(RowProblem::MoreCellsThanColumns),
            }
            spanning = heading;
        }
        (cells, problems)
    }
}

/// Whether this is a repeated header, as at the top of every printed page.
pub(crate) fn is_header_again(cells: &[(Column, RosterCell)]) -> bool {
    let repeats = |(column, cell): &(Column, RosterCell)| {
        cell.shown().is_some_and(|text| Column::of(text) == Some(*column))
    };
    cells.len() > 1 && cells.iter().all(repeats)
}

/// The letters of a column index: A is 0.
fn letters(mut place: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from_digit(place % 26 + 10, 36).unwrap_or_default().to_ascii_uppercase());
        if place < 26 {
            return letters.into_iter().rev().collect();
        }
        place = place / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row with these cells; `^` is covered from the left.
    fn row(number: u32, cells: &[&str]) -> RosterRow {
        let cells = (0..).zip(cells).filter(|(_, text)| !text.is_empty());
        let cell = |text: &str| if text == "^" { RosterCell::Covered } else { RosterCell::from(text) };
        RosterRow { row: number, cells: cells.map(|(place, text)| (place, cell(text))).collect() }
    }

    /// The index of the header among rows with these cells, and the columns it recognises.
    fn found(rows: &[&[&str]]) -> Option<(usize, Vec<(u32, Column)>)> {
        let rows: Vec<_> = (1..).zip(rows).map(|(number, cells)| row(number, cells)).collect();
        Header::find(&rows).map(|(place, header)| (place, header.known().collect()))
    }

    #[test]
    fn the_header_is_the_row_that_names_most_columns() {
        use Column::{Age, HomeAddress, Name, Phone, Sex};

        let names = vec![(0, Name), (1, Phone)];
        let person = ["张伟", "13800000001"];
        assert_eq!(found(&[&["姓名", "电话"], &person]), Some((0, names.clone())));
        assert_eq!(
            found(&[&["居民名单", "^"], &["制表：电话"], &["姓名", "电话"], &person]),
            Some((2, names.clone()))
        );
        // A column group may have the name of a column.
        assert_eq!(found(&[&["基本信息", "联系方式"], &["姓名", "电话"], &person]), Some((1, names.clone())));
        // Cells merged with the row below occur in both.
        let two_rows: [&[&str]; 2] =
            [&["姓名", "性别", "联系方式", "^", "年龄"], &["姓名", "性别", "电话", "住址", "年龄"]];
        let all = vec![(0, Name), (1, Sex), (2, Phone), (3, HomeAddress), (4, Age)];
        assert_eq!(found(&two_rows), Some((1, all)));
        // Repeated on every page.
        assert_eq!(found(&[&["姓名", "电话"], &person, &["姓名", "电话"]]), Some((0, names.clone())));
        let merged = vec![(0, Name), (1, HomeAddress), (2, HomeAddress)];
        assert_eq!(found(&[&["姓名", "住址", "^"]]), Some((0, merged)));
        assert_eq!(found(&[&["姓名", "备注"]]), Some((0, vec![(0, Name)])));
        assert_eq!(found(&[&["说明"], &["姓名", "必填"]]), None);
        assert_eq!(found(&[&person]), None);
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn positions_of_cells_are_checked() {
        let header = [row(1, &["", "姓名", "备注", "电话", "性别"])];
        let problems = |cells: &[&str]| {
            let (_, mut header) = Header::find(&header).expect("a header");
            let problems = header.apply(row(2, cells)).1;
            (problems, header.nameless().collect::<Vec<_>>().concat())
        };
        let none = || (Vec::new(), String::new());
        assert_eq!(problems(&["", "张伟", "x", "1", "男", " "]), none());
        assert_eq!(problems(&["7", "张伟"]), (Vec::new(), "A".to_owned()));
        assert_eq!(problems(&["", "张伟", "", "", "", "x", "y"]).0, [RowProblem::MoreCellsThanColumns]);
        assert_eq!(problems(&["", "张伟", "^"]), none());
        assert_eq!(problems(&["", "", "x", "^"]).0, [RowProblem::MergedAcross(Column::Phone)]);
        let across = [RowProblem::MergedAcross(Column::Phone), RowProblem::MergedAcross(Column::Sex)];
        assert_eq!(problems(&["", "张伟", "^", "^", "^"]).0, across);
    }

    #[test]
    fn columns_are_named_by_letters() {
        for (place, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(place), name);
        }
    }
}
