use super::Column;

/// What is wrong with a row of a roster, or why it is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowProblem {
    /// There is no name.
    NameMissing,
    /// The name has more characters than an account's may.
    NameTooLong,
    /// There is no phone number.
    PhoneMissing,
    /// Not 11 digits starting with 1.
    PhoneInvalid,
    /// Neither 男 nor 女, nor empty.
    SexInvalid,
    /// Not a whole number of years from 0 to 150, nor empty.
    AgeInvalid,
    /// The address has more characters than an account's may.
    HomeAddressTooLong,
    /// The hospital has more characters than an account's may.
    HospitalTooLong,
    /// Neither the sheet's name nor a cell tells whether this is a patient or a physician.
    RoleMissing,
    /// Neither 患者 nor 医师.
    RoleInvalid,
    /// Not 6 to 71 bytes, or not text that can be a password.
    InitialPasswordInvalid,
    /// An account has the phone number already: skipped.
    PhoneTaken,
    /// An earlier row of the file has the phone number: skipped.
    PhoneRepeated,
}

impl RowProblem {
    /// Every problem.
    pub const ALL: [Self; 13] = [
        Self::NameMissing,
        Self::NameTooLong,
        Self::PhoneMissing,
        Self::PhoneInvalid,
        Self::SexInvalid,
        Self::AgeInvalid,
        Self::HomeAddressTooLong,
        Self::HospitalTooLong,
        Self::RoleMissing,
        Self::RoleInvalid,
        Self::InitialPasswordInvalid,
        Self::PhoneTaken,
        Self::PhoneRepeated,
    ];

    /// The problem's name for programs; stable.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NameMissing => "name.missing",
            Self::NameTooLong => "name.too_long",
            Self::PhoneMissing => "phone.missing",
            Self::PhoneInvalid => "phone.invalid",
            Self::SexInvalid => "sex.invalid",
            Self::AgeInvalid => "age.invalid",
            Self::HomeAddressTooLong => "home_address.too_long",
            Self::HospitalTooLong => "hospital.too_long",
            Self::RoleMissing => "role.missing",
            Self::RoleInvalid => "role.invalid",
            Self::InitialPasswordInvalid => "initial_password.invalid",
            Self::PhoneTaken => "phone.taken",
            Self::PhoneRepeated => "phone.repeated",
        }
    }

    /// The problem of this name.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.slug() == slug)
    }

    /// The column to look at.
    pub const fn column(self) -> Column {
        match self {
            Self::NameMissing | Self::NameTooLong => Column::Name,
            Self::PhoneMissing | Self::PhoneInvalid | Self::PhoneTaken | Self::PhoneRepeated => Column::Phone,
            Self::SexInvalid => Column::Sex,
            Self::AgeInvalid => Column::Age,
            Self::HomeAddressTooLong => Column::HomeAddress,
            Self::HospitalTooLong => Column::Hospital,
            Self::RoleMissing | Self::RoleInvalid => Column::Role,
            Self::InitialPasswordInvalid => Column::InitialPassword,
        }
    }

    /// Whether the row is only skipped: nothing about it has to be mended.
    pub const fn is_skip(self) -> bool {
        matches!(self, Self::PhoneTaken | Self::PhoneRepeated)
    }
}

/// A row that is not imported, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowIssue {
    /// The sheet's place in the file, from 0.
    pub sheet: usize,
    /// The row's number as a spreadsheet program shows it.
    pub row: u32,
    /// Everything that is wrong with it; never empty.
    pub problems: Vec<RowProblem>,
}

impl RowIssue {
    /// Whether the row is only skipped.
    pub fn is_skip(&self) -> bool {
        self.problems.iter().all(|problem| problem.is_skip())
    }
}
