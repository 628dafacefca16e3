//! Malicious files.

use std::io::Cursor;

use futures_util::TryStreamExt as _;
use yilin_domain::port::{ReadRosterError, RosterReader as _};
use yilin_domain::roster::RosterFault::{Damaged, Encrypted, TooLargeInside};
use yilin_roster::SpreadsheetReader;
use yilin_testkit::contract::outside::files::arriving;

use crate::files::{Parts, header, inline, row};
use crate::{fault, rows};

/// Peak memory of this process in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Reads a file and discards the rows.
pub(crate) async fn read_away(bytes: &[u8]) -> Result<(), ReadRosterError> {
    let mut pieces = SpreadsheetReader::new().receive(arriving(bytes), 1 << 30).await?.read();
    while pieces.try_next().await?.is_some() {}
    Ok(())
}

#[tokio::test]
async fn a_cell_at_the_far_corner_costs_nothing() {
    let data = header() + &row(1_048_576, &inline("XFD1048576", "远"));
    let read = rows(&Parts::of_sheet(&data).zipped()).await.unwrap();
    assert_eq!(read, [crate::row("患者", 1_048_576, &[("", "远")])]);
}

#[tokio::test]
async fn bombs_are_refused_in_bounded_memory() {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    const TEXTS: &str = "xl/sharedStrings.xml";
    let data = Parts::of_sheet(&header()).0.swap_remove(4).1;
    let data = String::from_utf8(data).unwrap();
    let (open, close) = data.split_at(data.find("</sheetData>").unwrap());
    let long = format!("{open}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>");
    let mut plain = Parts::of_sheet(&header());
    let texts_part = plain.0.pop().unwrap();
    let mut no_sheet = Parts(plain.0[..4].to_vec());
    no_sheet.0.push(texts_part);
    let before = peak();
    let rows = format!("<row r=\"2\" x=\"{}\"><c r=\"A2\"/></row>", " ".repeat(100_000));
    let texts = "<si><t>abcdefghijklmnop</t></si>";
    let [texts, empty, blank] = [texts, "<si/>", "        "].map(|text| text.repeat(10_000));
    let much = |text, times| std::iter::repeat_n(text, times);
    let closed = format!("</t></is></c></row>{close}");
    let many_rows = much(&*rows, 5000);
    for (place, bytes) in [
        no_sheet.zipped_with(SHEET, open, many_rows, close),
        no_sheet.zipped_with(SHEET, &long, much(&blank, 400), &closed),
        plain.zipped_with(TEXTS, "<sst>", much(&texts, 900), "</sst>"),
        plain.zipped_with(TEXTS, "<sst>", much(&empty, 160), "</sst>"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(fault(bytes).await, TooLargeInside, "{place}");
    }
    // Unused parts are not unpacked.
    assert!(
        crate::rows(&Parts::of_sheet(&header()).zipped_with("docProps/app.xml", "", much(&blank, 700), ""))
            .await
            .is_ok()
    );
    let ods = crate::opendocument::sheet(&crate::opendocument::header());
    let no_content = Parts(ods.0[..2].to_vec());
    let content = String::from_utf8(ods.0[2].1.clone()).unwrap();
    let (open, close) = content.split_at(content.find("</table:table>").unwrap());
    let empty_row =
        format!("<table:table-row x=\"{}\"><table:table-cell/></table:table-row>", " ".repeat(100_000));
    let cell = format!("{open}<table:table-row><table:table-cell office:value-type=\"string\"><text:p>");
    for bytes in [
        no_content.zipped_with("content.xml", open, much(&*empty_row, 5000), close),
        no_content.zipped_with("content.xml", &cell, much(&blank, 400), close),
        Parts(ods.0[..1].to_vec()).zipped_with(
            "META-INF/manifest.xml",
            "<manifest a=\"",
            much(&blank, 400),
            "\"/>",
        ),
    ] {
        assert_eq!(fault(&bytes).await, TooLargeInside);
    }
    assert!(peak() - before < 150 << 20, "{}", peak() - before);
}

#[tokio::test]
async fn one_text_in_every_cell_is_read_in_bounded_memory() {
    let cells = |number: u32, times: u32| {
        let cell = |n: u32| format!("<c r=\"{}{number}\" t=\"s\"><v>0</v></c>", column(n));
        row(number, &(0..times).map(cell).collect::<String>())
    };
    let data = (1..500).map(|number| cells(number, 256)).collect::<String>();
    let bytes = Parts::of_sheet(&data).shared(&format!("<si><t>{}</t></si>", "长".repeat(1000))).zipped();
    let before = peak();
    read_away(&bytes).await.unwrap();
    assert!(peak() - before < 150 << 20, "{}", peak() - before);
}

#[tokio::test]
async fn a_repeated_column_in_a_row_is_rejected() {
    let data = header() + &row(2, &inline("A2", "张伟").repeat(300));
    assert_eq!(fault(&Parts::of_sheet(&data).zipped()).await, Damaged);
}

/// The name of a column, from 0.
fn column(number: u32) -> String {
    let letter = |number: u32| char::from(b'A' + u8::try_from(number).unwrap());
    let first = (number / 26).checked_sub(1).map(letter);
    first.into_iter().chain([letter(number % 26)]).collect()
}

#[tokio::test]
async fn a_declared_string_count_allocates_nothing() {
    for start in ["<sst uniqueCount=\"9999999999999\">", "<sst a=\">\" count = '4000000000'>"] {
        let mut parts = Parts::of_sheet(&header());
        parts.0.pop();
        let bytes = parts.zipped_with("xl/sharedStrings.xml", start, [], "</sst>");
        assert!(rows(&bytes).await.is_ok(), "{start}");
    }
    let text = Parts::of_sheet("<row><c t=\"s\"><v>1</v></c></row>").shared("<si><t>一</t></si>");
    assert_eq!(fault(&text.zipped()).await, Damaged);
}

#[tokio::test]
async fn excessive_merged_cells_take_bounded_memory_and_time() {
    let many = (1..=250_000).map(|row| format!("A{row}:B{row} ")).collect::<Vec<_>>().concat();
    assert_eq!(fault(&Parts::of_merged_sheet(&header(), &many).zipped()).await, TooLargeInside);
    let data: String = (1..20_000).map(|number| row(number, &inline(&format!("B{number}"), "x"))).collect();
    let wide = (0..256).map(|n| format!("{0}1:{0}1048576", column(n))).collect::<Vec<_>>().join(" ");
    let read = rows(&Parts::of_merged_sheet(&data, &wide).zipped()).await.unwrap();
    assert!(read.is_empty(), "rows that only repeat merged values are not emitted: {}", read.len());
    let across = Parts::of_merged_sheet(&(header() + &row(2, &inline("A2", "x"))), "A2:XFD1048576");
    assert_eq!(rows(&across.zipped()).await.unwrap()[0].2.len(), 256);
}

#[tokio::test]
async fn elements_that_are_nested_without_end_are_refused() {
    for (depth, is_read) in [(200, true), (300, false), (1_000_000, false)] {
        let nested = "<a>".repeat(depth) + &"</a>".repeat(depth);
        let read = rows(&Parts::of_sheet(&(header() + &nested)).zipped()).await;
        assert_eq!(read.is_ok(), is_read, "{depth}");
    }
    let endless = "<a>".repeat(1_000_000);
    assert_eq!(fault(&Parts::of_sheet(&endless).zipped()).await, TooLargeInside);
}

#[tokio::test]
async fn many_files_in_an_archive_are_refused() {
    let parts =
        (0..3000).fold(Parts::of_sheet(&header()), |parts, n| parts.with(&format!("x{n}"), Vec::new()));
    assert_eq!(fault(&parts.zipped()).await, TooLargeInside);
}

#[tokio::test]
async fn a_false_entry_count_is_rejected() {
    let small = Parts::of_sheet(&header()).zipped();
    let end = small.len() - 22;
    for (count, expected) in [(6_u64, None), (50_000_000, Some(TooLargeInside))] {
        let directory = u64::from(u32::from_le_bytes(small[end + 16..end + 20].try_into().unwrap()));
        let size = u64::try_from(end).unwrap() - directory;
        let mut bytes = small[..end].to_vec();
        bytes.extend(b"PK\x06\x06");
        bytes.extend(44_u64.to_le_bytes());
        bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count, count, size, directory] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(u64::try_from(end).unwrap().to_le_bytes());
        bytes.extend([1, 0, 0, 0]);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([0xff; 12]);
        bytes.extend([0, 0]);
        match expected {
            Some(expected) => assert_eq!(fault(&bytes).await, expected),
            None => assert!(rows(&bytes).await.is_ok(), "{:?}", rows(&bytes).await),
        }
    }
}

#[tokio::test]
async fn entities_are_refused() {
    let data = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&x;</t></is></c></row>";
    let sheet = format!(
        "<!DOCTYPE w [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
         <worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{data}</sheetData></worksheet>"
    );
    assert_eq!(fault(&Parts::of_sheet_xml(&sheet).zipped()).await, Damaged);
}

#[tokio::test]
async fn damaged_files_are_reported() {
    let whole = Parts::of_sheet(&header()).zipped();
    assert_eq!(fault(&whole[..whole.len() / 2]).await, Damaged);
    let mut flipped = whole.clone();
    // In the middle of the compressed sheet.
    let name = b"xl/worksheets/sheet1.xml";
    let sheet = flipped.windows(name.len()).position(|found| found == name).unwrap();
    flipped[sheet + name.len() + 40] ^= 0xff;
    assert_eq!(fault(&flipped).await, Damaged);
}

#[tokio::test]
async fn an_encrypted_workbook_is_reported() {
    let mut compound = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    compound.create_stream("/EncryptedPackage").unwrap();
    compound.create_stream("/EncryptionInfo").unwrap();
    compound.flush().unwrap();
    assert_eq!(fault(&compound.into_inner().into_inner()).await, Encrypted);
}
