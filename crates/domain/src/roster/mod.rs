//! Rosters: the hospital's own spreadsheets of people, and how they are imported.
//!
//! A reader gives sheets, row numbers and cells; which row is the header, and what the cells mean, is
//! decided here.

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
pub use job::{ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState};
pub use kept::KeptRow;
pub use person::RosterPerson;
pub(crate) use person::is_example;
pub use problem::{RowIssue, RowProblem};
pub use roster_cell::RosterCell;
pub use sheet::{SheetLayout, WorkbookColumn, WorkbookSheet, report_sheets, template_sheets};
