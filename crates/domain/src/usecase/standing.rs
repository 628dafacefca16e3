//! Disabling accounts, and enabling them again.

use super::Accounts;
use super::history::{HistoryLine, HistoryOf, NamedAccounts};
use crate::account::{Account, AccountUuid, Actor, Role, Standing};
use crate::error::Error;
use crate::port::PortError;
use crate::reason::Reason;

impl Accounts {
    /// An admin disables an account, or enables it again. The sessions of a disabled account end at once here,
    /// and on other instances when they next look. What is so already stays so.
    pub async fn set_disabled(
        &self,
        actor: &Actor,
        uuid: AccountUuid,
        disabled: bool,
        reason: Reason,
    ) -> Result<Account, Error> {
        actor.require(&[Role::Admin])?;
        let provenance = self.context.provenance(actor).because(reason);
        let changed = self.context.ports.accounts.set_disabled(uuid, disabled, provenance).await?;
        let account = changed?.ok_or(Error::NotFound)?;
        if disabled {
            self.sessions.refresh().await?;
        }
        Ok(account)
    }
    /// An account, and when, by whom and why it was disabled and enabled. For admins.
    pub async fn standings(
        &self,
        actor: &Actor,
        uuid: AccountUuid,
    ) -> Result<HistoryOf<Account, Standing>, Error> {
        actor.require(&[Role::Admin])?;
        let stored = &self.context.ports.accounts;
        let record = stored.find(uuid).await?.ok_or(Error::NotFound)?;
        let standings = stored.standings(uuid).await?;
        let people = standings.iter().map(|standing| standing.by);
        let accounts = NamedAccounts::read(&self.context, people).await?;
        let named =
            |entry: Standing| Ok(HistoryLine { by: accounts.get(entry.by)?.into(), physician: None, entry });
        let lines = standings.into_iter().map(named).collect::<Result<Vec<_>, PortError>>()?;
        Ok(HistoryOf { record, lines })
    }
}
