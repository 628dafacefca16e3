//! The port that stores accounts.

use async_trait::async_trait;

use super::PortError;
use crate::account::{
    Account, AccountChanges, AccountFilter, AccountUuid, Credentials, NewAccount, PersonName, PhoneNumber,
    Standing,
};
use crate::audit::EntryDraft;
use crate::error::Error;
use crate::id::AccountId;
use crate::idempotency::{KeyUsed, Receipt};
use crate::list::{Page, PageRequest};
use crate::time::Timestamp;
use crate::transition::Provenance;

/// A unique value is taken by another account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountTaken {
    /// The phone number belongs to another account.
    #[error("the phone number is taken")]
    Phone,
    /// The log-in name belongs to another admin.
    #[error("the admin name is taken")]
    AdminName,
}

/// Why an account was not created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefused {
    /// Another account has a unique value.
    #[error(transparent)]
    Taken(#[from] AccountTaken),
    /// The request was answered before.
    #[error(transparent)]
    KeyUsed(#[from] KeyUsed),
}

/// Why an account was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpdateRefused {
    /// Another account has a unique value.
    #[error(transparent)]
    Taken(#[from] AccountTaken),
    /// See [`AccountChanges::are_overtaken`].
    #[error("somebody else has changed the account since it was seen")]
    Overtaken,
}

/// Why an account was neither disabled nor enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StandingRefused {
    /// It is the last admin's that is not disabled.
    #[error("the account is the last admin's that is not disabled")]
    LastAdmin,
    /// The account that makes the change is disabled.
    #[error("the account that makes the change is disabled")]
    ByDisabled,
}

impl From<CreateRefused> for Error {
    fn from(refused: CreateRefused) -> Self {
        match refused {
            CreateRefused::Taken(taken) => taken.into(),
            CreateRefused::KeyUsed(used) => used.into(),
        }
    }
}

impl From<StandingRefused> for Error {
    fn from(refused: StandingRefused) -> Self {
        match refused {
            StandingRefused::LastAdmin => Self::LastAdmin,
            StandingRefused::ByDisabled => Self::CallerDisabled,
        }
    }
}

impl From<UpdateRefused> for Error {
    fn from(refused: UpdateRefused) -> Self {
        match refused {
            UpdateRefused::Taken(taken) => taken.into(),
            UpdateRefused::Overtaken => Self::Changed,
        }
    }
}

impl From<AccountTaken> for Error {
    fn from(taken: AccountTaken) -> Self {
        match taken {
            AccountTaken::Phone => Self::PhoneTaken,
            AccountTaken::AdminName => Self::AdminNameTaken,
        }
    }
}

/// Stores accounts.
///
/// Phone numbers are unique over all accounts, names over all admins. The repository generates each new
/// account's uuid and retries if it is taken.
#[async_trait]
pub trait AccountRepository: Send + Sync {
    /// Stores the accounts in one unit of work. Returns one result per account, in order: the stored account,
    /// or why it was skipped (also if an earlier one of the same call has the value). All accounts that are
    /// not skipped are stored together, with the entry.
    async fn insert(
        &self,
        accounts: Vec<NewAccount>,
        entry: Option<EntryDraft>,
    ) -> Result<Vec<Result<Account, AccountTaken>>, PortError>;

    /// Stores one account, and with a receipt the answer to the request that asked for it; or nothing and why.
    async fn create(
        &self,
        account: NewAccount,
        provenance: Provenance,
        receipt: Option<Receipt<Account>>,
    ) -> Result<Result<Account, CreateRefused>, PortError>;

    /// Disables an account or enables it, and gives it as it is then; `None` if there is no such account.
    /// Disabling ends all its sessions, as of the provenance's time. A change is added to the account's standings;
    /// what is so already changes nothing. Refused if no admin would be left who is not disabled, or if the account
    /// that makes the change is disabled itself, also when these changes are made at the same time.
    async fn set_disabled(
        &self,
        uuid: AccountUuid,
        disabled: bool,
        provenance: Provenance,
    ) -> Result<Result<Option<Account>, StandingRefused>, PortError>;

    /// When and why the account was disabled and enabled, oldest first.
    async fn standings(&self, uuid: AccountUuid) -> Result<Vec<Standing>, PortError>;

    /// The account with this uuid.
    async fn find(&self, uuid: AccountUuid) -> Result<Option<Account>, PortError>;

    /// The accounts with these uuids, in no particular order; unknown uuids are skipped.
    async fn find_all(&self, uuids: &[AccountUuid]) -> Result<Vec<Account>, PortError>;

    /// The patient or physician with this phone number; never an admin.
    async fn credentials_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Credentials>, PortError>;

    /// The admin with this name.
    async fn credentials_by_admin_name(&self, name: &PersonName) -> Result<Option<Credentials>, PortError>;

    /// Every admin.
    async fn admins(&self) -> Result<Vec<Credentials>, PortError>;

    /// Applies these changes together and returns the updated account; `None` if there is no such account. They are
    /// refused if they are overtaken, also by a change that is made at the same time. A password change also increments the account's password version, sets
    /// [`Account::must_change_password`], and ends all sessions of the account except the kept one, as of
    /// `at`.
    async fn update(
        &self,
        uuid: AccountUuid,
        changes: AccountChanges,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Result<Option<Account>, UpdateRefused>, PortError>;

    /// One page, newest (largest id) first. A page past the end is empty.
    async fn page(&self, filter: &AccountFilter, page: PageRequest) -> Result<Page<Account>, PortError>;

    /// At most `limit` accounts with an id below `before` (or the first ones), newest first; fewer only at
    /// the end.
    async fn batch(
        &self,
        filter: &AccountFilter,
        before: Option<AccountId>,
        limit: u16,
    ) -> Result<Vec<Account>, PortError>;
}
