//! Long lists, written while they are read and in constant memory.
//!
//! The workbook library writes a file at the end, or into temporary files first. A list is sent as its rows are read, so
//! its workbook is written here: sheets of texts, and nothing else.

mod csv;
mod workbook;
mod xml;

pub(crate) use self::csv::CsvList;
pub(crate) use self::workbook::WorkbookList;
