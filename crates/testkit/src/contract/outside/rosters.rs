//! The suite of [`RosterReader`]. Its file is CSV in UTF-8, which every reader supports.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use yilin_domain::port::{ReadRosterError, RosterPiece, RosterReader, RosterRow};
use yilin_domain::roster::RosterCell;

use super::files::arriving;

/// Runs all cases in sequence.
pub async fn suite(reader: &dyn RosterReader) {
    empty_rows_are_skipped_and_numbers_are_kept(reader).await;
    other_files_are_rejected(reader).await;
    an_interrupted_file_is_reported(reader).await;
    a_file_over_the_limit_is_reported(reader).await;
}

/// All pieces of a file.
pub async fn pieces(reader: &dyn RosterReader, bytes: &[u8]) -> Result<Vec<RosterPiece>, ReadRosterError> {
    reader.receive(arriving(bytes), 1 << 30).await?.read().try_collect().await
}

/// The rows of a file below the first of each sheet, which is taken as its header, each with its sheet's
/// name, and its cells with their headers.
pub async fn rows(
    reader: &dyn RosterReader,
    bytes: &[u8],
) -> Result<Vec<(String, u32, Vec<(String, RosterCell)>)>, ReadRosterError> {
    let (mut sheet, mut titles, mut all) = (String::new(), None, Vec::new());
    for piece in pieces(reader, bytes).await? {
        let rows = match piece {
            RosterPiece::Sheet { name } => {
                (sheet, titles) = (name, None);
                continue;
            }
            RosterPiece::Rows(rows) => rows,
        };
        for RosterRow { row, cells } in rows {
            let Some(titles) = &titles else {
                titles = Some(cells);
                continue;
            };
            let title = |place| {
                let found = titles.iter().find(|(known, _): &&(u32, RosterCell)| *known == place);
                found.map(|(_, title)| title.to_text()).unwrap_or_default()
            };
            let cells = cells.into_iter().map(|(place, cell)| (title(place), cell)).collect();
            all.push((sheet.clone(), row, cells));
        }
    }
    Ok(all)
}

async fn empty_rows_are_skipped_and_numbers_are_kept(reader: &dyn RosterReader) {
    let csv = "姓名,电话,角色\n张伟,13800000001,患者\n,,\n李娜,13800000002,医师\n";
    let rows = rows(reader, csv.as_bytes()).await.expect("it can be read");
    let shown: Vec<(u32, &str)> = rows
        .iter()
        .map(|(_, row, cells)| (*row, cells.first().and_then(|(_, cell)| cell.shown()).unwrap_or_default()))
        .collect();
    assert_eq!(shown, [(2, "张伟"), (4, "李娜")]);
    assert_eq!(rows[1].2[2], ("角色".to_owned(), RosterCell::from("医师")));
    assert!(rows.iter().all(|(sheet, _, _)| sheet.is_empty()), "CSV has no sheets");
}

async fn other_files_are_rejected(reader: &dyn RosterReader) {
    for bytes in [b"\x89PNG\r\n\x1a\n\xff\xfe\x00".as_slice(), b"", b"hello"] {
        let read = pieces(reader, bytes).await;
        assert!(matches!(read, Err(ReadRosterError::Fault(fault)) if fault.is_other_kind()), "{read:?}");
    }
}

async fn an_interrupted_file_is_reported(reader: &dyn RosterReader) {
    let broken = stream::iter([Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]).boxed();
    assert!(matches!(reader.receive(broken, 1 << 30).await, Err(ReadRosterError::Interrupted(_))));
}

async fn a_file_over_the_limit_is_reported(reader: &dyn RosterReader) {
    let csv = "a,b\n1,2\n".repeat(10);
    for (limit, fits) in [(80, true), (79, false)] {
        let received = reader.receive(arriving(csv.as_bytes()), limit).await;
        match received {
            Ok(_) => assert!(fits, "{limit}"),
            Err(ReadRosterError::TooLarge { limit: told }) => assert!(!fits && told == limit, "{limit}"),
            Err(error) => panic!("{error}"),
        }
    }
}
