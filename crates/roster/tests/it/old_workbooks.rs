//! `.xls`.

use yilin_domain::port::ReadRosterError;
use yilin_domain::roster::RosterFault::{Damaged, Encrypted, TooLargeInside};

use crate::hostile::read_away;
use crate::{fault, row, rows};

const ROSTER: &[u8] = include_bytes!("../data/roster.xls");

/// A workbook with these records, in a compound file.
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
        // The writer of this file leaves formulas without results.
        sheet(5, &[("电话", "13800000003")]),
        row("医师", 2, &[("姓名", "赵医生"), ("电话", "13900000001"), ("所属医院", "阳光社区医院")]),
    ];
    let mut read = rows(ROSTER).await.unwrap();
    read[2].2.retain(|(header, _)| header == "电话");
    assert_eq!(read, expected);
}

#[tokio::test]
async fn compact_files_take_bounded_memory() {
    let shared = |row, column| cell(0xfd, row, column, 0, &2_u32.to_le_bytes());
    let far = rows(&small(0, &[shared(u16::MAX, 255)])).await.unwrap();
    assert_eq!(far, [row("A", 65536, &[("", "张伟")])]);
    // The declared dimensions are not relied on.
    let endless = [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0];
    let bytes = compound(&[GLOBALS, BOUND_SHEET, END, SHEET, (0x0200, &endless), END]);
    assert!(rows(&bytes).await.unwrap().is_empty());
    let many: Vec<_> = std::iter::once(GLOBALS).chain([BOUND_SHEET; 100]).chain([END]).collect();
    assert_eq!(fault(&compound(&many)).await, TooLargeInside);
    let people = (1..=u16::MAX).map(|row| shared(row, 0));
    let merged = |column: u16| {
        (0x00e5, [1_u16, 1, u16::MAX, column, column].into_iter().flat_map(u16::to_le_bytes).collect())
    };
    let first = (1..250).map(|column| shared(1, column));
    let records: Vec<_> = people.chain(first).chain((1..250).map(merged)).collect();
    let read = read_away(&small(0, &records)).await;
    assert!(matches!(read, Err(ReadRosterError::Fault(TooLargeInside))), "{read:?}");
}

#[tokio::test]
async fn damaged_and_encrypted_files_are_distinguished() {
    assert_eq!(fault(&compound(&[GLOBALS, (0x002f, &[1, 0]), BOUND_SHEET, END])).await, Encrypted);
    assert_eq!(fault(&compound(&[GLOBALS, END])).await, Damaged);
    assert_eq!(fault(&ROSTER[..ROSTER.len() / 2]).await, Damaged);
    let (number, short): (u16, &[u8]) = (0x0203, &[0, 0]);
    assert_eq!(fault(&compound(&[GLOBALS, BOUND_SHEET, END, SHEET, (number, short), END])).await, Damaged);
}

/// A small workbook: a sheet named A with a header and these cell records. Style 1 is `0000000`, 2 a date, 3
/// `0`; the shared strings are 姓名, 电话 and 张伟.
fn small(mode: u16, records: &[Record]) -> Vec<u8> {
    let text = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = u16::try_from(units.len()).unwrap().to_le_bytes().to_vec();
        bytes.push(1);
        bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
        bytes
    };
    let style = |format: u16| (0x00e0, [[0, 0], format.to_le_bytes()].concat());
    let shared: Vec<u8> = ["姓名", "电话", "张伟"].into_iter().flat_map(text).collect();
    let mut globals = vec![
        (GLOBALS.0, GLOBALS.1.to_vec()),
        (0x0022, mode.to_le_bytes().to_vec()),
        (0x041e, [164_u16.to_le_bytes().to_vec(), text("0000000")].concat()),
        style(0),
        style(164),
        style(14),
        style(1),
        (0x0085, vec![0, 0, 0, 0, 0, 0, 1, 0, b'A']),
        (0x00fc, [vec![3, 0, 0, 0, 3, 0, 0, 0], shared].concat()),
        (END.0, Vec::new()),
    ];
    let start: usize = globals.iter().map(|(_, content)| 4 + content.len()).sum();
    globals[7].1[..4].copy_from_slice(&u32::try_from(start).unwrap().to_le_bytes());
    let header = [cell(0xfd, 0, 0, 0, &0_u32.to_le_bytes()), cell(0xfd, 0, 1, 0, &1_u32.to_le_bytes())];
    let sheet = [(SHEET.0, SHEET.1.to_vec())].into_iter().chain(header).chain(records.iter().cloned());
    let all: Vec<_> = globals.into_iter().chain(sheet).chain([(END.0, Vec::new())]).collect();
    let all: Vec<(u16, &[u8])> = all.iter().map(|(kind, content)| (*kind, content.as_slice())).collect();
    compound(&all)
}

