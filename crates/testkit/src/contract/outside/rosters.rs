//! The suite of [`RosterReader`]. Its file is CSV in UTF-8, which every reader reads.

use futures_util::{StreamExt as _, stream};
use yilin_domain::port::{ReadRosterError, RosterReader};

use super::files::arriving;

/// Every case, one after another.
pub async fn suite(reader: &dyn RosterReader) {
    let csv = "姓名,电话,角色\n张伟,13800000001,患者\n,,\n李娜,13800000002,医师\n";
    let rows = reader.read(arriving(csv.as_bytes())).await.expect("it can be read");
    let shown: Vec<(u32, &str)> =
        rows.iter().map(|row| (row.row, row.cells.first().map_or("", |(_, cell)| cell.as_str()))).collect();
    assert_eq!(shown, [(2, "张伟"), (4, "李娜")], "empty rows are left out, numbers stay");
    assert_eq!(rows[1].cells[2], ("角色".to_owned(), "医师".to_owned()));

    let picture = reader.read(arriving(b"\x89PNG\r\n\x1a\n\xff\xfe\x00")).await;
    assert!(matches!(picture, Err(ReadRosterError::NotASpreadsheet)), "{picture:?}");
    let broken = stream::iter([Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]).boxed();
    assert!(matches!(reader.read(broken).await, Err(ReadRosterError::Interrupted(_))));
}
