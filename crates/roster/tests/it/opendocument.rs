//! `.ods`.

use yilin_domain::roster::RosterFault::{Damaged, Encrypted, TooLargeInside};

use crate::files::Parts;
use crate::{fault, row, rows};

const TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
const NAMESPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" \
    xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\"";

/// A file whose sheet 患者 has these rows.
pub(crate) fn sheet(rows: &str) -> Parts {
    content(&format!("<table:table table:name=\"患者\">{rows}</table:table>"))
}

fn content(tables: &str) -> Parts {
    let content = format!(
        "<office:document-content {NAMESPACES}><office:body><office:spreadsheet>{tables}\
         </office:spreadsheet></office:body></office:document-content>"
    );
    Parts(vec![
        ("mimetype".into(), TYPE.as_bytes().to_vec()),
        ("META-INF/manifest.xml".into(), b"<manifest/>".to_vec()),
        ("content.xml".into(), content.into_bytes()),
    ])
}

/// A row of cells.
pub(crate) fn line(cells: &str) -> String {
    format!("<table:table-row>{cells}</table:table-row>")
}

/// A cell with a text.
pub(crate) fn text(text: &str) -> String {
    cell("office:value-type=\"string\"", text)
}

fn cell(attributes: &str, shown: &str) -> String {
    format!("<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>")
}

/// The header that the tests use.
pub(crate) fn header() -> String {
    line(&[text("姓名"), text("电话"), text("密码"), text("出生日期")].concat())
}