/// A record's type and content.
type Record = (u16, Vec<u8>);

fn cell(kind: u16, row: u16, column: u16, style: u16, content: &[u8]) -> Record {
    let place = [row, column, style].into_iter().flat_map(u16::to_le_bytes);
    (kind, place.chain(content.iter().copied()).collect())
}

fn formula(row: u16, column: u16, result: [u8; 8], flags: u16) -> (u16, Vec<u8>) {
    let rest = [flags.to_le_bytes().as_slice(), &[0; 6]].concat();
    cell(0x0006, row, column, 0, &[result.as_slice(), &rest].concat())
}

fn text_result(text: &str) -> (u16, Vec<u8>) {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(units.len() / 2).unwrap().to_le_bytes();
    (0x0207, [&length[..], &[1], &units].concat())
}

const TEXT: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xff, 0xff];

#[tokio::test]
async fn cells_are_read_as_displayed() {
    let number = |style, value: f64| cell(0x0203, 1, 1, style, &value.to_le_bytes());
    let short = |value: i32| cell(0x027e, 1, 1, 0, &((value << 2) | 2).to_le_bytes());
    let cases: Vec<(Vec<Record>, &str)> = vec![
        (vec![number(0, 13_800_000_001.0)], "13800000001"),
        (vec![number(1, 123_456.0)], "123456 as 0123456"),
        (vec![number(2, 32_878.0)], "date 1990-01-05"),
        (vec![number(3, 72.5)], "72.5 as 73"),
        (vec![short(72)], "72"),
        (vec![short(-72)], "-72"),
        (vec![cell(0x027e, 1, 1, 0, &((7250_i32 << 2) | 3).to_le_bytes())], "72.5"),
        (vec![cell(0x00bd, 1, 1, 1, &[[6 << 2 | 2, 0, 0, 0].as_slice(), &[1, 0]].concat())], "6 as 0000006"),
        (vec![cell(0x0205, 1, 1, 0, &[1, 0])], "not a value TRUE"),
        (vec![cell(0x0205, 1, 1, 0, &[0x2a, 1])], "not a value #N/A"),
        (vec![cell(0x0205, 1, 1, 0, &[0x99, 1])], "not a value #N/A"),
        (vec![formula(1, 1, 36_f64.to_le_bytes(), 0)], "36"),
        (vec![formula(1, 1, 36_f64.to_le_bytes(), 3)], "36"),
        (vec![formula(1, 1, 0_f64.to_le_bytes(), 0)], "0"),
        (vec![formula(1, 1, 0_f64.to_le_bytes(), 1)], "no result"),
        (vec![formula(1, 1, 0_f64.to_le_bytes(), 2)], "no result"),
        (vec![formula(1, 1, [3, 0, 0, 0, 0, 0, 0xff, 0xff], 1)], "no result"),
        (vec![formula(1, 1, [2, 0, 0x17, 0, 0, 0, 0xff, 0xff], 0)], "not a value #REF!"),
        (vec![formula(1, 1, [1, 0, 1, 0, 0, 0, 0xff, 0xff], 0)], "not a value TRUE"),
        (vec![formula(1, 1, TEXT, 0), text_result("张　三138")], "张　三138"),
        (vec![formula(1, 1, TEXT, 3), text_result("张三")], "张三"),
        (vec![formula(1, 1, TEXT, 3)], "no result"),
    ];
    for (records, expected) in cases {
        let name = cell(0xfd, 1, 0, 0, &2_u32.to_le_bytes());
        let bytes = small(0, &[&records[..], &[name]].concat());
        let read = rows(&bytes).await.unwrap();
        assert_eq!(read, [row("A", 2, &[("姓名", "张伟"), ("电话", expected)])]);
    }
    let bytes = small(1, &[cell(0x0203, 1, 1, 2, &31_416_f64.to_le_bytes())]);
    assert_eq!(rows(&bytes).await.unwrap(), [row("A", 2, &[("电话", "date 1990-01-05")])]);
}

