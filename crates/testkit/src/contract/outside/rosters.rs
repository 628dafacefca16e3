//! The suite of [`RosterReader`]. Its file is CSV in UTF-8, which every reader supports.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use yilin_domain::port::{
    ListFormat, ListHead, ReadRosterError, RosterPiece, RosterReader, RosterRow, WorkbookWriter,
};
use yilin_domain::roster::RosterCell;

use super::files::arriving;

/// Runs all cases in sequence.
pub async fn suite(reader: &dyn RosterReader) {
    empty_rows_are_skipped_and_numbers_are_kept(reader).await;
    other_files_are_rejected(reader).await;
    an_interrupted_file_is_reported(reader).await;
    a_file_over_the_limit_is_reported(reader).await;
    a_file_is_read_again_from_its_beginning(reader).await;
}

/// Lists that this writer writes and this reader reads.
pub async fn list_suite(writer: &dyn WorkbookWriter, reader: &dyn RosterReader) {
    for format in [ListFormat::Workbook, ListFormat::Csv] {
        a_list_has_every_row_and_is_written_in_pieces(writer, reader, format).await;
        a_list_may_be_empty(writer, reader, format).await;
    }
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

async fn a_file_is_read_again_from_its_beginning(reader: &dyn RosterReader) {
    let received = reader.receive(arriving(b"a,b\n1,2\n3,4\n"), 1 << 30).await.expect("it is received");
    // A reading that is given up midway.
    let first = received.read().try_next().await.expect("it can be read");
    assert!(first.is_some());
    for _ in 0..2 {
        let pieces: Vec<_> = received.read().try_collect().await.expect("it can be read");
        let rows = pieces.iter().map(|piece| match piece {
            RosterPiece::Rows(rows) => rows.len(),
            RosterPiece::Sheet { .. } => 0,
        });
        assert_eq!(rows.sum::<usize>(), 3);
    }
}

fn head() -> ListHead {
    ListHead {
        name: "就诊".to_owned(), columns: ["编号", "姓名", "电话"].map(str::to_owned).to_vec()
    }
}

async fn a_list_has_every_row_and_is_written_in_pieces(
    writer: &dyn WorkbookWriter,
    reader: &dyn RosterReader,
    format: ListFormat,
) {
    // Texts that cannot be compressed much, so that some of the bytes must be ready before the end.
    let noise = |number: u64| format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let name = |number: u64| format!("王{}{}", noise(number), noise(number + 77_777));
    let row = |number: u64| vec![number.to_string(), name(number), (13_800_000_000 + number).to_string()];
    let all: Vec<Vec<String>> = (1..=6000).map(row).collect();
    let mut list = writer.begin_list(format, head()).expect("it begins");
    let (mut bytes, mut largest) = (Vec::new(), 0);
    for rows in all.chunks(500) {
        let piece = list.add(rows).expect("rows are added");
        largest = largest.max(piece.len());
        bytes.extend(piece);
    }
    assert!(bytes.len() > largest, "it is not kept until the end");
    bytes.extend(list.finish().expect("it ends"));
    let read = rows(reader, &bytes).await.expect("it can be read");
    let cells = |(_, _, cells): &(String, u32, Vec<(String, RosterCell)>)| {
        cells.iter().map(|(_, cell)| cell.to_text()).collect::<Vec<_>>()
    };
    assert_eq!(read.len(), all.len(), "{format:?}");
    assert!(read.iter().map(cells).eq(all), "{format:?}");
    let headers: Vec<&str> = read[0].2.iter().map(|(header, _)| header.as_str()).collect();
    assert_eq!(headers, head().columns);
}

async fn a_list_may_be_empty(writer: &dyn WorkbookWriter, reader: &dyn RosterReader, format: ListFormat) {
    let list = writer.begin_list(format, head()).expect("it begins");
    let bytes = list.finish().expect("it ends");
    assert!(rows(reader, &bytes).await.expect("it can be read").is_empty());
    assert_eq!(pieces(reader, &bytes).await.expect("it can be read").len(), 2, "a sheet with its header");
}
