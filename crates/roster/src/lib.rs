//! Rosters: spreadsheets in, templates and reports out.
//!
//! * [`SpreadsheetReader`] reads `.xlsx`, `.xls` and CSV, told apart by their content. A file is put
//!   into a temporary one, and read on a thread that may block.
//! * [`XlsxWriter`] writes workbooks.
//!
//! Nobody vouches for a file that was uploaded. Before a library opens one, `guard` has looked at all
//! that makes a library use memory: how much there is when it is unpacked, how long one text is, how
//! large an area the cells span, and how many cells, texts and files it announces. What the cells mean is decided in the domain.

mod csv_file;
mod fault;
mod guard;
mod kind;
mod reader;
mod spool;
mod table;
mod writer;
mod xls;
mod xlsx;

pub use reader::SpreadsheetReader;
pub use writer::XlsxWriter;
