use crate::text::bounded_text;
use crate::validation::FieldProblem;

/// What an account may do. Roles are fixed when the account is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A resident who asks for visits: `患者`.
    Patient,
    /// A family doctor: `医师`.
    Physician,
    /// The hospital's administration: `系统管理员`.
    Admin,
}

impl Role {
    /// Every role's name on the wire.
    pub const NAMES: &'static [&'static str] = &["患者", "医师", "系统管理员"];

    /// The role's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "患者",
            Self::Physician => "医师",
            Self::Admin => "系统管理员",
        }
    }

    /// Reads a role's name.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text {
            "患者" => Ok(Self::Patient),
            "医师" => Ok(Self::Physician),
            "系统管理员" => Ok(Self::Admin),
            _ => Err(FieldProblem::NotOneOf(Self::NAMES.to_vec())),
        }
    }
}

/// A person's sex as the hospital records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// `男`
    Male,
    /// `女`
    Female,
}

impl Sex {
    /// Every value's name on the wire.
    pub const NAMES: &'static [&'static str] = &["男", "女"];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }

    /// Reads `男` or `女`.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text.trim() {
            "" => Err(FieldProblem::Missing),
            "男" => Ok(Self::Male),
            "女" => Ok(Self::Female),
            _ => Err(FieldProblem::NotOneOf(Self::NAMES.to_vec())),
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
