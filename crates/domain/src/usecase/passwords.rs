//! New passwords: one's own, and those that an admin sets for others.

use super::{Accounts, UpdateRoute};
use crate::account::{Account, AccountUpdate, AccountUuid, Actor, NewPassword, PasswordChange, Role};
use crate::error::Error;
use crate::validation::{FieldProblem, Invalid};

/// A change of one's own password, as a person asks for it.
pub struct OwnPasswordChange {
    /// The present password, as typed; not needed for one that somebody else has set.
    pub current: Option<String>,
    /// The new password.
    pub new: NewPassword,
    /// The client's address, under which attempts are counted.
    pub client_address: String,
}

impl Accounts {
    /// Parses a new password: see [`NewPassword::chosen`].
    pub fn new_password(&self, text: &str) -> Result<NewPassword, FieldProblem> {
        NewPassword::chosen(text, &self.context.policy.initial_password)
    }

    /// Changes the caller's own password, and ends the other sessions. The present one is asked for, and attempts are
    /// limited like log-ins: a session that was left open is not enough. Only a password that somebody else has set,
    /// which has just been typed at the log-in, is not asked for again.
    pub async fn change_own_password(
        &self,
        actor: &Actor,
        change: OwnPasswordChange,
    ) -> Result<Account, Error> {
        let account = self.own(actor).await?;
        if !account.must_change_password {
            let current = change.current.filter(|current| !current.is_empty());
            let current = current.ok_or(Invalid::one("current_password", FieldProblem::Missing))?;
            self.sessions.confirm(&account, &current, &change.client_address).await?;
        }
        let update = AccountUpdate::of_password(actor.uuid, change.new);
        self.update(actor, UpdateRoute::Patient, update).await
    }

    /// An admin sets the password of somebody else, who has to change it after the next log-in; all sessions of the
    /// account end. Admins change their own as everybody does. `seen` is the password's version when the admin saw the
    /// account: [`Error::Changed`] if it was set since, unless to this very password.
    pub async fn set_password(
        &self,
        actor: &Actor,
        uuid: AccountUuid,
        password: NewPassword,
        seen: Option<i32>,
    ) -> Result<Account, Error> {
        actor.require(&[Role::Admin])?;
        if actor.uuid == uuid {
            return Err(Error::Forbidden);
        }
        let account = self.context.ports.accounts.find(uuid).await?.ok_or(Error::NotFound)?;
        let seen = seen.map(|password_version| Account { password_version, ..account });
        let update = AccountUpdate::of_password(uuid, password.clone());
        match self.update_as_seen(actor, UpdateRoute::Patient, update, seen).await {
            Err(Error::Changed) => self.with_password(uuid, &password).await?.ok_or(Error::Changed),
            updated => updated,
        }
    }

    /// The account, if this is its password.
    async fn with_password(
        &self,
        uuid: AccountUuid,
        password: &NewPassword,
    ) -> Result<Option<Account>, Error> {
        let ports = &self.context.ports;
        let account = ports.accounts.find(uuid).await?.ok_or(Error::NotFound)?;
        let credentials = match &account.phone {
            Some(phone) if account.role.logs_in_by_phone() => {
                ports.accounts.credentials_by_phone(phone).await?
            }
            _ => ports.accounts.credentials_by_admin_name(&account.username).await?,
        };
        let hash = credentials.map(|credentials| credentials.password);
        let is_same = ports.hasher.turn().await?.verify(password.reveal(), hash.as_ref()).await?;
        Ok(is_same.then_some(account))
    }

    pub(super) async fn password_change(
        &self,
        actor: &Actor,
        is_own: bool,
        password: &NewPassword,
    ) -> Result<PasswordChange, Error> {
        self.new_password(password.reveal()).map_err(|problem| Invalid::one("password", problem))?;
        let mut turn = self.context.ports.hasher.turn().await?;
        Ok(PasswordChange {
            hash: turn.hash(password.reveal()).await?,
            must_change: !is_own,
            keep_session: is_own.then_some(actor.session),
        })
    }
}
