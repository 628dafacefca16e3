use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use yilin_domain::port::{
    ByteStream, PortError, ReadRosterError, ReceivedRoster, RosterPiece, RosterReader, RosterRow,
    WorkbookWriter,
};
use yilin_domain::roster::{RosterCell, RosterFault, WorkbookSheet};

/// Reads rosters in the simplest form that there is: lines of cells, separated by commas, without
/// quotes.
#[derive(Debug, Default)]
pub struct FakeRosterReader;

struct Received(Vec<RosterPiece>);

#[async_trait]
impl RosterReader for FakeRosterReader {
    async fn receive(
        &self,
        content: ByteStream,
        limit: u64,
    ) -> Result<Box<dyn ReceivedRoster>, ReadRosterError> {
        let pieces: Vec<_> = content.try_collect().await.map_err(ReadRosterError::Interrupted)?;
        let bytes = pieces.concat();
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(ReadRosterError::TooLarge { limit });
        }
        let text = String::from_utf8(bytes).map_err(|_| RosterFault::NotASpreadsheet)?;
        if !text.contains(',') {
            return Err(RosterFault::NotASpreadsheet.into());
        }
        let rows = text.lines().zip(1..).map(|(line, row)| {
            let filled = (0..).zip(line.split(',')).filter(|(_, cell)| !cell.is_empty());
            RosterRow { row, cells: filled.map(|(column, cell)| (column, RosterCell::from(cell))).collect() }
        });
        let rows: Vec<RosterRow> = rows.filter(|row| !row.cells.is_empty()).collect();
        let sheet = RosterPiece::Sheet { name: String::new() };
        Ok(Box::new(Received(vec![sheet, RosterPiece::Rows(rows)])))
    }
}

impl ReceivedRoster for Received {
    fn read(self: Box<Self>) -> BoxStream<'static, Result<RosterPiece, ReadRosterError>> {
        stream::iter(self.0.into_iter().map(Ok)).boxed()
    }
}

/// Writes workbooks as text: each sheet's name on a line, its header and rows on lines below it,
/// cells separated by commas.
#[derive(Debug, Default)]
pub struct FakeWorkbookWriter;

#[async_trait]
impl WorkbookWriter for FakeWorkbookWriter {
    async fn write(&self, sheets: Vec<WorkbookSheet>) -> Result<Vec<u8>, PortError> {
        let lines = sheets.iter().flat_map(|sheet| {
            let headers: Vec<&str> = sheet.columns.iter().map(|column| column.header.as_str()).collect();
            let rows = sheet.rows.iter().map(|row| row.join(","));
            [sheet.name.clone(), headers.join(",")].into_iter().chain(rows).collect::<Vec<_>>()
        });
        Ok(lines.collect::<Vec<_>>().join("\n").into_bytes())
    }
}
