//! Changes to an account.

use super::{
    AccountUuid, HomeAddress, Hospital, NewPassword, Nickname, PasswordHash, PhoneNumber, Role, Sex,
};
use crate::session::SessionId;

/// What somebody asks to change about an account. `None` stays as it is.
#[derive(Debug, Clone)]
pub struct AccountUpdate {
    /// Whose account.
    pub uuid: AccountUuid,
    /// Whether this is a whole account object that a client sends back as it got it, perhaps days
    /// ago. Then only the fields that its form lets a person edit count: nickname, phone, sex and
    /// password.
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
    /// Drops what does not apply to an account of this role, or to an echoed account.
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

/// Decided changes to an account, ready to be stored together. `None` stays as it is.
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
}

/// A new password, and what it does to the account's sessions: all end, but for one.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The hashed password.
    pub hash: PasswordHash,
    /// Whether somebody else set it, so that the owner should change it.
    pub must_change: bool,
    /// The session that goes on: the one in which owners change their own password.
    pub keep_session: Option<SessionId>,
}
