//! Rosters: the hospital's spreadsheets of people, and their import.
//!
//! A reader supplies sheets, row numbers and cells; header detection and the interpretation of cells happen
//! here.

mod cell;
mod column;
mod fault;
mod header;
mod job;
mod kept;
mod person;
mod problem;
mod roster_cell;
mod sheet;

pub(crate) use cell::half_width;
pub use column::Column;
pub(crate) use column::role_of_sheet;
pub use fault::{OtherKind, RosterFault};
pub use header::HEADER_ROWS;
pub(crate) use header::{Header, is_header_again};
pub use job::{ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportRemarks, ImportState};
pub use kept::KeptRow;
pub use person::RosterPerson;
pub(crate) use person::is_example;
pub use problem::{RowIssue, RowProblem};
pub use roster_cell::RosterCell;
pub use sheet::{SheetLayout, WorkbookColumn, WorkbookSheet, report_sheets, template_sheets};
