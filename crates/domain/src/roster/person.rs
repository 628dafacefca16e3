//! Parsing of a roster row into a person.

use chrono::NaiveDate;

use super::cell;
use super::column::Column;
use super::problem::RowProblem;
use super::roster_cell::RosterCell;
use crate::account::{
    Age, BirthDate, HomeAddress, Hospital, NewPassword, PersonName, PhoneNumber, Role, Sex,
};

/// Suffix of the name in a template's example.
pub(super) const EXAMPLE: &str = "（示例，可删除）";

/// Tolerated difference between a given age and the one computed from the birth date: traditional counting
/// adds one or two years, and lists may be old.
const AGE_TOLERANCE: u8 = 2;

/// A person as described by a row of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// The person's name.
    pub name: PersonName,
    /// A patient or a physician.
    pub role: Role,
    /// The person's sex, if given.
    pub sex: Option<Sex>,
    /// The person's age on the day of the import: computed from the birth date if given, otherwise as given.
    pub age: Option<Age>,
    /// The person's date of birth, if given.
    pub birth_date: Option<BirthDate>,
    /// The phone number used to log in.
    pub phone: PhoneNumber,
    /// A physician's hospital.
    pub hospital: Hospital,
    /// A patient's home address.
    pub home_address: HomeAddress,
    /// An individual password.
    pub password: Option<NewPassword>,
}

impl RosterPerson {
    /// Parses a row of a sheet, given the role implied by the sheet's name and the hospital's current day.
    /// Reports all problems, in column order.
    pub fn parse(
        sheet: Option<Role>,
        cells: &[(Column, RosterCell)],
        today: NaiveDate,
    ) -> Result<Self, Vec<RowProblem>> {
        use RowProblem as P;

        let mut row = Row { cells, problems: Vec::new() };
        let name = row.required(Column::Name, P::NameMissing, P::NameTooLong, |text| {
            PersonName::parse(text).ok().filter(|name| !name.as_str().is_empty())
        });
        let sex = row.optional(Column::Sex, P::SexInvalid, sex_of).flatten();
        let phone = row.required(Column::Phone, P::PhoneMissing, P::PhoneInvalid, |text| {
            PhoneNumber::parse(&cell::phone(text)).ok()
        });
        let role = match row.optional(Column::Role, P::RoleInvalid, role_of) {
            Some(role) => Some(role),
            None if row.says_nothing(Column::Role) => {
                row.check(P::RoleMissing, sheet.is_some());
                sheet
            }
            None => None,
        };
        let home_address = row.applying(Column::HomeAddress, role, P::HomeAddressTooLong, HomeAddress::parse);
        let given_age = row.optional(Column::Age, P::AgeInvalid, age_of);
        let birth_date = row.birth_date(today);
        let age = row.age(given_age, birth_date.and_then(|birth| birth.age_on(today)));
        let hospital = row.applying(Column::Hospital, role, P::HospitalTooLong, Hospital::parse);
        let password = row.optional(Column::InitialPassword, P::InitialPasswordInvalid, |text| {
            NewPassword::parse(text).ok()
        });

        match (name, phone, role) {
            (Some(name), Some(phone), Some(role)) if row.problems.is_empty() => {
                Ok(Self { name, role, sex, age, birth_date, phone, hospital, home_address, password })
            }
            _ => Err(row.problems),
        }
    }
}

/// A row while it is parsed.
struct Row<'a> {
    cells: &'a [(Column, RosterCell)],
    problems: Vec<RowProblem>,
}

impl<'a> Row<'a> {
    fn check(&mut self, problem: RowProblem, holds: bool) {
        self.problems.extend((!holds).then_some(problem));
    }

    fn filled(&self, column: Column) -> impl Iterator<Item = &'a RosterCell> + use<'a> {
        let of_column = self.cells.iter().filter(move |(known, _)| *known == column);
        of_column.map(|(_, cell)| cell).filter(|cell| match cell {
            RosterCell::Text(text) => !cell::clean(text).is_empty(),
            _ => !cell.is_blank(),
        })
    }

    fn says_nothing(&self, column: Column) -> bool {
        self.filled(column).next().is_none()
    }

