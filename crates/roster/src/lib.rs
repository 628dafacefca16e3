//! Rosters: spreadsheets in, templates and reports out.
//!
//! * [`SpreadsheetReader`] reads `.xlsx`, `.xls`, `.ods` and CSV, detected by content. A file is spooled to a
//!   temporary file and read on a blocking thread.
//! * [`XlsxWriter`] writes workbooks; `list` writes long lists, as workbooks and CSV, while they are read.
//!
//! The formats are parsed here, on top of libraries for their containers (zip, compound files, XML,
//! encodings): what counts is what a sheet displays to a person. That takes number formats, merged cells and
//! whether a formula has a result, in one pass and in bounded memory. Spreadsheet libraries are lenient, but
//! an ambiguous file must be rejected.
//!
//! Uploaded files are untrusted. Cells are streamed and emitted as rows, so memory does not grow with the
//! area of the sheet; the unpacked size, the length of a text, and the number of shared strings, merged cells
//! and repeated cells are bounded. The domain decides what the cells mean.

mod csv;
mod fault;
mod kind;
mod list;
mod merges;
mod number_format;
mod ods;
mod package;
mod reader;
mod spool;
mod table;
mod writer;
mod xls;
mod xlsx;
mod xml;

pub use reader::SpreadsheetReader;
pub use writer::XlsxWriter;
