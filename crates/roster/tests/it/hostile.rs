//! Files that were made to do harm.

use std::io::Cursor;

use yilin_domain::roster::RosterFault::{Damaged, Encrypted, NotASpreadsheet, TooLargeInside};

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
    let before = peak();
    let much = |text: &str| text.repeat((300 << 20) / text.len());
    for parts in [
        Parts::of_sheet(&(header() + &much("<row r=\"2\"><c r=\"A2\"/></row>"))),
        Parts::of_sheet(&header()).shared(&much("<si><t>abcdefghijklmnopqrstuvwxyz</t></si>")),
        Parts::of_sheet(&header()).shared(&"<si/>".repeat(1_600_000)),
        Parts::of_sheet(&(header() + &row(2, &inline("A2", &"x".repeat(30 << 20))))),
        Parts::of_sheet(&header()).with("docProps/app.xml", vec![b' '; 60 << 20]),
    ] {
        let bytes = parts.zipped();
        drop(parts);
        assert_eq!(fault(&bytes).await, TooLargeInside);
    }
    // The bombs themselves are made in this process: 300 MB at a time, twice for a moment.
    assert!(peak() - before < 1200 << 20, "{}", peak() - before);
}

#[tokio::test]
async fn many_files_in_an_archive_are_refused() {
    let parts =
        (0..3000).fold(Parts::of_sheet(&header()), |parts, n| parts.with(&format!("x{n}"), Vec::new()));
    assert_eq!(fault(&parts.zipped()).await, TooLargeInside);
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