#[tokio::test]
async fn a_merged_cell_applies_to_all_of_its_rows() {
    let person = |row| cell(0xfd, row, 0, 0, &2_u32.to_le_bytes());
    let number = cell(0x0203, 1, 1, 0, &7_f64.to_le_bytes());
    let merged = (0x00e5, [1_u16, 1, 3, 1, 1].into_iter().flat_map(u16::to_le_bytes).collect());
    let bytes = small(0, &[person(1), number, person(3), merged]);
    let expected = [2, 4].map(|number| row("A", number, &[("姓名", "张伟"), ("电话", "7")]));
    assert_eq!(rows(&bytes).await.unwrap(), expected);
}

#[tokio::test]
async fn workbooks_of_any_size_are_read() {
    // A stream under 4,096 bytes is stored in the container's mini stream.
    for number in [1_u16, 60, 120, 125, 130, 135, 140, 2000] {
        let people: Vec<_> = (1..=number).map(|row| cell(0xfd, row, 0, 0, &2_u32.to_le_bytes())).collect();
        let padding = (0x00eb, vec![0; 1000]);
        let bytes = small(0, &[&people[..], &[padding]].concat());
        assert_eq!(rows(&bytes).await.unwrap().len(), usize::from(number));
    }
}

#[tokio::test]
async fn strings_before_biff8_are_read() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let label = |row, column, text: &str| {
        let text = gbk(text);
        let length = u16::try_from(text.len()).unwrap().to_le_bytes();
        cell(0x0204, row, column, 0, &[&length[..], &text].concat())
    };
    let name = gbk("患者");
    let bound = [&[0, 0, 0, 0, 0, 0, u8::try_from(name.len()).unwrap()][..], &name].concat();
    let code_page = (0x0042, 936_u16.to_le_bytes().to_vec());
    let mut records = vec![
        (0x0809, vec![0, 5, 5, 0, 0, 0, 0, 0]),
        code_page,
        (0x0085, bound),
        (END.0, Vec::new()),
        (0x0809, vec![0, 5, 16, 0, 0, 0, 0, 0]),
        label(0, 0, "姓名"),
        label(0, 1, "电话"),
        label(1, 0, "张伟"),
        cell(0x0203, 1, 1, 0, &13_800_000_001_f64.to_le_bytes()),
        (END.0, Vec::new()),
    ];
    let start: usize = records[..4].iter().map(|(_, content)| 4 + content.len()).sum();
    records[2].1[..4].copy_from_slice(&u32::try_from(start).unwrap().to_le_bytes());
    let records: Vec<(u16, &[u8])> =
        records.iter().map(|(kind, content)| (*kind, content.as_slice())).collect();
    let expected = [row("患者", 2, &[("姓名", "张伟"), ("电话", "13800000001")])];
    assert_eq!(rows(&compound(&records)).await.unwrap(), expected);
}
