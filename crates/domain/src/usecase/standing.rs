//! Disabling accounts, and enabling them again.

use super::Accounts;
use crate::account::{Account, AccountUuid, Actor, Role};
use crate::error::Error;
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
}
