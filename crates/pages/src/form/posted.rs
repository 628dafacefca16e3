//! A form that was sent.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::future::LocalBoxFuture;
use yilin_domain::error::Error;
use yilin_domain::id::Version;
use yilin_domain::idempotency::{Claim, IdempotencyKey, Receipt};
use yilin_domain::validation::Invalid;
use yilin_web::Service;
use yilin_web::auth::{is_foreign, names_foreign_page};
use yilin_web::error::ApiError;
use yilin_web::input::{FromFields, SentForm};
use yilin_web::route::{Describe, Input};

use super::{AGAIN, KEY, Kept, LOST, MAX_FORM_BYTES, VERSION};
use crate::console::Console;

/// The values as they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    form: SentForm,
    is_done: bool,
}

impl From<SentForm> for Sent {
    fn from(form: SentForm) -> Self {
        Self { form, is_done: false }
    }
}

impl Sent {
    /// The value of a field; `None` if it was not sent.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.form.value(name)
    }

    /// The form's key, under which it is done once.
    pub(super) fn key(&self) -> Option<&str> {
        self.value(KEY).filter(|_| !self.is_done)
    }

    /// The same values for a new form: under their key, others have been done.
    pub(crate) fn renewed(self) -> Self {
        Self { is_done: true, ..self }
    }

    /// Whether a password was typed.
    pub(crate) fn has_password(&self) -> bool {
        self.value("password").is_some_and(|password| !password.is_empty())
    }

    /// Whether a password was typed before, but not again in the form that does not show it any more.
    pub(crate) fn lost_password(&self) -> bool {
        self.value(LOST).is_some() && !self.has_password()
    }

    /// Whether the form is to be shown again instead of being done.
    pub(crate) fn is_asked_again(&self) -> bool {
        self.value(AGAIN).is_some()
    }

    /// The version of the record that the person saw.
    pub(crate) fn version(&self) -> Option<Version> {
        self.value(VERSION)?.parse().ok().map(Version)
    }
}

/// A form and its sender. The content of a form whose session has ended is kept for after the log-in.
pub(crate) struct Posted<T> {
    pub(crate) console: Console,
    /// The fields, or what is wrong with them: nothing, if the form is only to be shown again.
    pub(crate) fields: Result<T, Invalid>,
    pub(crate) sent: Sent,
}

/// As [`Posted`], from a caller who may still have to change the password.
pub(crate) struct BeforeChangePosted<T>(pub(crate) Posted<T>);

impl<T: FromFields> Posted<T> {
    async fn read(
        request: HttpRequest,
        payload: Payload,
        caller: fn(&HttpRequest) -> Result<Console, ApiError>,
    ) -> Result<Self, ApiError> {
        let console = match caller(&request) {
            Ok(console) => console,
            Err(ApiError::Unauthenticated) => return Err(keep(&request, payload).await),
            Err(error) => return Err(error),
        };
        let sent = SentForm::read(&request, payload, MAX_FORM_BYTES).await?;
        let sent = Sent::from(sent);
        if sent.is_asked_again() {
            return Ok(Self { console, fields: Err(Invalid(Vec::new())), sent });
        }
        let fields = match sent.form.parse::<T>(&request) {
            Ok(fields) => Ok(fields),
            Err(ApiError::Domain(Error::Invalid(invalid))) => Err(invalid),
            Err(error) => return Err(error),
        };
        Ok(Self { console, fields, sent })
    }

    /// The receipt of a form that creates something: what is sent twice with one key is done once. `render` gives the
    /// path of the page that both are led to.
    pub(crate) fn receipt<R>(
        &self,
        render: impl Fn(&R) -> String + Send + Sync + 'static,
    ) -> Option<Receipt<R>> {
        let key = self.sent.key().and_then(|key| IdempotencyKey::parse(key).ok())?;
        let route = yilin_web::context::RequestContext::of(&self.console.request)?.route()?;
        let mut content: Vec<_> = self.sent.form.pairs().filter(|(name, _)| *name != KEY).collect();
        content.sort_unstable();
        let content = format!("{}?{content:?}", self.console.request.path());
        let claim = Claim::new(self.console.actor.uuid, route.operation, &key, content.as_bytes());
        Some(Receipt::new(claim, render))
    }
}

/// Keeps the content of a form whose session has ended, if it comes from one of our own pages: what another page sent
/// must not wait here for somebody to log in.
async fn keep(request: &HttpRequest, payload: Payload) -> ApiError {
    let Some(service) = Service::of(request) else { return ApiError::Unauthenticated };
    if names_foreign_page(request, service) {
        return ApiError::ForeignOrigin;
    }
    if is_foreign(request, service) {
        return ApiError::Unauthenticated;
    }
    match SentForm::read(request, payload, MAX_FORM_BYTES).await {
        Ok(sent) => {
            let kept = Kept::of(request, &sent);
            request.extensions_mut().insert(kept);
            ApiError::Unauthenticated
        }
        Err(error) => error,
    }
}

impl<T: FromFields + 'static> FromRequest for Posted<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(Self::read(request.clone(), payload.take(), Console::of))
    }
}

impl<T: FromFields + 'static> FromRequest for BeforeChangePosted<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let posted = Posted::read(request.clone(), payload.take(), Console::before_change);
        Box::pin(async move { posted.await.map(Self) })
    }
}

impl<T> Describe for Posted<T> {
    fn describe(input: &mut Input) {
        Console::describe(input);
        input.error(ApiError::ForeignOrigin);
        input.error(ApiError::BodyTooLarge);
    }
}

impl<T> Describe for BeforeChangePosted<T> {
    fn describe(input: &mut Input) {
        Posted::<T>::describe(input);
    }
}
