//! Sessions of the console's pages. Their cookie is their own: its token is refused in the header and in the API's
//! cookie, and neither of those is accepted here.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpMessage as _, HttpRequest};
use chrono::TimeDelta;
use yilin_domain::account::{Account, AccountUuid, Role};
use yilin_domain::session::Session;

use super::caller::note_actor;
use super::token::ConsoleClaims;
use super::{RefreshCookie, Verified, is_foreign};
use crate::error::ApiError;
use crate::service::Service;

/// Name of the console's cookie.
const NAME: &str = "yilin_console";

/// Where browsers send it.
const PATH: &str = "/console";

/// How long a cookie counts after it was set: a shared computer must not show records for days after somebody left.
const IDLE: TimeDelta = TimeDelta::hours(12);

/// Age from which a request renews the cookie.
const RENEW_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Who uses the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleUser {
    /// The name that the account logs in with.
    pub name: String,
    /// Whether the password has to be changed before anything else.
    pub must_change_password: bool,
}

impl From<&Account> for ConsoleUser {
    fn from(account: &Account) -> Self {
        Self {
            name: account.username.as_str().to_owned(),
            must_change_password: account.must_change_password,
        }
    }
}

/// The session of a request to the console, of whatever role. A request that may change something must come from one of
/// our own pages.
pub fn console_session(request: &HttpRequest) -> Result<(Verified, ConsoleUser), ApiError> {
    let service = Service::of(request).ok_or(ApiError::Unauthenticated)?;
    let ConsoleClaims { cookie, user } = from_cookie(request, service).ok_or(ApiError::Unauthenticated)?;
    if !request.method().is_safe() && is_foreign(request, service) {
        return Err(ApiError::ForeignOrigin);
    }
    if cookie.age(service.clock.now()) > RENEW_AFTER {
        let (session, role) = (cookie.verified.session.clone(), cookie.verified.actor.role);
        request.extensions_mut().insert(RefreshCookie { session, role, console: Some(user.clone()) });
    }
    Ok((note_actor(request, cookie.verified), user))
}

/// Who seems to use the console, for pages that anybody may see.
pub fn console_user(request: &HttpRequest) -> Option<ConsoleUser> {
    from_cookie(request, Service::of(request)?).map(|claims| claims.user)
}

/// Whose console it was, if the session has ended.
pub fn console_account(request: &HttpRequest) -> Option<AccountUuid> {
    claims(request, Service::of(request)?).map(|claims| claims.cookie.verified.actor.uuid)
}

/// What the cookie says, whether its session has ended or not.
fn claims(request: &HttpRequest, service: &Service) -> Option<ConsoleClaims> {
    service.tokens.verify_console(request.cookie(NAME)?.value(), service.clock.now())
}

fn from_cookie(request: &HttpRequest, service: &Service) -> Option<ConsoleClaims> {
    let (claims, now) = (claims(request, service)?, service.clock.now());
    let counts = claims.cookie.age(now) < IDLE;
    (counts && !service.use_cases.sessions.is_ended(claims.cookie.verified.session.id)).then_some(claims)
}

/// The cookie of a session, issued now.
pub fn console_cookie(
    service: &Service,
    session: &Session,
    role: Role,
    user: &ConsoleUser,
) -> Result<Cookie<'static>, ApiError> {
    let now = service.clock.now();
    let token = service.tokens.for_console(session, role, user, now).map_err(ApiError::internal)?;
    let lifetime = session.expires_at.signed_duration_since(now).min(IDLE);
    Ok(cookie(service, token, lifetime.num_seconds()))
}

/// A cookie that deletes the console's.
pub fn clearing_console_cookie(service: &Service) -> Cookie<'static> {
    cookie(service, String::new(), 0)
}

fn cookie(service: &Service, value: String, lifetime_seconds: i64) -> Cookie<'static> {
    Cookie::build(NAME, value)
        .http_only(true)
        // So that a link in a message opens the page.
        .same_site(SameSite::Lax)
        .path(PATH)
        .secure(service.options.public_url.scheme() == "https")
        .max_age(Duration::seconds(lifetime_seconds))
        .finish()
}
