//! Problems of single roster rows.

use super::Column;

/// Why a row of a roster is rejected or skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowProblem {
    /// There are cells to the right of the last header, so values may be in the wrong columns.
    MoreCellsThanColumns,
    /// The name is missing.
    NameMissing,
    /// The name exceeds the maximum length.
    NameTooLong,
    /// The phone number is missing.
    PhoneMissing,
    /// Not 11 digits starting with 1.
    PhoneInvalid,
    /// Neither 男 nor 女, nor a code of GB/T 2261.1, nor empty.
    SexInvalid,
    /// Not a whole number of years from 0 to 150, nor an infant's age, nor empty.
    AgeInvalid,
    /// Not a date with year, month and day, or in the future, or more than 150 years ago.
    BirthDateInvalid,
    /// The difference to the age is larger than different counting explains.
    BirthDateContradictsAge,
    /// The address exceeds the maximum length.
    HomeAddressTooLong,
    /// The hospital exceeds the maximum length.
    HospitalTooLong,
    /// Neither the sheet's name nor a cell says whether this is a patient or a physician.
    RoleMissing,
    /// Neither 患者 nor 医师.
    RoleInvalid,
    /// Not 6 to 71 bytes, or not valid as a password.
    InitialPasswordInvalid,
    /// A default password, which may not be chosen.
    InitialPasswordDefault,
    /// An error value such as `#N/A`, or a boolean.
    NotAValue(Column),
    /// A formula without a result.
    NoResult(Column),
    /// A number in an unsupported format, so the displayed value is unknown.
    NotShown(Column),
    /// Two columns with this meaning have different values.
    TwoValues(Column),
    /// Part of a merged cell that begins under another header.
    MergedAcross(Column),
    /// An account with this phone number exists: skipped.
    PhoneTaken,
    /// An earlier row of the file has this phone number: skipped.
    PhoneRepeated,
}

/// The slugs of a problem that any column may have.
macro_rules! of_column {
    ($column:expr, $problem:literal) => {
        match $column {
            Column::Name => concat!("name.", $problem),
            Column::Sex => concat!("sex.", $problem),
            Column::Phone => concat!("phone.", $problem),
            Column::HomeAddress => concat!("home_address.", $problem),
            Column::Age => concat!("age.", $problem),
            Column::BirthDate => concat!("birth_date.", $problem),
            Column::Hospital => concat!("hospital.", $problem),
            Column::Role => concat!("role.", $problem),
            Column::InitialPassword => concat!("initial_password.", $problem),
        }
    };
}

impl RowProblem {
    /// Problems of specific columns.
    const CERTAIN: [Self; 17] = [
        Self::MoreCellsThanColumns,
        Self::NameMissing,
        Self::NameTooLong,
        Self::PhoneMissing,
        Self::PhoneInvalid,
        Self::SexInvalid,
        Self::AgeInvalid,
        Self::BirthDateInvalid,
        Self::BirthDateContradictsAge,
        Self::HomeAddressTooLong,
        Self::HospitalTooLong,
        Self::RoleMissing,
        Self::RoleInvalid,
        Self::InitialPasswordInvalid,
        Self::InitialPasswordDefault,
        Self::PhoneTaken,
        Self::PhoneRepeated,
    ];
    /// Problems that any column may have.
    const GENERAL: [fn(Column) -> Self; 5] =
        [Self::NotAValue, Self::NoResult, Self::NotShown, Self::TwoValues, Self::MergedAcross];

    /// Every problem.
    pub fn all() -> impl Iterator<Item = Self> {
        let general = Column::ALL.into_iter().flat_map(|column| Self::GENERAL.map(|problem| problem(column)));
        Self::CERTAIN.into_iter().chain(general)
    }

    /// The stable machine-readable name.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::MoreCellsThanColumns => "row.more_cells_than_columns",
            Self::NameMissing => "name.missing",
            Self::NameTooLong => "name.too_long",
            Self::PhoneMissing => "phone.missing",
            Self::PhoneInvalid => "phone.invalid",
            Self::SexInvalid => "sex.invalid",
            Self::AgeInvalid => "age.invalid",
            Self::BirthDateInvalid => "birth_date.invalid",
            Self::BirthDateContradictsAge => "birth_date.contradicts_age",
            Self::HomeAddressTooLong => "home_address.too_long",
            Self::HospitalTooLong => "hospital.too_long",
            Self::RoleMissing => "role.missing",
            Self::RoleInvalid => "role.invalid",
            Self::InitialPasswordInvalid => "initial_password.invalid",
            Self::InitialPasswordDefault => "initial_password.default",
            Self::NotAValue(column) => of_column!(column, "not_a_value"),
            Self::NoResult(column) => of_column!(column, "no_result"),
            Self::NotShown(column) => of_column!(column, "not_shown"),
            Self::TwoValues(column) => of_column!(column, "two_values"),
            Self::MergedAcross(column) => of_column!(column, "merged_across"),
            Self::PhoneTaken => "phone.taken",
            Self::PhoneRepeated => "phone.repeated",
        }
    }

    /// The problem with this slug.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::all().find(|problem| problem.slug() == slug)
    }

    /// The affected column; `None` for the row as a whole.
    pub const fn column(self) -> Option<Column> {
        Some(match self {
            Self::MoreCellsThanColumns => return None,
            Self::NameMissing | Self::NameTooLong => Column::Name,
            Self::PhoneMissing | Self::PhoneInvalid | Self::PhoneTaken | Self::PhoneRepeated => Column::Phone,
            Self::SexInvalid => Column::Sex,
            Self::AgeInvalid => Column::Age,
            Self::BirthDateInvalid | Self::BirthDateContradictsAge => Column::BirthDate,
            Self::HomeAddressTooLong => Column::HomeAddress,
            Self::HospitalTooLong => Column::Hospital,
            Self::RoleMissing | Self::RoleInvalid => Column::Role,
            Self::InitialPasswordInvalid | Self::InitialPasswordDefault => Column::InitialPassword,
            Self::NotAValue(column)
            | Self::NoResult(column)
            | Self::NotShown(column)
            | Self::TwoValues(column)
            | Self::MergedAcross(column) => column,
        })
    }

    /// Whether the row is only skipped and needs no correction.
    pub const fn is_skip(self) -> bool {
        matches!(self, Self::PhoneTaken | Self::PhoneRepeated)
    }
}

/// A row that is not imported, and its problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowIssue {
    /// Index of the sheet in the file, from 0.
    pub sheet: usize,
    /// The row number as displayed.
    pub row: u32,
    /// Its problems; never empty.
    pub problems: Vec<RowProblem>,
}

impl RowIssue {
    /// Whether the row is only skipped.
    pub fn is_skip(&self) -> bool {
        self.problems.iter().all(|problem| problem.is_skip())
    }
}
