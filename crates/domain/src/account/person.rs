//! Values that describe a person.

use crate::enumeration::named_enum;
use crate::text::bounded_text;
use crate::validation::FieldProblem;

named_enum! {
    /// The role of an account, fixed at its creation.
    pub enum Role {
        /// A resident who requests visits.
        Patient = "患者",
        /// A family doctor.
        Physician = "医师",
        /// The hospital's administration.
        Admin = "系统管理员",
    }
}

impl Role {
    /// Whether accounts of this role log in with a phone number, so that they need one. The others log in
    /// with their name.
    pub const fn logs_in_by_phone(self) -> bool {
        match self {
            Self::Patient | Self::Physician => true,
            Self::Admin => false,
        }
    }

    /// Reads a role's name.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        Self::of_name(text).ok_or_else(|| FieldProblem::NotOneOf(Self::NAMES.to_vec()))
    }
}

named_enum! {
    /// A person's sex as recorded by the hospital.
    pub enum Sex {
        /// Male.
        Male = "男",
        /// Female.
        Female = "女",
    }
}

impl Sex {
    /// Parses `男` or `女`.
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
    /// Maximum plausible age.
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

/// A person's name, in the normalised spelling used for storage and search: see [`fold_name`].
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Maximum number of characters.
    pub const MAX_CHARS: usize = 50;
    /// The fewest and the most characters of a name that an admin logs in with.
    pub const ADMIN_CHARS: (usize, usize) = (5, 16);

    /// Accepts text of up to [`Self::MAX_CHARS`] characters after normalisation, including the empty text.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let name = fold_name(text);
        if name.chars().count() > Self::MAX_CHARS {
            return Err(FieldProblem::TooLong { max: Self::MAX_CHARS });
        }
        Ok(Self(name))
    }

    /// Reads the name of an account that is created by itself. Nobody is nameless, and the console's form
    /// takes no shorter or longer name of an admin than [`Self::ADMIN_CHARS`].
    pub fn of_account(role: Role, text: &str) -> Result<Self, FieldProblem> {
        let name = Self::parse(text)?;
        let (min, max) = Self::ADMIN_CHARS;
        match name.0.chars().count() {
            0 => Err(FieldProblem::Missing),
            chars if role == Role::Admin && !(min..=max).contains(&chars) => {
                Err(FieldProblem::CharacterCount { min, max })
            }
            _ => Ok(name),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The middle dot of names such as `艾力·买买提` (GB 18030 and the resident register use U+00B7).
const MIDDLE_DOT: char = '\u{b7}';

/// Normalises a name, or a part of one, for storage and search. Surrounding white space is dropped, and so is
/// white space between Han characters, which forms use to align names of two and three characters (`张　三`).
/// The various characters that input methods produce for a middle dot become `·`.
pub fn fold_name(text: &str) -> String {
    let text: String = text.chars().map(|c| if is_middle_dot(c) { MIDDLE_DOT } else { c }).collect();
    let mut folded = String::with_capacity(text.len());
    let mut rest = text.trim_matches(is_blank);
    while let Some(first) = rest.chars().next() {
        let after = rest.trim_start_matches(is_blank);
        if after.len() < rest.len() {
            let closes_up =
                folded.chars().next_back().is_some_and(joins) && after.chars().next().is_some_and(joins);
            let blanks = rest.get(..rest.len() - after.len()).unwrap_or_default();
            if !closes_up {
                folded.push_str(blanks);
            }
            rest = after;
        } else {
            folded.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    folded
}

/// White space and zero-width characters.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Bullet, katakana middle dot in both widths, hyphenation point, full-width full stop, and the dots of
/// mathematics and Greek.
fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '\u{2022}'
            | '\u{ff0e}'
            | '\u{30fb}'
            | '\u{ff65}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{387}'
            | MIDDLE_DOT
    )
}

/// Characters written without surrounding white space in a Chinese name. Private use characters are rare Han
/// characters in files written by old programs.
fn joins(c: char) -> bool {
    c == MIDDLE_DOT
        || matches!(c, '々' | '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{e000}'..='\u{f8ff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

bounded_text!(
    /// A person's nickname.
    Nickname, 50
);
bounded_text!(
    /// A physician's hospital.
    Hospital, 255
);
bounded_text!(
    /// A patient's home address.
    HomeAddress, 255
);
