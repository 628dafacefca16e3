//! The session cookie.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use yilin_domain::account::Role;
use yilin_domain::session::Session;

use super::{ConsoleUser, console_cookie};
use crate::error::ApiError;
use crate::service::Service;

/// Name of the session cookie. Browsers send it where a page cannot set a header: for `<img>`, `<video>`, and
/// requests for which the existing clients omit the header.
pub(super) const NAME: &str = "yilin_session";

/// Tells the middleware to set this session's cookie on the response.
pub(crate) struct RefreshCookie {
    pub(crate) session: Session,
    pub(crate) role: Role,
    /// The console's user, if it is the console's cookie.
    pub(crate) console: Option<ConsoleUser>,
}

impl RefreshCookie {
    /// The new cookie.
    pub(crate) fn cookie(&self, service: &Service) -> Result<Cookie<'static>, ApiError> {
        match &self.console {
            Some(user) => console_cookie(service, &self.session, self.role, user),
            None => session_cookie(service, &self.session, self.role),
        }
    }
}

/// The cookie of a session, issued now.
pub fn session_cookie(service: &Service, session: &Session, role: Role) -> Result<Cookie<'static>, ApiError> {
    let now = service.clock.now();
    let token = service.tokens.for_cookie(session, role, now).map_err(ApiError::internal)?;
    let lifetime = session.expires_at.signed_duration_since(now).num_seconds();
    Ok(cookie(service, token, lifetime))
}

/// A cookie that deletes the session cookie.
pub fn clearing_cookie(service: &Service) -> Cookie<'static> {
    cookie(service, String::new(), 0)
}

fn cookie(service: &Service, value: String, lifetime_seconds: i64) -> Cookie<'static> {
    Cookie::build(NAME, value)
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .secure(service.options.public_url.scheme() == "https")
        .max_age(Duration::seconds(lifetime_seconds))
        .finish()
}
