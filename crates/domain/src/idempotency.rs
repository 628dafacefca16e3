//! Requests that create something, and that a client may send again because it got no answer.

use std::sync::Arc;

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::account::AccountUuid;
use crate::validation::FieldProblem;

/// What a client calls one request, however often it sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters it may have.
    pub const MAX_CHARS: usize = 255;

    /// Accepts 1 to 255 printable ASCII characters.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(FieldProblem::NotPrintable);
        }
        if text.len() > Self::MAX_CHARS {
            return Err(FieldProblem::TooLong { max: Self::MAX_CHARS });
        }
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotencyKey(…)")
    }
}

/// A request with a key, as it is compared with those that came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Who sends it.
    pub caller: AccountUuid,
    /// The name of the route that it is sent to.
    pub route: &'static str,
    /// A digest of the key.
    pub key: [u8; 32],
    /// A digest of the key and the request's content. The key itself is stored nowhere, so a password in the
    /// content cannot be guessed from this digest.
    pub content: [u8; 32],
    /// For how long the first answer counts.
    pub lifetime: TimeDelta,
}

impl Claim {
    /// For how long the answers to requests of clients count.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

    /// The claim of a request with this content.
    pub fn new(caller: AccountUuid, route: &'static str, key: &IdempotencyKey, content: &[u8]) -> Self {
        let keyed = Sha256::new().chain_update(key.0.len().to_be_bytes()).chain_update(&key.0);
        Self {
            caller,
            route,
            key: keyed.clone().finalize().into(),
            content: keyed.chain_update(content).finalize().into(),
            lifetime: Self::LIFETIME,
        }
    }
}

/// A claim, and how the answer is rendered that is stored together with what the request creates.
pub struct Receipt<T> {
    /// The request.
    pub claim: Claim,
    render: Arc<dyn Fn(&T) -> String + Send + Sync>,
}

impl<T> Receipt<T> {
    /// A receipt whose answers are rendered so. It may be rendered more than once, with the same result.
    pub fn new(claim: Claim, render: impl Fn(&T) -> String + Send + Sync + 'static) -> Self {
        Self { claim, render: Arc::new(render) }
    }

    /// The answer about what was created.
    pub fn answer(&self, created: &T) -> String {
        (self.render)(created)
    }
}

impl<T> Receipt<T> {
    /// The receipt for storing the answer about something that is known before it is created.
    pub fn rendered(&self, created: &T) -> Receipt<()> {
        let answer = self.answer(created);
        Receipt::new(self.claim, move |()| answer.clone())
    }
}

impl<T> Clone for Receipt<T> {
    fn clone(&self) -> Self {
        Self { claim: self.claim, render: self.render.clone() }
    }
}

impl<T> std::fmt::Debug for Receipt<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receipt").field("claim", &self.claim).finish_non_exhaustive()
    }
}

/// The first answer to a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// See [`Claim::content`].
    pub content: [u8; 32],
    /// The answer, as it was rendered.
    pub answer: String,
}

/// A request with this key was answered before: nothing is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a request with this key was answered before")]
pub struct KeyUsed;

/// What a request with or without a key comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It was done.
    Created(T),
    /// It was done before, and this is what was answered then.
    Before(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_1_to_255_printable_characters() {
        for (text, problem) in [
            ("", Some(FieldProblem::Missing)),
            ("x", None),
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", None),
            ("a key ~", None),
            ("键", Some(FieldProblem::NotPrintable)),
            ("a\tb", Some(FieldProblem::NotPrintable)),
            (&"x".repeat(255), None),
            (&"x".repeat(256), Some(FieldProblem::TooLong { max: 255 })),
        ] {
            assert_eq!(IdempotencyKey::parse(text).err(), problem, "{text}");
        }
    }

    #[test]
    fn key_and_content_do_not_run_into_each_other() {
        let claim = |key: &str, content: &str| {
            let key = IdempotencyKey::parse(key).unwrap();
            Claim::new(AccountUuid::from_bytes([1; 4]), "createAccount", &key, content.as_bytes())
        };
        assert_eq!(claim("ab", "c"), claim("ab", "c"));
        assert_ne!(claim("ab", "c").content, claim("a", "bc").content);
        assert_eq!(claim("ab", "c").key, claim("ab", "d").key);
        assert_ne!(claim("ab", "").key, claim("ab", "").content.map(|byte| !byte));
    }
}
