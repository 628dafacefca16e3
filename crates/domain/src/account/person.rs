//! Values that describe a person.

use crate::enumeration::named_enum;
use crate::text::bounded_text;
use crate::validation::FieldProblem;

named_enum! {
    /// What an account may do. Roles are fixed when the account is made.
    pub enum Role {
        /// A resident who asks for visits.
        Patient = "患者",
        /// A family doctor.
        Physician = "医师",
        /// The hospital's administration.
        Admin = "系统管理员",
    }
}

impl Role {
    /// Reads a role's name.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        Self::of_name(text).ok_or_else(|| FieldProblem::NotOneOf(Self::NAMES.to_vec()))
    }
}

named_enum! {
    /// A person's sex as the hospital records it.
    pub enum Sex {
        /// Male.
        Male = "男",
        /// Female.
        Female = "女",
    }
}

impl Sex {
    /// Reads `男` or `女`.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text.trim() {
            "" => Err(FieldProblem::Missing),
            name => Self::of_name(name).ok_or_else(|| FieldProblem::NotOneOf(Self::NAMES.to_vec())),
        }
    }
}

/// An age in years: 0 to 150.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Age(u8);

impl Age {
    /// The largest age that is believed.
    pub const MAX: u8 = 150;

    /// Accepts 0 to 150 years.
    pub fn new(years: i64) -> Result<Self, FieldProblem> {
        u8::try_from(years)
            .ok()
            .filter(|years| *years <= Self::MAX)
            .map(Self)
            .ok_or(FieldProblem::OutOfRange { min: 0, max: Self::MAX.into() })
    }

    /// The age in years.
    pub const fn years(self) -> u8 {
        self.0
    }
}

bounded_text!(
    /// A person's name.
    PersonName, 50
);
bounded_text!(
    /// What a person likes to be called.
    Nickname, 50
);
bounded_text!(
    /// Where a physician works.
    Hospital, 255
);
bounded_text!(
    /// Where a patient lives.
    HomeAddress, 255
);
