//! An account that an admin asks for.

use super::{Age, BirthDate, HomeAddress, Hospital, NewPassword, PersonName, PhoneNumber, Role, Sex};
use crate::validation::{FieldProblem, Invalid, Validation};

/// An account that an admin asks for, alone and not with a roster.
#[derive(Debug, Clone)]
pub struct AccountRequest {
    /// What the person may do.
    pub role: Role,
    /// The person's name; for an admin what they log in with.
    pub username: PersonName,
    /// What a patient or physician logs in with.
    pub phone: Option<PhoneNumber>,
    /// The person's sex, where known.
    pub sex: Option<Sex>,
    /// The person's age today, where known. The date of birth counts for more.
    pub age: Option<Age>,
    /// The person's date of birth, where known.
    pub birth_date: Option<BirthDate>,
    /// A patient's address. Of others it does not count, as in an update.
    pub home_address: Option<HomeAddress>,
    /// Where a physician works. Of others it does not count, as in an update.
    pub hospital: Option<Hospital>,
    /// The first password; the installation's initial one if there is none. An admin needs one of their
    /// own, because everybody at the hospital may know the initial one.
    pub password: Option<NewPassword>,
}

impl AccountRequest {
    /// What applies to an account of the role, if nothing is missing.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        let mut validation = Validation::default();
        validation.check("username", PersonName::of_account(self.role, self.username.as_str()).map(drop));
        if self.role.logs_in_by_phone() && self.phone.is_none() {
            validation.reject("phone", FieldProblem::Missing);
        }
        if !self.role.logs_in_by_phone() && self.password.is_none() {
            validation.reject("password", FieldProblem::Missing);
        }
        self.home_address = self.home_address.filter(|_| self.role == Role::Patient);
        self.hospital = self.hospital.filter(|_| self.role == Role::Physician);
        validation.finish(Some(self))
    }
}
