//! Files that were made to do harm.

use std::io::Cursor;

use futures_util::TryStreamExt as _;
use yilin_domain::port::RosterReader as _;
use yilin_domain::roster::RosterFault::{Damaged, Encrypted, NotASpreadsheet, TooLargeInside};
use yilin_roster::SpreadsheetReader;
use yilin_testkit::contract::outside::files::arriving;

use crate::files::{Parts, header, inline, row};
use crate::{fault, rows};

/// How much memory this process has ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_cell_at_the_far_corner_costs_nothing() {
    let data = header() + &row(1_048_576, &inline("XFD1048576", "远"));
    assert!(rows(&Parts::of_sheet(&data).zipped()).await.unwrap().is_empty());
}

#[tokio::test]
async fn bombs_are_refused_in_bounded_memory() {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    const TEXTS: &str = "xl/sharedStrings.xml";
    let data = Parts::of_sheet(&header()).0.pop().unwrap().1;
    let data = String::from_utf8(data).unwrap();
    let (open, close) = data.split_at(data.len() - "</sheetData></worksheet>".len());
    let long = format!("{open}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>");
    let plain = Parts::of_sheet(&header());
    let no_sheet = Parts(plain.0[..4].to_vec());
    let before = peak();
    let (rows, texts) = ("<row r=\"2\"><c r=\"A2\"/></row>", "<si><t>abcdefghijklmnop</t></si>");
    let [rows, texts, empty, blank] = [rows, texts, "<si/>", "        "].map(|text| text.repeat(10_000));
    let much = |text, times| std::iter::repeat_n(text, times);
    let closed = format!("</t></is></c></row>{close}");
    for bytes in [
        no_sheet.zipped_with(SHEET, open, much(&*rows, 1000), close),
        no_sheet.zipped_with(SHEET, &long, much(&blank, 400), &closed),
        plain.zipped_with(TEXTS, "<sst>", much(&texts, 900), "</sst>"),
        plain.zipped_with(TEXTS, "<sst>", much(&empty, 160), "</sst>"),
        plain.zipped_with("docProps/app.xml", "", much(&blank, 700), ""),
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
    let data = (1..1000).map(|number| cells(number, 256)).collect::<String>();
    let bytes = Parts::of_sheet(&data).shared(&format!("<si><t>{}</t></si>", "长".repeat(1000))).zipped();
    let before = peak();
    let received = SpreadsheetReader::new().receive(arriving(&bytes), 1 << 30).await.unwrap();
    let mut pieces = received.read();
    while pieces.try_next().await.unwrap().is_some() {}
    assert!(peak() - before < 150 << 20, "{}", peak() - before);
}

#[tokio::test]
async fn a_column_that_stands_in_a_row_again_and_again_is_refused() {
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
async fn announced_texts_that_are_not_there_are_refused() {
    const TEXTS: &str = "xl/sharedStrings.xml";
    for (start, expected) in [
        ("<sst uniqueCount=\"9999999999999\">", TooLargeInside),
        ("<sst a='\"' uniqueCount = '2000000'>", TooLargeInside),
        ("<averyveryverylongprefixindeed:sst uniqueCount=\"2000000\">", TooLargeInside),
        ("<sst a=\">\" uniqueCount=\"2000000\">", Damaged),
        ("<!-- <sst a=\" --><sst uniqueCount=\"2000000\">", Damaged),
    ] {
        let bytes = Parts::of_sheet(&header()).zipped_with(TEXTS, start, [], "</sst>");
        assert_eq!(fault(&bytes).await, expected, "{start}");
    }
    let bytes = Parts::of_sheet(&header()).zipped_with(
        TEXTS,
        "<sst count=\"1\" uniqueCount=\"1\">",
        ["<si><t>13800000001</t></si>"],
        "</sst>",
    );
    assert!(rows(&bytes).await.is_ok());
}

#[tokio::test]
async fn many_files_in_an_archive_are_refused() {
    let parts =
        (0..3000).fold(Parts::of_sheet(&header()), |parts, n| parts.with(&format!("x{n}"), Vec::new()));
    assert_eq!(fault(&parts.zipped()).await, TooLargeInside);
}

#[tokio::test]
async fn announced_files_that_are_not_there_are_refused() {
    let small = Parts::of_sheet(&header()).zipped();
    let end = small.len() - 22;
    for (count, expected) in [(5_u64, None), (50_000_000, Some(TooLargeInside))] {
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
async fn damaged_and_foreign_files_are_told_apart() {
    let whole = Parts::of_sheet(&header()).zipped();
    assert_eq!(fault(&whole[..whole.len() / 2]).await, Damaged);
    assert_eq!(fault(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR").await, NotASpreadsheet);
    let document = Parts(vec![("word/document.xml".into(), b"<w/>".to_vec())]).zipped();
    assert_eq!(fault(&document).await, NotASpreadsheet);
    let mut flipped = whole.clone();
    let middle = flipped.len() / 3;
    flipped[middle] ^= 0xff;
    assert_eq!(fault(&flipped).await, Damaged);
}

#[tokio::test]
async fn an_encrypted_workbook_is_told() {
    let mut compound = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    compound.create_stream("/EncryptedPackage").unwrap();
    compound.create_stream("/EncryptionInfo").unwrap();
    compound.flush().unwrap();
    assert_eq!(fault(&compound.into_inner().into_inner()).await, Encrypted);
}
