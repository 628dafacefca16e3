use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use yilin_domain::port::{ByteStream, ReadRosterError, RosterReader, RosterRow};

/// Reads rosters in the simplest form that there is: lines of cells, separated by commas, under a
/// line of headers.
#[derive(Debug, Default)]
pub struct FakeRosterReader;

#[async_trait]
impl RosterReader for FakeRosterReader {
    async fn read(&self, content: ByteStream) -> Result<Vec<RosterRow>, ReadRosterError> {
        let pieces: Vec<_> = content.try_collect().await.map_err(ReadRosterError::Interrupted)?;
        let text = String::from_utf8(pieces.concat()).map_err(|_| ReadRosterError::NotASpreadsheet)?;
        let mut lines = text.lines().zip(1..);
        let headers: Vec<&str> = match lines.next() {
            Some((line, _)) if line.contains(',') => line.split(',').collect(),
            _ => return Err(ReadRosterError::NotASpreadsheet),
        };
        let rows = lines.map(|(line, row)| {
            let filled = headers.iter().zip(line.split(',')).filter(|(_, cell)| !cell.is_empty());
            let cells = filled.map(|(header, cell)| ((*header).to_owned(), cell.to_owned())).collect();
            RosterRow { sheet: String::new(), row, cells }
        });
        Ok(rows.filter(|row| !row.cells.is_empty()).collect())
    }
}
