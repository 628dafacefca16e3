//! The workbook writer.

use async_trait::async_trait;
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Workbook, XlsxError};
use yilin_domain::port::{ListFormat, ListHead, ListWriter, Part, PortError, WorkbookWriter};
use yilin_domain::roster::WorkbookSheet;

use crate::list::{CsvList, WorkbookList};

/// Last row with drop-down lists and text format: the maximum number of rows per import.
const LAST_ROW: u32 = 100_000;
/// Id of the built-in text format.
const TEXT_FORMAT: u8 = 49;
/// Column width in characters.
const WIDTH: f64 = 18.0;

/// Writes `.xlsx` workbooks.
#[derive(Debug, Default)]
pub struct XlsxWriter;

#[async_trait]
impl WorkbookWriter for XlsxWriter {
    async fn write(&self, sheets: Vec<WorkbookSheet>) -> Result<Vec<u8>, PortError> {
        let written = tokio::task::spawn_blocking(move || write(&sheets)).await.map_err(failed)?;
        written.map_err(failed)
    }

    fn begin_list(&self, format: ListFormat, head: ListHead) -> Result<Box<dyn ListWriter>, PortError> {
        match format {
            ListFormat::Workbook => Ok(Box::new(WorkbookList::begin(head)?)),
            ListFormat::Csv => Ok(Box::new(CsvList::begin(&head)?)),
        }
    }
}

pub(crate) fn failed(source: impl Into<yilin_domain::port::BoxError>) -> PortError {
    PortError::Failed { part: Part::Spreadsheets, source: source.into() }
}

fn write(sheets: &[WorkbookSheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let text = Format::new().set_num_format_index(TEXT_FORMAT);
    let head = text.clone().set_bold().set_align(FormatAlign::Center);
    for sheet in sheets {
        let worksheet = workbook.add_worksheet().set_name(&sheet.name)?;
        worksheet.set_freeze_panes(1, 0)?;
        for (column, described) in (0..).zip(&sheet.columns) {
            // As text, so that a typed phone number is not converted to a number.
            worksheet.set_column_format(column, &text)?.set_column_width(column, WIDTH)?;
            worksheet.write_string_with_format(0, column, &described.header, &head)?;
            if !described.choices.is_empty() {
                let list = DataValidation::new().allow_list_strings(described.choices)?;
                worksheet.add_data_validation(1, column, LAST_ROW, column, &list)?;
            }
        }
        for (row, cells) in (1..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                worksheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
    }
    workbook.save_to_buffer()
}
