//! Log-in, by whichever adapter.

use actix_web::HttpRequest;
use yilin_domain::account::Actor;
use yilin_domain::audit::masked;
use yilin_domain::usecase::{LogIn, LoggedIn, Realm};

use crate::client;
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::service::Service;

/// Starts a session for these credentials, as typed. Limits, the rule about default passwords and the audit entry are
/// the same wherever somebody logs in.
pub async fn log_in(
    service: &Service,
    request: &HttpRequest,
    realm: Realm,
    identifier: String,
    password: String,
) -> Result<LoggedIn, ApiError> {
    let context = RequestContext::of(request);
    if let Some(context) = &context {
        // Until the identifier is known to be an account's, it may be anything, even a password.
        context.concerns(&masked(&identifier));
    }
    let logged_in = service
        .use_cases
        .sessions
        .log_in(LogIn {
            realm,
            identifier,
            password,
            client_address: client::address(request, service),
            from_outside: client::is_from_outside(request, service),
            origin: context.as_ref().and_then(RequestContext::origin),
        })
        .await?;
    if let Some(context) = context {
        let LoggedIn { account, session } = &logged_in;
        context.authenticated(Actor::new(account.uuid, account.role, session.id), session.expires_at);
    }
    Ok(logged_in)
}
