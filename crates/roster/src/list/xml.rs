//! The parts of a workbook (ECMA-376), as far as a list of texts needs them.

use std::fmt::Write as _;

use quick_xml::escape::escape;

/// Maximum number of characters of a cell.
const CELL_CHARS: usize = 32_767;

pub(super) const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

/// Fonts, and three formats of cells: any, text, header.
pub(super) const STYLES: &str = concat!(
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>"#,
    r#"<fills count="2"><fill><patternFill patternType="none"/></fill>"#,
    r#"<fill><patternFill patternType="gray125"/></fill></fills>"#,
    r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
    r#"<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
    r#"<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>"#,
    r#"<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>"#,
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>"#,
    "</styleSheet>",
);

pub(super) const RELATIONSHIPS: &str = concat!(
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" "#,
    r#"Target="xl/workbook.xml"/></Relationships>"#,
);

/// The beginning of a sheet with this number of columns; its first row stays in view.
pub(super) fn sheet_head(columns: usize) -> String {
    format!(
        concat!(
            r#"{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
            r#"<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" "#,
            r#"state="frozen"/></sheetView></sheetViews>"#,
            r#"<cols><col min="1" max="{columns}" width="18" customWidth="1"/></cols><sheetData>"#,
        ),
        head = HEAD,
        columns = columns.max(1)
    )
}

pub(super) const SHEET_TAIL: &str = "</sheetData></worksheet>";

/// Adds a row of texts. Empty cells are left out.
pub(super) fn add_row(xml: &mut String, row: u32, cells: &[String], is_header: bool) {
    let style = if is_header { 2 } else { 1 };
    // Writing to a string cannot fail.
    let _ = write!(xml, r#"<row r="{row}">"#);
    for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        let (name, text) = (column_name(column), text(cell));
        let _ = write!(
            xml,
            r#"<c r="{name}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#
        );
    }
    xml.push_str("</row>");
}

/// The text of a cell. Characters that XML cannot contain are left out.
fn text(cell: &str) -> String {
    let allowed = |char: &char| !matches!(char, '\0'..'\t' | '\u{b}' | '\u{c}' | '\u{e}'..' ' | '\u{fffe}' | '\u{ffff}');
    let cell: String = cell.chars().filter(allowed).take(CELL_CHARS).collect();
    escape(cell).into_owned()
}

/// The letters of a column, counted from 0.
fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

pub(super) fn workbook(name: &str, sheets: usize) -> String {
    let name = escape(name);
    let entry = |sheet: usize| {
        let suffix = if sheet == 1 { String::new() } else { format!(" {sheet}") };
        format!(r#"<sheet name="{name}{suffix}" sheetId="{sheet}" r:id="rId{sheet}"/>"#)
    };
    let sheets: String = (1..=sheets).map(entry).collect();
    format!(
        concat!(
            r#"{head}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" "#,
            r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">"#,
            "<sheets>{sheets}</sheets></workbook>",
        ),
        head = HEAD,
        sheets = sheets
    )
}

pub(super) fn workbook_relationships(sheets: usize) -> String {
    let styles = sheets + 1;
    let sheet = |number: usize| {
        format!(
            concat!(
                r#"<Relationship Id="rId{number}" "#,
                r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" "#,
                r#"Target="worksheets/sheet{number}.xml"/>"#,
            ),
            number = number
        )
    };
    let sheets: String = (1..=sheets).map(sheet).collect();
    format!(
        concat!(
            r#"{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{sheets}"#,
            r#"<Relationship Id="rId{styles}" "#,
            r#"Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" "#,
            r#"Target="styles.xml"/></Relationships>"#,
        ),
        head = HEAD,
        sheets = sheets,
        styles = styles
    )
}

pub(super) fn content_types(sheets: usize) -> String {
    let sheet = |number: usize| {
        format!(
            concat!(
                r#"<Override PartName="/xl/worksheets/sheet{number}.xml" "#,
                r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
            ),
            number = number
        )
    };
    let sheets: String = (1..=sheets).map(sheet).collect();
    format!(
        concat!(
            r#"{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
            r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
            r#"<Default Extension="xml" ContentType="application/xml"/>"#,
            r#"<Override PartName="/xl/workbook.xml" "#,
            r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
            r#"<Override PartName="/xl/styles.xml" "#,
            r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>{sheets}</Types>"#,
        ),
        head = HEAD,
        sheets = sheets
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (column, name) in
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
        {
            assert_eq!(column_name(column), name);
        }
    }

    #[test]
    fn texts_contain_what_xml_allows() {
        assert_eq!(text("a<b>&\"\u{0}\u{1f}\u{ffff}\n\t王"), "a&lt;b&gt;&amp;&quot;\n\t王");
        assert_eq!(text(&"x".repeat(CELL_CHARS + 1)).len(), CELL_CHARS);
    }
}
