//! `.xlsx` cells: formulas, formats, dates and merges.

use yilin_domain::roster::RosterFault::Damaged;

use crate::files::{Parts, header, inline, row};
use crate::{fault, rows};

/// The cells of the only row below the header.
async fn cells(parts: &Parts) -> Vec<String> {
    let read = rows(&parts.zipped()).await.unwrap();
    assert_eq!(read.len(), 1, "{read:?}");
    read[0].2.iter().map(|(_, cell)| cell.clone()).collect()
}

#[tokio::test]
async fn a_formula_without_a_result_is_reported() {
    for (cell, expected) in [
        ("<c r=\"B2\"><f>A2</f></c>", Some("no result")),
        ("<c r=\"B2\"><f>A2</f><v></v></c>", Some("no result")),
        ("<c r=\"B2\"><f>A2</f><v/></c>", Some("no result")),
        ("<c r=\"B2\" t=\"str\"><f>A2</f></c>", Some("no result")),
        ("<c r=\"B2\" t=\"s\"><f>A2</f></c>", Some("no result")),
        ("<c r=\"B2\"><f t=\"shared\" si=\"0\"/></c>", Some("no result")),
        ("<c r=\"B2\"><f>A2</f><v>0</v></c>", Some("0")),
        ("<c r=\"B2\" t=\"str\"><f>A2</f><v>x</v></c>", Some("x")),
        // An empty text is a result.
        ("<c r=\"B2\" t=\"str\"><f>A2</f><v></v></c>", None),
        ("<c r=\"B2\" s=\"0\"/>", None),
        ("<c r=\"B2\"><v/></c>", None),
    ] {
        let parts = Parts::of_sheet(&(header() + &row(2, &(inline("A2", "张伟") + cell))));
        assert_eq!(cells(&parts).await.get(1).map(String::as_str), expected, "{cell}");
    }
}

#[tokio::test]
async fn zeros_marked_for_recalculation_are_not_results() {
    let data = header()
        + &row(
            2,
            "<c r=\"A2\" t=\"str\"><f>X1</f><v>张伟</v></c><c r=\"B2\"><f>X2</f><v>0</v></c><c r=\"C2\"><v>0</v></c>\
             <c r=\"D2\"><f>X3</f><v>7</v></c>",
        );
    let to_be_calculated =
        Parts::of_sheet(&data).replaced("</workbook>", "<calcPr fullCalcOnLoad=\"1\"/></workbook>");
    assert_eq!(cells(&to_be_calculated).await, ["张伟", "no result", "0", "7"]);
    assert_eq!(cells(&Parts::of_sheet(&data)).await, ["张伟", "0", "0", "7"]);
}

#[tokio::test]
async fn errors_and_booleans_are_reported() {
    for (cell, expected) in [
        ("<c r=\"B2\" t=\"e\"><f>NA()</f><v>#N/A</v></c>", "not a value #N/A"),
        ("<c r=\"B2\" t=\"e\"><v>#SPILL!</v></c>", "not a value #SPILL!"),
        ("<c r=\"B2\" t=\"b\"><v>1</v></c>", "not a value TRUE"),
        ("<c r=\"B2\" t=\"b\"><f>A2</f><v>false</v></c>", "not a value FALSE"),
    ] {
        let parts = Parts::of_sheet(&(header() + &row(2, &(inline("A2", "张伟") + cell))));
        assert_eq!(cells(&parts).await[1], expected, "{cell}");
    }
}

#[tokio::test]
async fn numbers_are_read_as_displayed() {
    for (code, value, expected) in [
        ("General", "123456", "123456"),
        ("General", "13800000001", "13800000001"),
        ("General", "1.3800000001E10", "13800000001"),
        ("General", "0.10000000000000001", "0.1"),
        ("General", "123456789012", "123456789012 as ?"),
        ("General", "0.12345678901", "0.12345678901 as ?"),
        ("@", "123456", "123456"),
        ("0000000", "123456", "123456 as 0123456"),
        ("00000", "123456", "123456"),
        ("000-0000-0000", "13800000001", "13800000001 as 138-0000-0001"),
        ("### #### ####", "13800000001", "13800000001 as 138 0000 0001"),
        ("#,##0", "1234567", "1234567 as 1,234,567"),
        ("#,##0.00", "1234.5", "1234.5 as 1,234.50"),
        ("0.0#", "7.25", "7.25"),
        ("0.0#", "7", "7 as 7.0"),
        ("0", "72.5", "72.5 as 73"),
        ("0%", "0.5", "0.5 as 50%"),
        ("0\"岁\"", "72", "72 as 72岁"),
        ("General\"岁\"", "72", "72 as 72岁"),
        ("\\N\\o0000", "7", "7 as No0007"),
        ("[Red]0000", "7", "7 as 0007"),
        ("[$¥-804]0", "7", "7 as ¥7"),
        ("0_ ;[Red]\\-0\\ ", "-7", "-7"),
        ("0;(0);\"-\"", "-7", "-7 as (7)"),
        ("0;(0);\"-\"", "0", "0 as -"),
        (";;;", "7", "7 as "),
        ("0.00E+00", "13800000001", "13800000001 as ?"),
        ("# ?/?", "0.5", "0.5 as ?"),
        ("[<=9999999]###-####;(###) ###-####", "5551234", "5551234 as ?"),
        ("[DBNum1]0", "12", "12 as ?"),
        ("0,", "7000", "7000 as ?"),
        ("yyyy-mm-dd", "32878", "date 1990-01-05"),
        ("yyyy/m/d;@", "32878.75", "date 1990-01-05"),
        ("[$-804]yyyy\"年\"m\"月\"d\"日\";@", "32878", "date 1990-01-05"),
        ("m/d/yy h:mm", "32878.5", "date 1990-01-05"),
        ("mmm", "32878", "date 1990-01-05"),
        ("yyyy-mm-dd", "59", "date 1900-02-28"),
        ("yyyy-mm-dd", "60", "not a value ########"),
        ("yyyy-mm-dd", "61", "date 1900-03-01"),
        ("yyyy-mm-dd", "-1", "not a value ########"),
        ("h:mm", "0.5", "date 1899-12-31"),
    ] {
        let data =
            header() + &row(2, &(inline("A2", "张伟") + &format!("<c r=\"B2\" s=\"1\"><v>{value}</v></c>")));
        let parts = Parts::of_sheet(&data).styled(&[code]);
        assert_eq!(cells(&parts).await[1], expected, "{code} {value}");
    }
}

