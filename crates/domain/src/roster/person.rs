use super::cell;
use super::column::Column;
use super::problem::RowProblem;
use crate::account::{Age, HomeAddress, Hospital, NewPassword, PersonName, PhoneNumber, Role, Sex};
use crate::validation::FieldProblem;

/// What ends the name of a template's example.
pub(super) const EXAMPLE: &str = "（示例，可删除）";

/// A person as a row of a roster describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// The person's name.
    pub name: PersonName,
    /// A patient or a physician.
    pub role: Role,
    /// The person's sex, where given.
    pub sex: Option<Sex>,
    /// The person's age, where given.
    pub age: Option<Age>,
    /// What the person will log in with.
    pub phone: PhoneNumber,
    /// Where a physician works.
    pub hospital: Hospital,
    /// Where a patient lives.
    pub home_address: HomeAddress,
    /// A password of their own.
    pub password: Option<NewPassword>,
}

impl RosterPerson {
    /// Reads a row of a sheet whose name tells this role, if any. All that is wrong is told, in the
    /// order of the columns. Of two cells under headers of one meaning the first that is filled
    /// counts.
    pub fn parse(sheet: Option<Role>, cells: &[(Column, String)]) -> Result<Self, Vec<RowProblem>> {
        let text = |column| {
            let mut texts = cells.iter().filter(|(known, _)| *known == column);
            texts.find_map(|(_, text)| Some(cell::clean(text)).filter(|text| !text.is_empty()))
        };
        let mut problems = Vec::new();
        let mut check = |problem, reject: bool| problems.extend(reject.then_some(problem));

        let name = text(Column::Name);
        check(RowProblem::NameMissing, name.is_none());
        let name = name.and_then(|name| {
            let parsed = PersonName::parse(&name).ok();
            check(RowProblem::NameTooLong, parsed.is_none());
            parsed
        });
        let sex = text(Column::Sex).and_then(|sex| {
            let parsed = sex_of(&sex);
            check(RowProblem::SexInvalid, parsed.is_none());
            parsed
        });
        let phone = text(Column::Phone);
        check(RowProblem::PhoneMissing, phone.is_none());
        let phone = phone.and_then(|phone| {
            let parsed = PhoneNumber::parse(&cell::phone(&phone)).ok();
            check(RowProblem::PhoneInvalid, parsed.is_none());
            parsed
        });
        let role = if let Some(role) = text(Column::Role) {
            let parsed = role_of(&role);
            check(RowProblem::RoleInvalid, parsed.is_none());
            parsed
        } else {
            check(RowProblem::RoleMissing, sheet.is_none());
            sheet
        };
        let of = |wanted| text(wanted).filter(|_| applies(wanted, role)).unwrap_or_default();
        let home_address = HomeAddress::parse(&of(Column::HomeAddress)).ok();
        check(RowProblem::HomeAddressTooLong, home_address.is_none());
        let age = text(Column::Age).and_then(|age| {
            let parsed = age_of(&age);
            check(RowProblem::AgeInvalid, parsed.is_none());
            parsed
        });
        let hospital = Hospital::parse(&of(Column::Hospital)).ok();
        check(RowProblem::HospitalTooLong, hospital.is_none());
        let password = text(Column::InitialPassword).and_then(|password| {
            let parsed = NewPassword::parse(&password).ok();
            check(RowProblem::InitialPasswordInvalid, parsed.is_none());
            parsed
        });

        match (name, phone, role, home_address, hospital) {
            (Some(name), Some(phone), Some(role), Some(home_address), Some(hospital))
                if problems.is_empty() =>
            {
                Ok(Self { name, role, sex, age, phone, hospital, home_address, password })
            }
            _ => Err(problems),
        }
    }
}

impl RosterPerson {
    /// How much text it holds, in bytes.
    pub(crate) fn size(&self) -> usize {
        let password = self.password.as_ref().map_or(0, |password| password.reveal().len());
        [self.name.as_str(), self.phone.as_str(), self.hospital.as_str(), self.home_address.as_str()]
            .iter()
            .map(|text| text.len())
            .sum::<usize>()
            + password
    }
}

/// Whether the row is a template's example, which is nobody.
pub(crate) fn is_example(cells: &[(Column, String)]) -> bool {
    cells.iter().any(|(column, text)| *column == Column::Name && text.trim_end().ends_with(EXAMPLE))
}

/// A patient has no hospital and a physician no address, whatever a shared sheet says.
fn applies(column: Column, role: Option<Role>) -> bool {
    match column {
        Column::HomeAddress => role != Some(Role::Physician),
        Column::Hospital => role != Some(Role::Patient),
        _ => true,
    }
}

fn sex_of(text: &str) -> Option<Sex> {
    match cell::half_width(text).trim().to_lowercase().as_str() {
        "男" | "男性" | "m" | "male" => Some(Sex::Male),
        "女" | "女性" | "f" | "female" => Some(Sex::Female),
        _ => None,
    }
}

pub(super) fn role_of(text: &str) -> Option<Role> {
    match cell::half_width(text).to_lowercase().as_str() {
        "患者" | "病人" | "居民" | "patient" => Some(Role::Patient),
        "医师" | "医生" | "家庭医生" | "physician" | "doctor" => Some(Role::Physician),
        _ => None,
    }
}

fn age_of(text: &str) -> Option<Age> {
    let digits = cell::number(text);
    let years = digits.parse::<u8>().map_err(|_| FieldProblem::NotANumber);
    years.and_then(|years| Age::new(years.into())).ok()
}