    /// The column's cell. Problems that do not depend on the column's type are noted.
    fn cell(&mut self, column: Column) -> Option<&'a RosterCell> {
        let mut filled = self.filled(column);
        let first = filled.next()?;
        let text = |cell: &RosterCell| match column {
            Column::Phone => cell::phone(&cell.to_text()),
            _ => cell::clean(&cell.to_text()),
        };
        let differs = filled.any(|other| text(other) != text(first));
        let problem = match first {
            _ if differs => RowProblem::TwoValues(column),
            RosterCell::NoResult => RowProblem::NoResult(column),
            RosterCell::NotAValue(_) => RowProblem::NotAValue(column),
            _ if first.shown().is_some_and(cell::is_not_a_value) => RowProblem::NotAValue(column),
            _ => return Some(first),
        };
        self.problems.push(problem);
        None
    }

    /// The column's value. The displayed text counts; if it is not a valid value or is unknown, and the
    /// column is numeric, the number's digits are used.
    fn optional<T>(
        &mut self,
        column: Column,
        invalid: RowProblem,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let cell = self.cell(column)?;
        self.value(column, cell, invalid, parse)
    }

    fn value<T>(
        &mut self,
        column: Column,
        cell: &RosterCell,
        invalid: RowProblem,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let shown = cell.shown().map(cell::clean);
        let parsed = shown.as_deref().and_then(&parse).or_else(|| match cell {
            RosterCell::Number { value, .. } if is_numeric(column) => parse(value),
            _ => None,
        });
        let problem =
            if shown.is_none() && !is_numeric(column) { RowProblem::NotShown(column) } else { invalid };
        self.check(problem, parsed.is_some());
        parsed
    }

    fn required<T>(
        &mut self,
        column: Column,
        missing: RowProblem,
        invalid: RowProblem,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let is_there = !self.says_nothing(column);
        self.check(missing, is_there);
        self.optional(column, invalid, parse)
    }

    /// A text that applies to one role only: a patient has no hospital and a physician no address, even if a
    /// shared sheet fills them in.
    fn applying<T: Default, E>(
        &mut self,
        column: Column,
        role: Option<Role>,
        invalid: RowProblem,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> T {
        let applies = match column {
            Column::HomeAddress => role != Some(Role::Physician),
            Column::Hospital => role != Some(Role::Patient),
            _ => true,
        };
        let parsed = applies.then(|| self.optional(column, invalid, |text| parse(text).ok()));
        parsed.flatten().unwrap_or_default()
    }

    fn birth_date(&mut self, today: NaiveDate) -> Option<BirthDate> {
        let cell = self.cell(Column::BirthDate)?;
        let valid = |date| BirthDate::new(date, today).ok();
        let RosterCell::Date { date, .. } = *cell else {
            let parse = |text: &str| cell::date(text).and_then(valid);
            return self.value(Column::BirthDate, cell, RowProblem::BirthDateInvalid, parse);
        };
        self.check(RowProblem::BirthDateInvalid, valid(date).is_some());
        valid(date)
    }

    /// The age computed from the birth date, if there is one; a given age must agree with it.
    fn age(&mut self, given: Option<Age>, by_birth: Option<Age>) -> Option<Age> {
        if let (Some(given), Some(by_birth)) = (given, by_birth) {
            let agrees = given.years().abs_diff(by_birth.years()) <= AGE_TOLERANCE;
            self.check(RowProblem::BirthDateContradictsAge, agrees);
        }
        by_birth.or(given)
    }
}

impl RosterPerson {
    /// Size of its text in bytes.
    pub(crate) fn size(&self) -> usize {
        let password = self.password.as_ref().map_or(0, |password| password.reveal().len());
        [self.name.as_str(), self.phone.as_str(), self.hospital.as_str(), self.home_address.as_str()]
            .iter()
            .map(|text| text.len())
            .sum::<usize>()
            + password
    }
}

/// Whether the row is a template's example.
pub(crate) fn is_example(cells: &[(Column, RosterCell)]) -> bool {
    let is_marked = |cell: &RosterCell| cell.shown().is_some_and(|text| text.trim_end().ends_with(EXAMPLE));
    cells.iter().any(|(column, cell)| *column == Column::Name && is_marked(cell))
}

/// Whether a number's digits are the column's value, regardless of its number format.
fn is_numeric(column: Column) -> bool {
    matches!(column, Column::Phone | Column::Age | Column::Sex | Column::BirthDate)
}

/// A sex, or none if the text says unknown. Codes are those of GB/T 2261.1, alone or with the word (`1-男`).
#[expect(clippy::option_option, reason = "unknown differs from not understood")]
fn sex_of(text: &str) -> Option<Option<Sex>> {
    let text = cell::simplified(&cell::half_width(text)).to_lowercase();
    let is_code = |c: char| c.is_ascii_digit() || c == '.';
    let (code, word) = text.split_at(text.find(|c| !is_code(c)).unwrap_or(text.len()));
    let word = word.trim_start_matches([' ', '-', ':', '、', ')', '\u{2013}', '\u{2014}']).trim();
    let by_code = match cell::whole(code.trim_end_matches('.')) {
        Some(1) => Some(Some(Sex::Male)),
        Some(2) => Some(Some(Sex::Female)),
        Some(0 | 9) => Some(None),
        _ => None,
    };
    let by_word = match word {
        "男" | "男性" | "男士" | "m" | "male" | "man" | "boy" => Some(Some(Sex::Male)),
        "女" | "女性" | "女士" | "f" | "female" | "woman" | "girl" => Some(Some(Sex::Female)),
        "未知" | "未知的性别" | "未知性别" | "未说明" | "未说明的性别" | "未说明性别" | "性别未知"
        | "不详" | "不明" | "unknown" | "unspecified" | "not specified" | "not known" => Some(None),
        _ => None,
    };
    match (code.is_empty(), word.is_empty()) {
        (true, _) => by_word,
        (false, true) => by_code,
        (false, false) => by_code.filter(|sex| by_word == Some(*sex)),
    }
}

pub(super) fn role_of(text: &str) -> Option<Role> {
    match cell::simplified(&cell::half_width(text)).trim().to_lowercase().as_str() {
        "患者" | "病人" | "居民" | "patient" => Some(Role::Patient),
        "医师" | "医生" | "家庭医生" | "physician" | "doctor" => Some(Role::Physician),
        _ => None,
    }
}

fn age_of(text: &str) -> Option<Age> {
    Age::new(i64::try_from(cell::years(text)?).ok()?).ok()
}
