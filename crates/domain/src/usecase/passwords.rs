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
    /// account end. Admins change their own as everybody does.
    pub async fn set_password(
        &self,
        actor: &Actor,
        uuid: AccountUuid,
        password: NewPassword,
    ) -> Result<Account, Error> {
        actor.require(&[Role::Admin])?;
        if actor.uuid == uuid {
            return Err(Error::Forbidden);
        }
        self.update(actor, UpdateRoute::Patient, AccountUpdate::of_password(uuid, password)).await
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
