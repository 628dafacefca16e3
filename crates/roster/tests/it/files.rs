//! Workbooks built by tests, part by part.

use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The parts of a workbook: the minimum that the reader needs.
pub(crate) struct Parts(pub(crate) Vec<(String, Vec<u8>)>);

const NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

impl Parts {
    /// A workbook with one sheet that has this XML inside `sheetData`.
    pub(crate) fn of_sheet(data: &str) -> Self {
        Self::of_merged_sheet(data, "")
    }

    /// The same, with these merged cells.
    pub(crate) fn of_merged_sheet(data: &str, merged: &str) -> Self {
        let merged = merged.split_whitespace().map(|reference| format!("<mergeCell ref=\"{reference}\"/>"));
        let merged = merged.collect::<Vec<_>>().concat();
        Self::of_sheet_xml(&format!(
            "<worksheet xmlns=\"{NAMESPACE}\"><sheetData>{data}</sheetData><mergeCells>{merged}</mergeCells></worksheet>"
        ))
    }

    pub(crate) fn of_sheet_xml(sheet: &str) -> Self {
        let relation = |id: u32, kind: &str, target: &str| {
            format!("<Relationship Id=\"r{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
        };
        let relations = |list: &str| {
            format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{list}</Relationships>").into_bytes()
        };
        let workbook = format!(
            "<workbook xmlns=\"{NAMESPACE}\" xmlns:r=\"{RELATIONS}\"><sheets>\
             <sheet name=\"患者\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
        );
        let inside = relation(1, "worksheet", "worksheets/sheet1.xml")
            + &relation(2, "sharedStrings", "sharedStrings.xml")
            + &relation(3, "styles", "styles.xml");
        Self(vec![
            (
                "[Content_Types].xml".into(),
                format!("<Types xmlns=\"{PACKAGE}/content-types\"/>").into_bytes(),
            ),
            ("_rels/.rels".into(), relations(&relation(1, "officeDocument", "xl/workbook.xml"))),
            ("xl/workbook.xml".into(), workbook.into_bytes()),
            ("xl/_rels/workbook.xml.rels".into(), relations(&inside)),
            ("xl/worksheets/sheet1.xml".into(), sheet.as_bytes().to_vec()),
        ])
        .shared("")
    }

    /// The same, with shared texts of this XML.
    pub(crate) fn shared(self, texts: &str) -> Self {
        self.set("xl/sharedStrings.xml", &format!("<sst xmlns=\"{NAMESPACE}\">{texts}</sst>"))
    }

    /// The same, with this part added or replaced.
    pub(crate) fn set(mut self, name: &str, content: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.with(name, content.as_bytes().to_vec())
    }

    /// The same, with a text replaced in every part's name and content.
    pub(crate) fn replaced(mut self, from: &str, to: &str) -> Self {
        for (name, content) in &mut self.0 {
            *name = name.replace(from, to);
            *content = String::from_utf8_lossy(content).replace(from, to).into_bytes();
        }
        self
    }

    /// The same, with cells of these number formats as styles 1, 2 and so on.
    pub(crate) fn styled(self, codes: &[&str]) -> Self {
        let escape = |code: &str| code.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let formats = (164..)
            .zip(codes)
            .map(|(number, code)| format!("<numFmt numFmtId=\"{number}\" formatCode=\"{}\"/>", escape(code)));
        let formats = formats.collect::<Vec<_>>().concat();
        let styles = (164..).zip(codes).map(|(number, _)| format!("<xf numFmtId=\"{number}\"/>"));
        let styles = styles.collect::<Vec<_>>().concat();
        self.set(
            "xl/styles.xml",
            &format!(
                "<styleSheet xmlns=\"{NAMESPACE}\"><numFmts>{formats}</numFmts><cellStyleXfs><xf numFmtId=\"14\"/>\
                 <xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>{styles}</cellXfs></styleSheet>"
            ),
        )
    }

    /// The same, with an additional part.
    pub(crate) fn with(mut self, name: &str, content: Vec<u8>) -> Self {
        self.0.push((name.into(), content));
        self
    }

    /// The workbook's bytes.
    pub(crate) fn zipped(&self) -> Vec<u8> {
        self.zipped_with("", "", [""], "")
    }

    /// The workbook's bytes, with an additional part that is written in chunks.
    pub(crate) fn zipped_with<'a>(
        &self,
        name: &str,
        start: &'a str,
        pieces: impl IntoIterator<Item = &'a str>,
        end: &'a str,
    ) -> Vec<u8> {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in &self.0 {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        if !name.is_empty() {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            for piece in [start].into_iter().chain(pieces).chain([end]) {
                zip.write_all(piece.as_bytes()).unwrap();
            }
        }
        zip.finish().unwrap().into_inner()
    }
}

/// A cell with an inline string.
pub(crate) fn inline(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// A row of cells.
pub(crate) fn row(number: u32, cells: &str) -> String {
    format!("<row r=\"{number}\">{cells}</row>")
}

/// The header that most tests use.
pub(crate) fn header() -> String {
    row(1, &(inline("A1", "姓名") + &inline("B1", "电话")))
}
