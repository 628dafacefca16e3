//! Accounts.

mod birth_date;
mod duplicates;
mod known_age;
mod password;
mod person;
mod phone;
mod request;
mod search;
mod update;
mod uuid;

pub use birth_date::BirthDate;
pub use duplicates::{may_be_the_same, may_belong_to, possible_duplicates};
pub use known_age::KnownAge;
pub use password::{DEFAULT_PASSWORDS, NewPassword, PasswordHash};
pub use person::{Age, HomeAddress, Hospital, Nickname, PersonName, Role, Sex, fold_name};
pub use phone::{PhoneNumber, ReservedPhone};
pub use request::AccountRequest;
pub use search::{PeopleFilter, PersonCriterion};
pub use update::{AccountChanges, AccountUpdate, PasswordChange};
pub use uuid::AccountUuid;

use crate::audit::Origin;
use crate::error::Error;
use crate::id::AccountId;
use crate::reason::Reason;
use crate::session::SessionId;
use crate::time::Timestamp;

/// The caller of a request: an account, in one of its sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub uuid: AccountUuid,
    /// Its role; roles never change.
    pub role: Role,
    /// The session of the request.
    pub session: SessionId,
    /// The request that the actor makes, for the audit entries of its changes; `None` if they are not recorded.
    pub origin: Option<Origin>,
}

impl Actor {
    /// An actor whose changes are not recorded.
    pub const fn new(uuid: AccountUuid, role: Role, session: SessionId) -> Self {
        Self { uuid, role, session, origin: None }
    }

    /// The same actor, in this request.
    #[must_use]
    pub fn within(self, origin: Option<Origin>) -> Self {
        Self { origin, ..self }
    }

    /// Rejects an actor whose role is not among these.
    pub fn require(&self, roles: &[Role]) -> Result<(), Error> {
        if roles.contains(&self.role) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Whether the actor is an admin.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// The account of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its database id.
    pub id: AccountId,
    /// Its identifier in other records and for clients.
    pub uuid: AccountUuid,
    /// The person's name; also an admin's log-in name.
    pub username: PersonName,
    /// The person's nickname; may be empty.
    pub nickname: Nickname,
    /// The role, which determines permissions.
    pub role: Role,
    /// The person's sex, if known.
    pub sex: Option<Sex>,
    /// What is known of the person's age, if anything is.
    pub age: Option<KnownAge>,
    /// What patients and physicians log in with; an admin may have none.
    pub phone: Option<PhoneNumber>,
    /// A physician's hospital; empty for others.
    pub hospital: Hospital,
    /// A patient's home address; empty for others.
    pub home_address: HomeAddress,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Whether the password was set by another account and should be changed.
    pub must_change_password: bool,
    /// Number of times the password has been set.
    pub password_version: i32,
    /// Whether an admin has disabled the account: it has no sessions and cannot log in, and its records
    /// stay.
    pub disabled: bool,
}

impl Account {
    /// Whether the account belongs to a physician who can be appointed.
    pub fn is_active_physician(&self) -> bool {
        self.role == Role::Physician && !self.disabled
    }

    /// Whether the account belongs to a patient for whom a visit can be asked for.
    pub fn is_active_patient(&self) -> bool {
        self.role == Role::Patient && !self.disabled
    }
}

/// One time that an account was disabled or enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether the account was disabled from then on.
    pub disabled: bool,
    /// Who did it.
    pub by: AccountUuid,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
}

/// How others see an account: by its name and role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// The account.
    pub uuid: AccountUuid,
    /// The person's name.
    pub username: PersonName,
    /// What the person may do.
    pub role: Role,
}

impl From<&Account> for AccountSummary {
    fn from(account: &Account) -> Self {
        Self { uuid: account.uuid, username: account.username.clone(), role: account.role }
    }
}

/// An account to create. Its uuid is generated when it is stored.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The person's name; also an admin's log-in name, which is unique.
    pub username: PersonName,
    /// The role, which determines permissions.
    pub role: Role,
    /// The person's sex, if known.
    pub sex: Option<Sex>,
    /// What is known of the person's age, if anything is.
    pub age: Option<KnownAge>,
    /// What patients and physicians log in with: unique.
    pub phone: Option<PhoneNumber>,
    /// A physician's hospital.
    pub hospital: Hospital,
    /// A patient's home address.
    pub home_address: HomeAddress,
    /// The hashed password.
    pub password: PasswordHash,
    /// Whether the password should be changed at the first log-in.
    pub must_change_password: bool,
    /// Time of creation.
    pub created_at: Timestamp,
}

impl NewAccount {
    /// The account that it becomes under this id and uuid.
    pub fn stored_as(&self, id: AccountId, uuid: AccountUuid) -> Account {
        Account {
            id,
            uuid,
            username: self.username.clone(),
            nickname: Nickname::default(),
            role: self.role,
            sex: self.sex,
            age: self.age,
            phone: self.phone.clone(),
            hospital: self.hospital.clone(),
            home_address: self.home_address.clone(),
            created_at: self.created_at,
            must_change_password: self.must_change_password,
            password_version: 1,
            disabled: false,
        }
    }
}

/// An account with what is needed to check a log-in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// Its hashed password.
    pub password: PasswordHash,
}

/// Filter of a list of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFilter {
    /// Accounts of this role only.
    pub role: Role,
    /// Only accounts whose field contains this text literally; all if it is empty.
    pub containing: Option<(AccountField, String)>,
}

/// A searchable field of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountField {
    /// The person's name.
    Username,
    /// The phone number.
    Phone,
    /// The uuid.
    Uuid,
    /// A physician's hospital.
    Hospital,
    /// A patient's home address.
    HomeAddress,
    /// The nickname.
    Nickname,
}