#[tokio::test]
async fn every_way_to_write_a_cell_is_read() {
    let number = |value: &str, shown: &str| {
        cell(
            &format!("office:value-type=\"float\" office:value=\"{value}\" calcext:value-type=\"float\""),
            shown,
        )
    };
    let data = header()
        + "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row>"
        + "<table:table-row-group>"
        + &line(
            &[
                cell("office:value-type=\"string\"", "张<text:s text:c=\"2\"/><text:span>伟</text:span>"),
                number("13800000001", "13800000001"),
                number("123456", "0123456"),
                cell("office:value-type=\"date\" office:date-value=\"1990-01-05\"", "90年1月5日"),
            ]
            .concat(),
        )
        + "</table:table-row-group>"
        + &line(
            &[
                cell("table:formula=\"of:=NA()\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"", "#N/A"),
                cell("table:formula=\"of:=1\" office:value-type=\"boolean\" office:boolean-value=\"true\"", "TRUE"),
                "<table:table-cell table:formula=\"of:=[.A2]&amp;[.B2]\"/>".to_owned(),
                "<table:table-cell table:formula=\"of:=IF(1;&quot;&quot;)\"><text:p/></table:table-cell>".to_owned(),
            ]
            .concat(),
        )
        + &line(
            "<table:table-cell office:value-type=\"string\" office:string-value=\"李娜\"/>\
             <table:table-cell office:value-type=\"float\" office:value=\"1.3800000002E10\"/>\
             <table:table-cell office:value-type=\"string\"><office:annotation><text:p>说明</text:p></office:annotation>\
             <text:p>一</text:p><text:p>二</text:p></table:table-cell>",
        );
    let expected = [
        row(
            "患者",
            5,
            &[
                ("姓名", "张  伟"),
                ("电话", "13800000001"),
                ("密码", "123456 as 0123456"),
                ("出生日期", "date 1990-01-05"),
            ],
        ),
        row("患者", 6, &[("姓名", "not a value #N/A"), ("电话", "not a value TRUE"), ("密码", "no result")]),
        row("患者", 7, &[("姓名", "李娜"), ("电话", "13800000002 as ?"), ("密码", "一\n二")]),
    ];
    assert_eq!(rows(&sheet(&data).zipped()).await.unwrap(), expected);
}

#[tokio::test]
async fn merged_and_repeated_cells_keep_their_positions() {
    let data = line(
        "<table:table-cell office:value-type=\"string\" table:number-columns-spanned=\"3\"><text:p>名单</text:p></table:table-cell><table:covered-table-cell table:number-columns-repeated=\"2\"/>",
    ) + &line(
        &(text("张伟")
            + "<table:table-cell office:value-type=\"string\" table:number-rows-spanned=\"2\"><text:p>阳光医院</text:p></table:table-cell>"
            + &text("甲")),
    ) + &line(
        &(text("李娜")
            + "<table:covered-table-cell><text:p>隐藏</text:p></table:covered-table-cell>"
            + &text("乙")),
    ) + "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"2\"><text:p>丙</text:p></table:table-cell></table:table-row>";
    let told: Vec<_> = rows(&sheet(&data).zipped()).await.unwrap();
    let told: Vec<(u32, Vec<&str>)> =
        told.iter().map(|row| (row.1, row.2.iter().map(|(_, cell)| cell.as_str()).collect())).collect();
    let expected = [
        (2, vec!["张伟", "阳光医院", "甲"]),
        (3, vec!["李娜", "阳光医院", "乙"]),
        (4, vec!["丙", "丙"]),
        (5, vec!["丙", "丙"]),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn excessive_repetitions_take_bounded_memory_and_time() {
    let repeated = |rows: u32, columns: u32, cell: &str| {
        format!(
            "<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell office:value-type=\"string\" \
             table:number-columns-repeated=\"{columns}\">{cell}</table:table-cell></table:table-row>"
        )
    };
    let empty = header() + &repeated(4_000_000_000, 4_000_000_000, "") + &line(&text("远"));
    assert!(rows(&sheet(&empty).zipped()).await.unwrap().len() <= 1);
    let full = header() + &repeated(1_048_576, 16_384, "<text:p>满</text:p>");
    assert_eq!(fault(&sheet(&full).zipped()).await, TooLargeInside);
    let far = header()
        + &line(
            "<table:table-cell table:number-columns-repeated=\"16383\"/><table:table-cell office:value-type=\"string\"><text:p>远</text:p></table:table-cell>",
        );
    assert_eq!(rows(&sheet(&far).zipped()).await.unwrap(), [row("患者", 2, &[("", "远")])]);
    let spaces = header() + &line(&text("<text:s text:c=\"4000000000\"/>张").repeat(3));
    assert_eq!(rows(&sheet(&spaces).zipped()).await.unwrap()[0].2[0].1, "张");
    let tables = "<table:table table:name=\"x\"/>".repeat(100);
    assert_eq!(fault(&content(&tables).zipped()).await, TooLargeInside);
}

#[tokio::test]
async fn damaged_and_encrypted_files_are_distinguished() {
    let mut encrypted = sheet(&header());
    encrypted.0[1].1 = b"<manifest><file-entry><encryption-data/></file-entry></manifest>".to_vec();
    assert_eq!(fault(&encrypted.zipped()).await, Encrypted);
    let mut damaged = sheet(&header());
    damaged.0[2].1.truncate(600);
    assert_eq!(fault(&damaged.zipped()).await, Damaged);
    damaged.0.truncate(2);
    assert_eq!(fault(&damaged.zipped()).await, Damaged);
    let mut entities = sheet(&line(&text("&x;")));
    entities.0[2].1.splice(0..0, *b"<!DOCTYPE d [<!ENTITY x \"y\">]>");
    assert_eq!(fault(&entities.zipped()).await, Damaged);
    assert_eq!(fault(&sheet(&line(&text("&x;"))).zipped()).await, Damaged);
}

#[tokio::test]
async fn a_long_list_is_read() {
    let person =
        line(&[text("张伟"), text("1"), text("2"), text("3"), text("4"), text("5"), text("6")].concat());
    let read = rows(&sheet(&(header() + &person.repeat(30_000))).zipped()).await.unwrap();
    assert_eq!(read.len(), 30_000);
}
