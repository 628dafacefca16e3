//! Rosters: spreadsheets in, templates and reports out.
//!
//! * [`SpreadsheetReader`] reads `.xlsx`, `.xls`, `.ods` and CSV, told apart by their content. A file is
//!   put into a temporary one, and read on a thread that may block.
//! * [`XlsxWriter`] writes workbooks.
//!
//! The formats are read here, on libraries for their containers (zip, compound files, XML, encodings):
//! what counts is what a sheet shows a person. That takes the number formats, the merged cells, and
//! whether a formula has a result, in one pass and in bounded memory; and a file in which something is
//! ambiguous must be refused, where libraries for spreadsheets are lenient.
//!
//! Nobody vouches for a file that was uploaded. Cells are read one by one and given away by rows, so
//! memory does not grow with the area that they span; how much is unpacked, how long one text is, and how
//! many shared texts, merged and repeated cells there are, is bounded. What the cells mean is decided in
//! the domain.

mod csv;
mod fault;
mod kind;
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
