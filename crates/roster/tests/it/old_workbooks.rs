//! `.xls`.

use yilin_domain::roster::RosterFault::{Damaged, Encrypted, TooLargeInside};

use crate::{fault, row, rows};

const ROSTER: &[u8] = include_bytes!("../data/roster.xls");

/// A workbook of these records, as a compound file.
fn compound(records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut compound = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let mut stream = compound.create_stream("/Workbook").unwrap();
    for (kind, content) in records {
        let length = u16::try_from(content.len()).unwrap();
        let record = [&kind.to_le_bytes()[..], &length.to_le_bytes(), content].concat();
        std::io::Write::write_all(&mut stream, &record).unwrap();
    }
    drop(stream);
    compound.flush().unwrap();
    compound.into_inner().into_inner()
}

const GLOBALS: (u16, &[u8]) = (0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const SHEET: (u16, &[u8]) = (0x0809, &[0, 6, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const END: (u16, &[u8]) = (0x000a, &[]);
/// A sheet named A whose records begin after the globals: 20 + 13 + 4 bytes.
const BOUND_SHEET: (u16, &[u8]) = (0x0085, &[37, 0, 0, 0, 0, 0, 1, 0, b'A']);

#[tokio::test]
async fn sheets_numbers_and_formulas_are_read() {
    let sheet = |number, cells: &[_]| row("患者", number, cells);
    let expected = [
        sheet(
            2,
            &[
                ("姓名", "张伟"),
                ("性别", "男"),
                ("电话", "13800000001"),
                ("家庭住址", "人民路1号"),
                ("年龄", "72"),
            ],
        ),
        sheet(4, &[("姓名", "李娜"), ("性别", "女"), ("电话", "138-0000-0002"), ("年龄", "６５")]),
        // The writer of this file leaves the result of a formula to the spreadsheet program.
        sheet(5, &[("电话", "13800000003")]),
        row("医师", 2, &[("姓名", "赵医生"), ("电话", "13900000001"), ("所属医院", "阳光社区医院")]),
    ];
    let mut read = rows(ROSTER).await.unwrap();
    read[2].2.retain(|(header, _)| header == "电话");
    assert_eq!(read, expected);
}

#[tokio::test]
async fn what_would_take_much_memory_is_refused() {
    assert_eq!(fault(include_bytes!("../data/far-corner.xls")).await, TooLargeInside);
    assert_eq!(fault(include_bytes!("../data/repeated-text.xls")).await, TooLargeInside);
    let endless = [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0];
    let bytes = compound(&[GLOBALS, BOUND_SHEET, END, SHEET, (0x0200, &endless), END]);
    assert_eq!(fault(&bytes).await, TooLargeInside);
    // Ends before it begins; columns that make no sense; behind an embedded chart.
    let (backwards, senseless): (&[u8], &[u8]) =
        (&[9, 0, 0, 0, 5, 0, 0, 0, 0, 0, 4, 0, 0, 0], &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 9, 0, 5, 0, 0, 0]);
    assert_eq!(
        fault(&compound(&[GLOBALS, BOUND_SHEET, END, SHEET, (0x0200, backwards), END])).await,
        Damaged
    );
    for records in [&[(0x0200, senseless)][..], &[SHEET, END, (0x0200, &endless)]] {
        let records = [&[GLOBALS, BOUND_SHEET, END, SHEET][..], records, &[END]].concat();
        assert_eq!(fault(&compound(&records)).await, TooLargeInside);
    }
    let many: Vec<_> = std::iter::once(GLOBALS).chain([BOUND_SHEET; 100]).chain([END]).collect();
    assert_eq!(fault(&compound(&many)).await, TooLargeInside);
}

#[tokio::test]
async fn damaged_and_encrypted_ones_are_told_apart() {
    assert_eq!(fault(&compound(&[GLOBALS, (0x002f, &[1, 0]), BOUND_SHEET, END])).await, Encrypted);
    assert_eq!(fault(&compound(&[GLOBALS, END])).await, Damaged);
    assert_eq!(fault(&ROSTER[..ROSTER.len() / 2]).await, Damaged);
    let (number, short): (u16, &[u8]) = (0x0203, &[0, 0]);
    assert_eq!(fault(&compound(&[GLOBALS, BOUND_SHEET, END, SHEET, (number, short), END])).await, Damaged);
}
