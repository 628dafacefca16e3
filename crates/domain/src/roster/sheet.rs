//! Workbooks that are written: the template, and the rows to correct.

use super::person::EXAMPLE;
use super::{Column, KeptRow};
use crate::account::{Role, Sex};

/// A column of a written workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkbookColumn {
    /// The header.
    pub header: String,
    /// The values offered as a drop-down list; any value if empty.
    pub choices: &'static [&'static str],
}

/// A sheet of a workbook to write. Every cell is text, so that spreadsheet programs do not convert phone
/// numbers to numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkbookSheet {
    /// The sheet's name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<WorkbookColumn>,
    /// Its rows below the header; each has a cell per column.
    pub rows: Vec<Vec<String>>,
}

/// The columns of a role's sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetLayout {
    /// The role, whose name the sheet has.
    pub role: Role,
    /// Its columns.
    pub columns: &'static [Column],
    /// An example row, one cell per column.
    example: &'static [&'static str],
}

impl SheetLayout {
    /// The sheets of a roster.
    pub const ALL: [Self; 2] = [
        Self {
            role: Role::Patient,
            columns: &[
                Column::Name,
                Column::Sex,
                Column::Phone,
                Column::HomeAddress,
                Column::Age,
                Column::BirthDate,
                Column::InitialPassword,
            ],
            example: &["张三", "男", "13800000000", "阳光社区人民路1栋101号", "72", "", ""],
        },
        Self {
            role: Role::Physician,
            columns: &[Column::Name, Column::Sex, Column::Phone, Column::Hospital, Column::InitialPassword],
            example: &["李四", "女", "13900000000", "阳光社区卫生服务中心", ""],
        },
    ];
}

fn column(column: Column) -> WorkbookColumn {
    let choices = match column {
        Column::Sex => Sex::NAMES,
        Column::Role => &["患者", "医师"],
        _ => &[],
    };
    WorkbookColumn { header: column.header().to_owned(), choices }
}

/// An empty roster to fill in: a sheet per role, each with an example. The example's name is marked, and the
/// row is ignored on import, so that it never becomes an account.
pub fn template_sheets() -> Vec<WorkbookSheet> {
    let sheet = |layout: SheetLayout| WorkbookSheet {
        name: layout.role.as_str().to_owned(),
        columns: layout.columns.iter().copied().map(column).collect(),
        rows: vec![example(layout)],
    };
    SheetLayout::ALL.into_iter().map(sheet).collect()
}

fn example(layout: SheetLayout) -> Vec<String> {
    let cells = layout.columns.iter().zip(layout.example);
    let write = |(column, text): (&Column, &&str)| match column {
        Column::Name => format!("{text}{EXAMPLE}"),
        _ => (*text).to_owned(),
    };
    cells.map(write).collect()
}

/// Rows that were not imported, in the template's layout plus a column with their problems, with this header
/// and described by `tell`. Rows without a known role are on a separate sheet with a role column.
pub fn report_sheets(
    rows: &[KeptRow],
    told_header: &str,
    tell: &dyn Fn(&KeptRow) -> String,
) -> Vec<WorkbookSheet> {
    let mut sheets: Vec<_> = SheetLayout::ALL
        .into_iter()
        .map(|layout| (Some(layout.role), layout.role.as_str(), layout.columns.to_vec()))
        .collect();
    let mixed: Vec<_> = [
        Column::Name,
        Column::Sex,
        Column::Phone,
        Column::Role,
        Column::HomeAddress,
        Column::Age,
        Column::BirthDate,
        Column::Hospital,
        Column::InitialPassword,
    ]
    .to_vec();
    sheets.push((None, "其他", mixed));
    let write = |(role, name, columns): (Option<Role>, &str, Vec<Column>)| {
        let own = rows.iter().filter(|row| row.role() == role);
        let row = |kept: &KeptRow| {
            let cells = columns.iter().map(|column| kept.text(*column).to_owned());
            cells.chain([tell(kept)]).collect()
        };
        let rows: Vec<Vec<String>> = own.map(row).collect();
        let told = WorkbookColumn { header: told_header.to_owned(), choices: &[] };
        let columns = columns.iter().copied().map(column).chain([told]).collect();
        WorkbookSheet { name: name.to_owned(), columns, rows }
    };
    let written = sheets.into_iter().map(write);
    written.filter(|sheet| sheet.name != "其他" || !sheet.rows.is_empty()).collect()
}