#[tokio::test]
async fn dates_count_from_1904_where_the_workbook_says_so() {
    let data = header()
        + &row(
            2,
            "<c r=\"A2\" s=\"1\"><v>31416</v></c><c r=\"B2\" s=\"2\"><v>31416</v></c><c r=\"C2\" t=\"d\"><v>1990-01-05T00:00:00</v></c>",
        );
    let parts = Parts::of_sheet(&data)
        .styled(&["yyyy-mm-dd", "0"])
        .replaced("<sheets>", "<workbookPr date1904=\"true\"/><sheets>");
    assert_eq!(cells(&parts).await, ["date 1990-01-05", "31416", "date 1990-01-05"]);
}

#[tokio::test]
async fn relationships_name_the_parts() {
    let data = header() + &row(2, "<c r=\"A2\" t=\"s\"><v>0</v></c>");
    let plain = || Parts::of_sheet(&data).shared("<si><t>张伟</t></si>");
    let strict = plain()
        .replaced(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        .replaced(
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        );
    let absolute = plain()
        .replaced("Target=\"worksheets/", "Target=\"/xl/worksheets/")
        .replaced("Target=\"xl/", "Target=\"/xl/");
    let mut backslashes = plain();
    for (name, _) in &mut backslashes.0 {
        *name = name.replace('/', "\\");
    }
    let utf_16 = |text: &[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(text).into_owned();
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let mut wide = plain();
    for (_, content) in &mut wide.0 {
        *content = utf_16(content);
    }
    for (parts, what) in [
        (plain().replaced("workbook.xml", "book1.xml"), "workbook"),
        (plain().replaced("sharedStrings.xml", "strings.xml"), "strings"),
        (plain().replaced("worksheets/sheet1.xml", "data/a.xml"), "sheet"),
        (plain().replaced("xl/", "content/"), "folder"),
        (
            plain()
                .replaced("xl/workbook.xml", "book.xml")
                .replaced("xl/_rels/workbook.xml.rels", "_rels/book.xml.rels")
                .replaced("xl/", ""),
            "root",
        ),
        (plain().replaced("<c ", "<x:c ").replaced("</c>", "</x:c>"), "prefix"),
        (absolute, "absolute"),
        (backslashes, "backslashes"),
        (strict, "strict"),
        (wide, "UTF-16"),
    ] {
        assert_eq!(cells(&parts).await, ["张伟"], "{what}");
    }
    let mut missing = plain();
    missing.0.retain(|(name, _)| name != "xl/sharedStrings.xml");
    assert_eq!(fault(&missing.zipped()).await, Damaged);
    let mut none = plain();
    none.0.retain(|(name, _)| name != "xl/workbook.xml");
    assert_eq!(fault(&none.zipped()).await, Damaged);
}

#[tokio::test]
async fn a_merged_cell_applies_to_all_of_its_rows() {
    let data = row(1, &(inline("A1", "名单") + &inline("B1", "藏")))
        + &row(2, &(inline("A2", "姓名") + &inline("B2", "电话") + &inline("C2", "所属医院")))
        + &row(3, &(inline("A3", "甲") + &inline("C3", "阳光医院")))
        + &row(4, &(inline("A4", "乙") + &inline("C4", "藏")))
        + &row(5, "")
        + &row(6, &(inline("A6", "丙") + "<c r=\"C6\" s=\"1\"/>"))
        + &row(7, &(inline("A7", "丁") + &inline("C7", "另一家")))
        + &row(8, &(inline("A8", "跨列") + &inline("C8", "后")));
    let parts = Parts::of_merged_sheet(&data, "A1:C1 C3:C6 A7:A7 A8:B8 C9:C1048576");
    let read = rows(&parts.zipped()).await.unwrap();
    let told: Vec<(u32, Vec<&str>)> =
        read.iter().map(|row| (row.1, row.2.iter().map(|(_, cell)| cell.as_str()).collect())).collect();
    let expected = [
        (2, vec!["姓名", "电话", "所属医院"]),
        (3, vec!["甲", "阳光医院"]),
        (4, vec!["乙", "阳光医院"]),
        (6, vec!["丙", "阳光医院"]),
        (7, vec!["丁", "另一家"]),
        (8, vec!["跨列", "covered", "后"]),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn overlapping_or_invalid_merged_cells_are_rejected() {
    let data = header() + &row(2, &(inline("A2", "张伟") + &inline("B2", "1")));
    for merged in ["A2:B3 B2:C2", "A1:B1 B1:B5", "B2:A1", "A2:", "x"] {
        assert_eq!(fault(&Parts::of_merged_sheet(&data, merged).zipped()).await, Damaged, "{merged}");
    }
}
