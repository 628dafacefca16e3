//! People and their accounts.

mod birth_date;
mod password;
mod person;
mod phone;
mod update;
mod uuid;

pub use birth_date::BirthDate;
pub use password::{DEFAULT_PASSWORDS, NewPassword, PasswordHash};
pub use person::{Age, HomeAddress, Hospital, Nickname, PersonName, Role, Sex, fold_name};
pub use phone::{PhoneNumber, ReservedPhone};
pub use update::{AccountChanges, AccountUpdate, PasswordChange};
pub use uuid::AccountUuid;

use crate::error::Error;
use crate::id::AccountId;
use crate::session::SessionId;
use crate::time::Timestamp;

/// Whoever makes a request: an account, in one of its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub uuid: AccountUuid,
    /// Its role; roles never change.
    pub role: Role,
    /// The session that the request was made in.
    pub session: SessionId,
}

impl Actor {
    /// Refuses an actor whose role is not among these.
    pub fn require(&self, roles: &[Role]) -> Result<(), Error> {
        if roles.contains(&self.role) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Whether the actor works for the hospital's administration.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The database's number for it.
    pub id: AccountId,
    /// What other records and clients call it.
    pub uuid: AccountUuid,
    /// The person's name; for an admin also what they log in with.
    pub username: PersonName,
    /// What the person likes to be called; may be empty.
    pub nickname: Nickname,
    /// What the person may do.
    pub role: Role,
    /// The person's sex, where known.
    pub sex: Option<Sex>,
    /// The person's age in years, where known.
    pub age: Option<Age>,
    /// What patients and physicians log in with; an admin may have none.
    pub phone: Option<PhoneNumber>,
    /// Where a physician works; empty for others.
    pub hospital: Hospital,
    /// Where a patient lives; empty for others.
    pub home_address: HomeAddress,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Whether the password was given by somebody else and should be changed.
    pub must_change_password: bool,
}

/// An account that is about to be created. Its uuid is drawn when it is stored.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The person's name; for an admin also what they log in with, and then unique.
    pub username: PersonName,
    /// What the person may do.
    pub role: Role,
    /// The person's sex, where known.
    pub sex: Option<Sex>,
    /// The person's age in years, where known.
    pub age: Option<Age>,
    /// What patients and physicians log in with: unique.
    pub phone: Option<PhoneNumber>,
    /// Where a physician works.
    pub hospital: Hospital,
    /// Where a patient lives.
    pub home_address: HomeAddress,
    /// The hashed password.
    pub password: PasswordHash,
    /// Whether the password should be changed at the first log-in.
    pub must_change_password: bool,
    /// When the account is made.
    pub created_at: Timestamp,
}

/// An account with what is needed to check a log-in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// Its hashed password.
    pub password: PasswordHash,
    /// How often the password has been set. A session starts only if this has not changed since
    /// the password was checked.
    pub password_version: i32,
}

/// Which accounts a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFilter {
    /// Accounts of this role only.
    pub role: Role,
    /// Only accounts whose field contains this text, to the letter; all when it is empty.
    pub containing: Option<(AccountField, String)>,
}

/// A field that accounts can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountField {
    /// The person's name.
    Username,
    /// The phone number.
    Phone,
    /// The uuid.
    Uuid,
    /// Where a physician works.
    Hospital,
    /// Where a patient lives.
    HomeAddress,
    /// The nickname.
    Nickname,
}
