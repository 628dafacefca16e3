//! Lists that are written while they are read.

use std::io::Cursor;

use yilin_domain::port::{ListFormat, ListHead, WorkbookWriter as _};
use yilin_roster::XlsxWriter;
use zip::ZipArchive;

use crate::rows;

fn written(format: ListFormat, columns: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    let mut list = XlsxWriter.begin_list(format, ListHead { name: "就诊 <1>".to_owned(), columns }).unwrap();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
    let mut bytes = list.add(&rows).unwrap();
    bytes.extend(list.finish().unwrap());
    bytes
}

#[test]
fn no_cell_of_a_csv_file_is_taken_for_a_formula() {
    let rows: &[&[&str]] = &[
        &["=1+1", "+8613800000000", "-5", "@SUM(A1)", "\t=1", "＝1+1"],
        &["a=b", "a,b", "a \"b\"", "a\nb", " =1", ""],
    ];
    let csv = written(ListFormat::Csv, &["=a", "b", "c", "d", "e", "f"], rows);
    let expected = concat!(
        "\u{feff}'=a,b,c,d,e,f\r\n",
        "'=1+1,'+8613800000000,'-5,'@SUM(A1),'\t=1,'＝1+1\r\n",
        "a=b,\"a,b\",\"a \"\"b\"\"\",\"a\nb\", =1,\r\n",
    );
    assert_eq!(String::from_utf8(csv).unwrap(), expected);
}

#[tokio::test]
async fn every_cell_of_a_workbook_is_a_text_as_it_is() {
    let cells = ["=1+1", "13800000000", "<b>&\"'", "王 秀英", "a\nb", "\u{0}\u{1f}x"];
    let headers: Vec<String> = (0..30).map(|column| format!("列{column}")).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut row = vec![""; 30];
    for (cell, place) in cells.into_iter().zip([0, 1, 2, 25, 26, 29]) {
        row[place] = cell;
    }
    let book = written(ListFormat::Workbook, &headers, &[&row, &row]);
    let read = rows(&book).await.unwrap();
    assert_eq!(read.len(), 2);
    let expected = [
        ("列0", "=1+1"),
        ("列1", "13800000000"),
        ("列2", "<b>&\"'"),
        ("列25", "王 秀英"),
        ("列26", "a\nb"),
        ("列29", "x"),
    ];
    assert_eq!(read[1], crate::row("就诊 <1>", 3, &expected));
}

/// What spreadsheet programs look for in a workbook.
#[test]
fn a_workbook_has_all_its_parts() {
    let book = written(ListFormat::Workbook, &["a"], &[&["1"]]);
    let mut parts = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = |name: &str| std::io::read_to_string(parts.by_name(name).unwrap()).unwrap();
    assert!(text("[Content_Types].xml").contains("/xl/worksheets/sheet1.xml"));
    assert!(text("_rels/.rels").contains("xl/workbook.xml"));
    assert!(text("xl/workbook.xml").contains(r#"<sheet name="就诊 &lt;1&gt;" sheetId="1" r:id="rId1"/>"#));
    assert!(text("xl/_rels/workbook.xml.rels").contains("worksheets/sheet1.xml"));
    assert!(text("xl/styles.xml").starts_with("<?xml"));
    assert!(text("xl/worksheets/sheet1.xml").contains(r#"<c r="A2" s="1" t="inlineStr">"#));
}
