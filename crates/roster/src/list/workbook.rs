//! Lists as workbooks.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use yilin_domain::port::{ListHead, ListWriter, PortError};
use zip::CompressionMethod;
use zip::result::ZipResult;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::xml;
use crate::writer::failed;

/// Rows per sheet; programs accept 1,048,576.
const SHEET_ROWS: u32 = 1_000_000;

/// A list as a workbook. The sheets come first, because only at the end is it known how many there are.
pub(crate) struct WorkbookList {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    head: ListHead,
    sheets: usize,
    /// Rows in the last sheet.
    rows: u32,
}

impl WorkbookList {
    pub(crate) fn begin(head: ListHead) -> Result<Self, PortError> {
        let written = Written::default();
        let zip = ZipWriter::new_stream(written.clone());
        let mut list = Self { zip, written, head, sheets: 0, rows: 0 };
        list.begin_sheet().map_err(failed)?;
        Ok(list)
    }

    fn begin_part(&mut self, name: &str) -> ZipResult<()> {
        // Not as a large file: programs repair those, which need it only beyond 4 GiB.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options)
    }

    fn add_part(&mut self, name: &str, xml: &str) -> ZipResult<()> {
        self.begin_part(name)?;
        Ok(self.zip.write_all(xml.as_bytes())?)
    }

    fn begin_sheet(&mut self) -> ZipResult<()> {
        self.sheets += 1;
        self.rows = 1;
        self.begin_part(&format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        let mut xml = xml::sheet_head(self.head.columns.len());
        xml::add_row(&mut xml, self.rows, &self.head.columns, true);
        Ok(self.zip.write_all(xml.as_bytes())?)
    }

    fn end_sheet(&mut self) -> ZipResult<()> {
        Ok(self.zip.write_all(xml::SHEET_TAIL.as_bytes())?)
    }

    fn add_rows(&mut self, rows: &[Vec<String>]) -> ZipResult<()> {
        let mut xml = String::new();
        for row in rows {
            if self.rows >= SHEET_ROWS {
                self.zip.write_all(std::mem::take(&mut xml).as_bytes())?;
                self.end_sheet()?;
                self.begin_sheet()?;
            }
            self.rows += 1;
            xml::add_row(&mut xml, self.rows, row, false);
        }
        Ok(self.zip.write_all(xml.as_bytes())?)
    }

    fn end(mut self) -> ZipResult<Vec<u8>> {
        self.end_sheet()?;
        let (sheets, name) = (self.sheets, self.head.name.clone());
        self.add_part("xl/styles.xml", &format!("{}{}", xml::HEAD, xml::STYLES))?;
        self.add_part("xl/workbook.xml", &xml::workbook(&name, sheets))?;
        self.add_part("xl/_rels/workbook.xml.rels", &xml::workbook_relationships(sheets))?;
        self.add_part("_rels/.rels", &format!("{}{}", xml::HEAD, xml::RELATIONSHIPS))?;
        self.add_part("[Content_Types].xml", &xml::content_types(sheets))?;
        let written = self.written.clone();
        self.zip.finish()?;
        Ok(written.take())
    }
}

impl ListWriter for WorkbookList {
    fn add(&mut self, rows: &[Vec<String>]) -> Result<Vec<u8>, PortError> {
        self.add_rows(rows).map_err(failed)?;
        Ok(self.written.take())
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, PortError> {
        self.end().map_err(failed)
    }
}

/// What the ZIP's writer has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
