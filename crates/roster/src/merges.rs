//! Merged cells of a sheet.

use std::collections::BTreeMap;

use yilin_domain::roster::{RosterCell, RosterFault};

use crate::table::COLUMNS;

/// Maximum number of merged cells per sheet.
const REGIONS: usize = 200_000;

/// A merged cell: row numbers as displayed, columns from 0, both bounds inclusive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Region {
    pub(crate) rows: (u32, u32),
    pub(crate) columns: (u32, u32),
}

/// Tracks the merged cells of a sheet while its rows are read. The value of a merged cell applies to all of
/// its rows; in each row it occupies the first of its columns, and the others are covered.
#[derive(Debug, Default)]
pub(crate) struct Merges {
    count: usize,
    /// Regions not reached yet, by first row.
    ahead: BTreeMap<u32, Vec<Region>>,
    /// Regions that include the current row, with their values.
    reached: Vec<(Region, RosterCell)>,
    /// The values of merged cells in the current row, by column.
    above: BTreeMap<u32, RosterCell>,
}

impl Merges {
    pub(crate) fn add(&mut self, region: Region) -> Result<(), RosterFault> {
        if region.rows.1 < region.rows.0 || region.columns.1 < region.columns.0 {
            return Err(RosterFault::Damaged);
        }
        let spans_one = region.rows.0 == region.rows.1 && region.columns.0 == region.columns.1;
        if spans_one || region.columns.0 >= COLUMNS {
            return Ok(());
        }
        self.count += 1;
        if self.count > REGIONS {
            return Err(RosterFault::TooLargeInside);
        }
        self.ahead.entry(region.rows.0).or_default().push(region);
        Ok(())
    }

    /// Fills the values of merged cells into this row. Returns whether the row has any value that does not
    /// come from a merged cell that began above it.
    pub(crate) fn apply(
        &mut self,
        row: u32,
        cells: &mut Vec<(u32, RosterCell)>,
    ) -> Result<bool, RosterFault> {
        let before = self.reached.len();
        self.reached.retain(|(region, _)| region.rows.1 >= row);
        if self.reached.len() != before {
            self.note_values();
        }
        cells.retain(|(column, _)| !self.above.contains_key(column));
        if cells.is_empty() {
            return Ok(false);
        }
        let from_above = self.above.clone();
        let known = self.reached.len();
        while let Some(first) = self.ahead.first_entry().filter(|first| *first.key() <= row) {
            let first_row = *first.key();
            for region in first.remove() {
                // A region that begins in a row without cells has no value.
                if first_row == row {
                    self.begin(region, cells)?;
                }
            }
        }
        if self.reached.len() != known {
            self.note_values();
        }
        cells.extend(from_above);
        cells.sort_by_key(|(column, _)| *column);
        Ok(true)
    }

    fn note_values(&mut self) {
        let mut cells = Vec::new();
        self.reached.iter().for_each(|(region, value)| region.fill(value, &mut cells));
        self.above = cells.into_iter().collect();
    }

    fn begin(&mut self, region: Region, cells: &mut Vec<(u32, RosterCell)>) -> Result<(), RosterFault> {
        let value = cells.iter().find(|(column, _)| *column == region.columns.0);
        let Some(value) = value.map(|(_, cell)| cell.clone()) else { return Ok(()) };
        // Merged cells do not overlap, so there is at most one per column.
        let overlaps = self
            .reached
            .iter()
            .any(|(other, _)| other.columns.0 <= region.columns.1 && region.columns.0 <= other.columns.1);
        if overlaps {
            return Err(RosterFault::Damaged);
        }
        cells.retain(|(column, _)| !region.covers(*column));
        region.fill(&value, cells);
        self.reached.push((region, value));
        Ok(())
    }
}

impl Region {
    fn covers(self, column: u32) -> bool {
        (self.columns.0..=self.columns.1).contains(&column)
    }

    fn fill(self, value: &RosterCell, cells: &mut Vec<(u32, RosterCell)>) {
        let covered = self.columns.0 + 1..=self.columns.1.min(COLUMNS - 1);
        cells.push((self.columns.0, value.clone()));
        cells.extend(covered.map(|column| (column, RosterCell::Covered)));
    }
}
