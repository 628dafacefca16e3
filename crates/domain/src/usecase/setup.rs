//! Preconditions of serving.

use std::sync::Arc;

use super::Context;
use crate::account::{
    DEFAULT_PASSWORDS, HomeAddress, Hospital, NewAccount, NewPassword, PasswordHash, PersonName, Role,
};
use crate::audit::Origin;
use crate::error::Error;
use crate::port::{PasswordHasher, PortError};

/// Establishes the preconditions of serving.
#[derive(Clone)]
pub struct Setup {
    context: Arc<Context>,
    origin: Option<Origin>,
}

impl Setup {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, origin: None }
    }

    /// The same use cases as part of this command.
    #[must_use]
    pub fn within(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// Creates the admin account if there is no admin; returns whether it did. Of several instances that
    /// start concurrently, one creates it.
    pub async fn ensure_admin(&self, name: &PersonName, password: &str) -> Result<bool, Error> {
        let ports = &self.context.ports;
        if !ports.accounts.admins().await?.is_empty() {
            return Ok(false);
        }
        let admin = NewAccount {
            username: name.clone(),
            role: Role::Admin,
            sex: None,
            age: None,
            phone: None,
            hospital: Hospital::default(),
            home_address: HomeAddress::default(),
            password: hash_once(&*ports.hasher, password).await?,
            must_change_password: is_default_password(password),
            created_at: self.context.now(),
        };
        let inserted =
            ports.accounts.insert(vec![admin], self.context.entry_of(self.origin.as_ref())).await?;
        Ok(inserted.iter().any(Result::is_ok))
    }

    /// Whether this password is not allowed: see [`NewPassword::chosen`].
    pub fn refuses(&self, password: &str) -> bool {
        NewPassword::chosen(password, &self.context.policy.initial_password).is_err()
    }

    /// The names of admins whose password is not allowed, as far as it can be guessed: a default, the initial
    /// password, or `configured`.
    pub async fn admins_with_refused_password(&self, configured: &str) -> Result<Vec<PersonName>, Error> {
        let ports = &self.context.ports;
        let mut guesses = DEFAULT_PASSWORDS.to_vec();
        guesses.extend([&*self.context.policy.initial_password, configured]);
        guesses.retain(|password| self.refuses(password));
        guesses.sort_unstable();
        guesses.dedup();
        let mut names = Vec::new();
        for admin in ports.accounts.admins().await? {
            let mut turn = ports.hasher.turn().await?;
            for password in &guesses {
                if turn.verify(password, Some(&admin.password)).await? {
                    names.push(admin.account.username.clone());
                    break;
                }
            }
        }
        Ok(names)
    }
}

/// Whether this is a well-known password from the documentation.
pub fn is_default_password(password: &str) -> bool {
    DEFAULT_PASSWORDS.contains(&password)
}

/// Hashes one password in a separate slot.
pub(super) async fn hash_once(
    hasher: &dyn PasswordHasher,
    password: &str,
) -> Result<PasswordHash, PortError> {
    hasher.turn().await?.hash(password).await
}
