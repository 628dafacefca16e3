//! Log-in and log-out.

use actix_web::{HttpRequest, HttpResponse, web};
use yilin_domain::account::Actor;
use yilin_domain::audit::masked;
use yilin_domain::usecase::{LogIn, LoggedIn, Realm};

use super::Answer;
use crate::audit::{AuditNote, Discloses as _};
use crate::auth::{AnyRole, Caller, OptionalSession, clearing_cookie, names_foreign_page, session_cookie};
use crate::client;
use crate::envelope::{Envelope, disclosing, envelope, success};
use crate::error::ApiError;
use crate::input::Body;
use crate::request_schema::{Credentials, Nothing, PhoneCredentials};
use crate::service::Service;
use crate::view::{AccountView, LoggedInView};

/// Log in as patient or physician
///
/// Also sets the session cookie, unless the request comes from a foreign page.
#[utoipa::path(post, path = "/api/user/login", tag = "session", operation_id = "login",
    request_body = PhoneCredentials,
    responses((status = 200, description = "Logged in", body = Envelope<LoggedInView>)))]
pub(crate) async fn log_in(service: web::Data<Service>, request: HttpRequest, body: Body) -> Answer {
    start(&service, &request, body, Realm::App, "phone").await
}

/// Log in as admin
///
/// Also sets the session cookie, unless the request comes from a foreign page.
#[utoipa::path(post, path = "/api/user/adminLogin", tag = "session", operation_id = "adminLogin",
    request_body = Credentials,
    responses((status = 200, description = "Logged in", body = Envelope<LoggedInView>)))]
pub(crate) async fn admin_log_in(service: web::Data<Service>, request: HttpRequest, body: Body) -> Answer {
    start(&service, &request, body, Realm::Console, "username").await
}

async fn start(
    service: &Service,
    request: &HttpRequest,
    mut body: Body,
    realm: Realm,
    identifier: &'static str,
) -> Answer {
    let typed = |text: &str| Ok(text.to_owned());
    let (identifier, password) = (body.required(identifier, typed), body.required("password", typed));
    let (identifier, password) = body.finish(identifier.zip(password))?;
    // Until it is known to be an account's, it may be anything, a password included.
    AuditNote::asked(request, &masked(&identifier));
    let LoggedIn { account, session } = service
        .use_cases
        .sessions
        .log_in(LogIn {
            realm,
            identifier,
            password,
            client_address: client::address(request, service),
            from_outside: client::is_from_outside(request, service),
        })
        .await?;
    AuditNote::actor(request, Actor { uuid: account.uuid, role: account.role, session: session.id });
    let token = service.tokens.for_header(&session, account.role).map_err(ApiError::internal)?;
    let mut response = HttpResponse::Ok();
    if !names_foreign_page(request, service) {
        response.cookie(session_cookie(service, &session, account.role)?);
    }
    let account = AccountView::new(&account, service.options.zone);
    let view = LoggedInView { account, token };
    let disclosure = view.disclosure();
    Ok(disclosing(response.json(envelope(vec![view])), disclosure))
}

/// Whose session the token belongs to
#[utoipa::path(get, path = "/api/user/verifyToken", tag = "session", operation_id = "verifyToken",
    responses((status = 200, description = "The token is valid", body = Envelope<AccountView>)))]
pub(crate) async fn verify_token(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer {
    let account = service.use_cases.accounts.own(&caller.actor).await?;
    Ok(success(AccountView::new(&account, service.options.zone)))
}

/// End the session
///
/// Ends the header's session or, without a header, the cookie's; clears the cookie; answers 200 to a
/// dead token or none too.
#[utoipa::path(get, path = "/api/user/logOut", tag = "session", operation_id = "logOut",
    responses((status = 200, description = "Logged out", body = Envelope<Nothing>)))]
pub(crate) async fn log_out(service: web::Data<Service>, session: OptionalSession) -> Answer {
    end(&service, session).await
}

/// End the session
///
/// Does what `GET /api/user/logOut` does.
#[utoipa::path(post, path = "/api/logout", tag = "session", operation_id = "logout",
    responses((status = 200, description = "Logged out", body = Envelope<Nothing>)))]
pub(crate) async fn log_out_post(service: web::Data<Service>, session: OptionalSession) -> Answer {
    end(&service, session).await
}

async fn end(service: &Service, OptionalSession(session): OptionalSession) -> Answer {
    if let Some(session) = session {
        service.use_cases.sessions.log_out(&session).await?;
    }
    Ok(HttpResponse::Ok().cookie(clearing_cookie(service)).json(envelope(Vec::<()>::new())))
}
