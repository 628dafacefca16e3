use crate::account::Role;

/// Why a file cannot be imported at all. Whoever sent it can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RosterFault {
    /// Not a spreadsheet of a kind that can be read.
    #[error("not a spreadsheet")]
    NotASpreadsheet,
    /// A file of another kind, which is known.
    #[error("not a spreadsheet but {0:?}")]
    OtherKind(OtherKind),
    /// Protected by a password.
    #[error("the spreadsheet is encrypted")]
    Encrypted,
    /// A spreadsheet, but damaged or incomplete.
    #[error("the spreadsheet is damaged")]
    Damaged,
    /// Larger inside than is sensible.
    #[error("the spreadsheet is too large inside")]
    TooLargeInside,
    /// More rows than are imported at a time.
    #[error("the spreadsheet has too many rows")]
    TooManyRows,
    /// No sheet has a header that is known.
    #[error("no column of the spreadsheet is known")]
    NoColumns,
    /// A sheet whose name says that it lists people has rows but no header.
    #[error("a sheet of people has no header")]
    SheetWithoutHeader(Role),
    /// Text in no encoding, or in none from its beginning to its end.
    #[error("line {line} is in no known encoding")]
    BadEncoding {
        /// The first line with such bytes, from 1.
        line: u32,
    },
    /// A quoted cell that does not end, or not where a cell ends, or that holds other rows.
    #[error("the quotes of line {line} do not match")]
    BadQuotes {
        /// The line that the cell begins on, from 1.
        line: u32,
    },
}

/// A kind of file that is no spreadsheet, or none that is read, but often taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtherKind {
    /// Nothing at all, or white space.
    Empty,
    /// A web page, which many programs export under the name `.xls`.
    WebPage,
    /// A workbook in the XML of Excel 2003.
    Xml2003,
    /// Excel's binary workbook, `.xlsb`.
    BinaryWorkbook,
    /// A workbook of Excel 4 or older.
    OldWorkbook,
    /// A text document or a presentation: of Word, PDF and the like.
    Document,
    /// A picture.
    Picture,
    /// A compressed archive that is no workbook.
    Archive,
}

impl OtherKind {
    /// Every kind, with its name for programs; stable.
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
    /// Every fault; those that name a place, with one.
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

    /// The fault's name for programs; stable.
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

    /// Whether the file is no spreadsheet that is read, rather than one with a fault.
    pub const fn is_other_kind(self) -> bool {
        matches!(self, Self::NotASpreadsheet | Self::OtherKind(_))
    }

    /// The fault with what it names, to be kept: the slug, and behind a space the place or kind.
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

    /// The fault that was kept as this.
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
