//! The content of a form whose session had ended: signed, and carried by the log-in page to a page that asks whether to
//! send it.

use actix_web::HttpRequest;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use yilin_domain::account::AccountUuid;
use yilin_web::Service;
use yilin_web::auth::console_account;
use yilin_web::error::ApiError;
use yilin_web::input::SentForm;

use super::{LOST, STEP, is_own_field};
use crate::paths::is_local;

/// What the signature is for.
const USAGE: &str = "form";

/// How long a person may take to log in again.
const LIFETIME: TimeDelta = TimeDelta::hours(2);

/// Maximum size of a sealed form in bytes; the log-in form's limit has room for it. A larger one is not kept.
const MAX_KEPT_BYTES: usize = 40 * 1024;

/// The content of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Whose session it was, as far as that is known: nobody else is shown it.
    by: Option<String>,
    /// Where it was sent.
    pub(crate) path: String,
    /// Its fields.
    pub(crate) fields: Vec<(String, String)>,
}

impl Kept {
    /// What this request has sent, but for passwords; that there were some is kept.
    pub(crate) fn of(request: &HttpRequest, sent: &SentForm) -> Self {
        let is_secret = |name: &str| name.contains("password");
        let lost = sent.pairs().any(|(name, value)| is_secret(name) && !value.is_empty());
        let fields = sent.pairs().filter(|(name, _)| !is_secret(name));
        let fields = fields.chain(lost.then_some((LOST, "yes")));
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let by = console_account(request).map(|account| account.to_string());
        Self { by, path: request.path().to_owned(), fields }
    }

    /// Whether its page shows what the person had typed or chosen, and whom it concerns, before it is sent. Forms that only
    /// have a button have no such page.
    pub(crate) fn can_be_checked(&self) -> bool {
        let is_typed = |(name, value): &(String, String)| !is_own_field(name) && !value.is_empty();
        self.step().is_some() && self.fields.iter().any(is_typed)
    }

    /// Whether it was this account's.
    pub(crate) fn is_of(&self, account: AccountUuid) -> bool {
        self.by.as_ref().is_none_or(|by| *by == account.to_string())
    }

    /// The words on the form's button.
    pub(crate) fn step(&self) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == STEP).map(|(_, words)| words.as_str())
    }

    /// The page that the form's page belongs to: of a step of a visit the visit.
    pub(crate) fn page(&self) -> &str {
        self.path.rsplit_once('/').map_or("/console", |(page, _)| page)
    }

    /// Signed, so that nobody else can put words into a form; `None` if it is too large.
    pub(crate) fn seal(&self, service: &Service) -> Result<Option<String>, ApiError> {
        let expires_at = service.clock.now() + LIFETIME;
        let sealed = service.tokens.seal(USAGE, self, expires_at).map_err(ApiError::internal)?;
        Ok(Some(sealed).filter(|sealed| sealed.len() <= MAX_KEPT_BYTES))
    }

    /// What was signed; `None` if that is too old, or was not signed here.
    pub(crate) fn open(sealed: &str, service: &Service) -> Option<Self> {
        let kept: Self = service.tokens.open(USAGE, sealed, MAX_KEPT_BYTES, service.clock.now())?;
        Some(kept).filter(|kept| is_local(&kept.path))
    }
}
