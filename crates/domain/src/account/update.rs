//! Changes to an account.

use super::{
    Account, AccountUuid, HomeAddress, Hospital, NewPassword, Nickname, PasswordHash, PhoneNumber, Role, Sex,
};
use crate::session::SessionId;

/// A requested update of an account. `None` leaves a field unchanged.
#[derive(Debug, Clone)]
pub struct AccountUpdate {
    /// The account to update.
    pub uuid: AccountUuid,
    /// Whether this is a whole account object that a client sends back as received, possibly days ago. Then
    /// only the fields that its form lets a person edit count: nickname, phone, sex and password.
    pub is_echo: bool,
    /// The new nickname; an empty one clears it.
    pub nickname: Option<Nickname>,
    /// The new password.
    pub password: Option<NewPassword>,
    /// The new phone number.
    pub phone: Option<PhoneNumber>,
    /// The new sex.
    pub sex: Option<Sex>,
    /// A patient's new address.
    pub home_address: Option<HomeAddress>,
    /// A physician's new hospital.
    pub hospital: Option<Hospital>,
}

impl AccountUpdate {
    /// An update of the password alone.
    pub fn of_password(uuid: AccountUuid, password: NewPassword) -> Self {
        Self {
            uuid,
            is_echo: false,
            nickname: None,
            password: Some(password),
            phone: None,
            sex: None,
            home_address: None,
            hospital: None,
        }
    }

    /// Drops fields that do not apply to an account with this role, or to an echoed account.
    #[must_use]
    pub fn applicable_to(mut self, role: Role) -> Self {
        if self.is_echo || role != Role::Patient {
            self.home_address = None;
        }
        if self.is_echo || role != Role::Physician {
            self.hospital = None;
        }
        self
    }
}

/// Decided changes of an account, ready to be stored together. `None` leaves a field unchanged.
#[derive(Debug, Clone, Default)]
pub struct AccountChanges {
    /// The new nickname.
    pub nickname: Option<Nickname>,
    /// The new phone number.
    pub phone: Option<PhoneNumber>,
    /// The new sex.
    pub sex: Option<Sex>,
    /// The new address.
    pub home_address: Option<HomeAddress>,
    /// The new hospital.
    pub hospital: Option<Hospital>,
    /// The new password.
    pub password: Option<PasswordChange>,
    /// The account as it was seen by the person who asks for the changes, if that matters.
    pub seen: Option<Account>,
}

impl AccountChanges {
    /// Whether somebody else has changed, since it was seen, what these change.
    pub fn are_overtaken(&self, stored: &Account) -> bool {
        let Some(seen) = &self.seen else { return false };
        is_overtaken(self.nickname.as_ref(), &seen.nickname, &stored.nickname)
            || is_overtaken(self.phone.is_some().then_some(&self.phone), &seen.phone, &stored.phone)
            || is_overtaken(self.sex.is_some().then_some(&self.sex), &seen.sex, &stored.sex)
            || is_overtaken(self.home_address.as_ref(), &seen.home_address, &stored.home_address)
            || is_overtaken(self.hospital.as_ref(), &seen.hospital, &stored.hospital)
            || (self.password.is_some() && seen.password_version != stored.password_version)
    }
}

/// Whether a value to change is not as it was seen, nor as it should become.
fn is_overtaken<T: PartialEq>(wanted: Option<&T>, seen: &T, stored: &T) -> bool {
    wanted.is_some_and(|wanted| wanted != stored && seen != stored)
}

/// A new password, which ends all sessions of the account except one.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The hashed password.
    pub hash: PasswordHash,
    /// Whether another account set it, so that the owner should change it.
    pub must_change: bool,
    /// The session to keep: the one in which owners change their own password.
    pub keep_session: Option<SessionId>,
}
