/// Why a file cannot be imported at all. Whoever sent it can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RosterFault {
    /// It is no spreadsheet of a kind that can be read.
    #[error("not a spreadsheet")]
    NotASpreadsheet,
    /// It is protected by a password.
    #[error("the spreadsheet is encrypted")]
    Encrypted,
    /// It is a spreadsheet, but damaged or incomplete.
    #[error("the spreadsheet is damaged")]
    Damaged,
    /// It is larger inside than is sensible.
    #[error("the spreadsheet is too large inside")]
    TooLargeInside,
    /// It has more rows than are imported at a time.
    #[error("the spreadsheet has too many rows")]
    TooManyRows,
    /// No sheet has a header that is known.
    #[error("no column of the spreadsheet is known")]
    NoColumns,
}

impl RosterFault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::NotASpreadsheet,
        Self::Encrypted,
        Self::Damaged,
        Self::TooLargeInside,
        Self::TooManyRows,
        Self::NoColumns,
    ];

    /// The fault's name for programs; stable.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NotASpreadsheet => "roster.not_a_spreadsheet",
            Self::Encrypted => "roster.encrypted",
            Self::Damaged => "roster.damaged",
            Self::TooLargeInside => "roster.too_large_inside",
            Self::TooManyRows => "roster.too_many_rows",
            Self::NoColumns => "roster.no_columns",
        }
    }

    /// The fault of this name.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.slug() == slug)
    }
}
