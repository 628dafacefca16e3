//! Workbooks of several programs, and the template.

use yilin_domain::port::WorkbookWriter as _;
use yilin_domain::roster::template_sheets;
use yilin_roster::XlsxWriter;

use crate::files::{Parts, header, inline, row};
use crate::rows;

#[tokio::test]
async fn every_way_to_write_a_cell_is_read() {
    let data = header()
        + "<row r=\"2\"/>"
        + &row(3, "<c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\"><v>13800000001</v></c>")
        + "<row r=\"5\" hidden=\"1\"><c r=\"A5\" t=\"str\"><f>A3&amp;\"x\"</f><v>王 芳</v></c><c r=\"B5\"><v>1.3800000002E10</v></c></row>"
        + &row(
            6,
            "<c r=\"A6\" t=\"b\"><v>1</v></c><c r=\"B6\" t=\"e\"><v>#N/A</v></c><c r=\"C6\"><v>72.5</v></c>",
        )
        + &row(1_048_576, &inline("B1048576", "最后"));
    let bytes = Parts::of_sheet(&data).shared("<si><r><t>张</t></r><r><t>伟</t></r></si>").zipped();
    let expected = [
        crate::row("患者", 3, &[("姓名", "张伟"), ("电话", "13800000001")]),
        crate::row("患者", 5, &[("姓名", "王 芳"), ("电话", "13800000002")]),
        crate::row("患者", 6, &[("姓名", "not a value TRUE"), ("电话", "not a value #N/A"), ("", "72.5")]),
        crate::row("患者", 1_048_576, &[("电话", "最后")]),
    ];
    assert_eq!(rows(&bytes).await.unwrap(), expected);
}

#[tokio::test]
async fn what_is_written_can_be_read() {
    let mut sheets = template_sheets();
    sheets[1].rows.push(["赵医生", "", "013900000000", "=1+1", "-"].map(str::to_owned).to_vec());
    let bytes = XlsxWriter.write(sheets.clone()).await.unwrap();
    let read = rows(&bytes).await.unwrap();
    assert_eq!(read.len(), 3);
    for (row, sheet) in read.iter().zip([0, 1, 1]) {
        let sheet = &sheets[sheet];
        assert_eq!(row.0, sheet.name);
        let number = usize::try_from(row.1).unwrap();
        let named: Vec<_> = sheet
            .columns
            .iter()
            .map(|column| column.header.clone())
            .zip(sheet.rows[number - 2].clone())
            .collect();
        let filled: Vec<_> = named.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        assert_eq!(row.2, filled);
    }
}

#[tokio::test]
async fn the_template_offers_the_sexes_and_keeps_phone_numbers_text() {
    let bytes = XlsxWriter.write(template_sheets()).await.unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    let (sheet, styles) = (part("xl/worksheets/sheet1.xml"), part("xl/styles.xml"));
    assert!(sheet.contains("type=\"list\"") && sheet.contains("男,女"), "{sheet}");
    assert!(sheet.contains("sqref=\"B2:B100001\""), "{sheet}");
    assert!(styles.contains("numFmtId=\"49\""), "{styles}");
}

#[tokio::test]
async fn a_workbook_of_another_program_is_read() {
    let read = rows(include_bytes!("../data/roster.xlsx")).await.unwrap();
    let expected = crate::row(
        "患者",
        2,
        &[
            ("姓名", "张伟"),
            ("性别", "男"),
            ("手机号（必填）", "13800000001"),
            ("住址", "人民路1号"),
            ("年龄", "72"),
            ("备注", "x"),
        ],
    );
    assert_eq!(read[0], expected);
    assert_eq!(read[1].2[2].1, "１３８ 0000-0002", "the cell is unchanged");
    let merged_and_hidden =
        crate::row("患者", 6, &[("姓名", "王芳"), ("性别", "covered"), ("手机号（必填）", "13800000003")]);
    assert_eq!(read[2], merged_and_hidden);
    assert_eq!(read.len(), 4);
}
