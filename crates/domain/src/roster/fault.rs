//! Faults of a whole roster file.

use crate::account::Role;

/// Why a file cannot be imported at all. The sender can correct it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RosterFault {
    /// Not a supported spreadsheet.
    #[error("not a spreadsheet")]
    NotASpreadsheet,
    /// A file of another, recognised type.
    #[error("not a spreadsheet but {0:?}")]
    OtherKind(OtherKind),
    /// Protected by a password.
    #[error("the spreadsheet is encrypted")]
    Encrypted,
    /// A spreadsheet, but damaged or incomplete.
    #[error("the spreadsheet is damaged")]
    Damaged,
    /// Exceeds a limit on its unpacked content.
    #[error("the spreadsheet's content is too large")]
    TooLargeInside,
    /// More rows than allowed per import.
    #[error("the spreadsheet has too many rows")]
    TooManyRows,
    /// No sheet has a recognised header.
    #[error("no column of the spreadsheet is recognised")]
    NoColumns,
    /// A sheet named after a role has rows but no header.
    #[error("a sheet named after a role has no header")]
    SheetWithoutHeader(Role),
    /// Text in an unknown or inconsistent encoding.
    #[error("line {line} is not in a known encoding")]
    BadEncoding {
        /// The first line with such bytes, from 1.
        line: u32,
    },
    /// An unterminated quoted cell, one with text after the closing quote, or one that contains other rows.
    #[error("unbalanced quotes in line {line}")]
    BadQuotes {
        /// The line where the cell begins, from 1.
        line: u32,
    },
}

/// A file type that is not a supported spreadsheet, but often mistaken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtherKind {
    /// Empty, or only white space.
    Empty,
    /// HTML, which many programs export under the name `.xls`.
    WebPage,
    /// A workbook in Excel 2003 XML.
    Xml2003,
    /// Excel's binary workbook, `.xlsb`.
    BinaryWorkbook,
    /// A workbook of Excel 4 or older.
    OldWorkbook,
    /// A text document or presentation, such as Word or PDF.
    Document,
    /// An image.
    Picture,
    /// A compressed archive that is not a workbook.
    Archive,
}

impl OtherKind {
    /// Every type with its stable machine-readable name.
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Empty, "empty"),
        (Self::WebPage, "web_page"),
        (Self::Xml2003, "xml_2003"),
        (Self::BinaryWorkbook, "binary_workbook"),
        (Self::OldWorkbook, "old_workbook"),
        (Self::Document, "document"),
        (Self::Picture, "picture"),
        (Self::Archive, "archive"),
    ];
}

impl RosterFault {
    /// An example of every fault, with positions where it has one.
    pub const EXAMPLES: [Self; 18] = [
        Self::NotASpreadsheet,
        Self::OtherKind(OtherKind::Empty),
        Self::OtherKind(OtherKind::WebPage),
        Self::OtherKind(OtherKind::Xml2003),
        Self::OtherKind(OtherKind::BinaryWorkbook),
        Self::OtherKind(OtherKind::OldWorkbook),
        Self::OtherKind(OtherKind::Document),
        Self::OtherKind(OtherKind::Picture),
        Self::OtherKind(OtherKind::Archive),
        Self::Encrypted,
        Self::Damaged,
        Self::TooLargeInside,
        Self::TooManyRows,
        Self::NoColumns,
        Self::SheetWithoutHeader(Role::Patient),
        Self::SheetWithoutHeader(Role::Physician),
        Self::BadEncoding { line: 17 },
        Self::BadQuotes { line: u32::MAX },
    ];

    /// The stable machine-readable name.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NotASpreadsheet | Self::OtherKind(_) => "roster.not_a_spreadsheet",
            Self::Encrypted => "roster.encrypted",
            Self::Damaged => "roster.damaged",
            Self::TooLargeInside => "roster.too_large_inside",
            Self::TooManyRows => "roster.too_many_rows",
            Self::NoColumns => "roster.no_columns",
            Self::SheetWithoutHeader(_) => "roster.sheet_without_header",
            Self::BadEncoding { .. } => "roster.bad_encoding",
            Self::BadQuotes { .. } => "roster.bad_quotes",
        }
    }

    /// Whether the file is not a supported spreadsheet at all, rather than a faulty one.
    pub const fn is_other_kind(self) -> bool {
        matches!(self, Self::NotASpreadsheet | Self::OtherKind(_))
    }

    /// The fault as stored: the slug and, after a space, the line or type.
    pub fn code(self) -> String {
        let slug = self.slug();
        match self {
            Self::OtherKind(kind) => {
                let name = OtherKind::NAMES.iter().find(|(known, _)| *known == kind);
                format!("{slug} {}", name.map_or("", |(_, name)| name))
            }
            Self::SheetWithoutHeader(Role::Physician) => format!("{slug} physician"),
            Self::SheetWithoutHeader(_) => format!("{slug} patient"),
            Self::BadEncoding { line } | Self::BadQuotes { line } => format!("{slug} {line}"),
            _ => slug.to_owned(),
        }
    }

    /// Parses the stored form.
    pub fn of_code(code: &str) -> Option<Self> {
        let Some((slug, detail)) = code.split_once(' ') else {
            return Self::EXAMPLES.into_iter().find(|fault| fault.code() == code);
        };
        let line = detail.parse();
        let known = Self::EXAMPLES.into_iter().find(|fault| fault.slug() == slug && fault.code() == code);
        match slug {
            "roster.bad_encoding" => Some(Self::BadEncoding { line: line.ok()? }),
            "roster.bad_quotes" => Some(Self::BadQuotes { line: line.ok()? }),
            _ => known,
        }
    }
}
