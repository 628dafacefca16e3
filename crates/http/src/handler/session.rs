//! Log-in and log-out.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use yilin_domain::account::Role;
use yilin_domain::audit::AuditAction::{Execute, Read};
use yilin_domain::error::LoginRefused;
use yilin_domain::port::Part;
use yilin_domain::usecase::{LoggedIn, Realm};
use yilin_web::Service;
use yilin_web::audit::Discloses as _;
use yilin_web::auth::{
    self, AnyRole, Caller, OptionalSession, Verified, clearing_cookie, names_foreign_page, session_cookie,
};
use yilin_web::error::ApiError;
use yilin_web::input::{Body, Text, request};
use yilin_web::route::{Draft, Record, Route, get, post, tagged};

use crate::reply::{Answer, Nothing, One, Reply, envelope, success};
use crate::view::{AccountView, LoggedInView};

/// Maximum body of a log-in in bytes: any client may send one.
const MAX_LOG_IN_BYTES: usize = 8 * 1024;

pub(crate) fn routes() -> Vec<Route> {
    let log_in_route = |draft: Draft| {
        draft
            .details("Also sets the session cookie, unless the request comes from a foreign page.")
            // No account's password is that long, so it can only be wrong.
            .max_body(MAX_LOG_IN_BYTES, || LoginRefused::WrongCredentials.into())
            .errors([
                LoginRefused::WrongCredentials,
                LoginRefused::AccountDisabled,
                LoginRefused::DefaultPassword,
                LoginRefused::TooManyAtOnce,
                LoginRefused::TooManyAttempts { retry_after: Duration::from_secs(600) },
            ])
            .errors([ApiError::unavailable(Part::PasswordHasher)])
            .audited(Execute, "account", Record::Handler)
    };
    let ended = "Ends the header's session or, without a header, the cookie's; clears the cookie; returns 200 also for \
        an invalid token or without one.";
    tagged(
        "session",
        [
            log_in_route(post("/api/user/login", "login", log_in).summary("Log in as patient or physician")),
            log_in_route(post("/api/user/adminLogin", "adminLogin", admin_log_in).summary("Log in as admin")),
            get("/api/user/verifyToken", "verifyToken", verify_token)
                .summary("The account of the token's session")
                .audited(Read, "account", Record::Caller),
            get("/api/user/logOut", "logOut", log_out).summary("End the session").details(ended).audited(
                Execute,
                "session",
                Record::Search,
            ),
            post("/api/logout", "logout", log_out)
                .summary("End the session")
                .details("Same as `GET /api/user/logOut`.")
                .audited(Execute, "session", Record::Search),
        ],
    )
}

request! {
    /// Credentials of a patient or physician.
    pub(crate) struct PhoneCredentials {
        /// The account's phone number.
        #[example("13800000001")]
        phone: Text,
        /// The account's password.
        #[example("123456")]
        password: Text,
    }
}

request! {
    /// Credentials of an admin.
    pub(crate) struct Credentials {
        /// The admin's name.
        #[example("admin")]
        username: Text,
        /// The account's password.
        #[example("admin")]
        password: Text,
    }
}

async fn log_in(
    service: web::Data<Service>,
    request: HttpRequest,
    Body(PhoneCredentials { phone, password }): Body<PhoneCredentials>,
) -> Answer<One<LoggedInView>> {
    start(&service, &request, Realm::App, phone, password).await
}

async fn admin_log_in(
    service: web::Data<Service>,
    request: HttpRequest,
    Body(Credentials { username, password }): Body<Credentials>,
) -> Answer<One<LoggedInView>> {
    start(&service, &request, Realm::Console, username, password).await
}

async fn start(
    service: &Service,
    request: &HttpRequest,
    realm: Realm,
    Text(identifier): Text,
    Text(password): Text,
) -> Answer<One<LoggedInView>> {
    let LoggedIn { account, session } = auth::log_in(service, request, realm, identifier, password).await?;
    let token = service.tokens.for_header(&session, account.role).map_err(ApiError::internal)?;
    let mut response = HttpResponse::Ok();
    if !names_foreign_page(request, service) {
        response.cookie(session_cookie(service, &session, account.role)?);
    }
    let account = AccountView::new(&account, account.role == Role::Admin, service.hospital_time());
    let view = LoggedInView { account, token };
    let disclosure = view.disclosure();
    Ok(Reply::of(response.json(envelope(vec![view]))).disclosing(disclosure))
}

async fn verify_token(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer<One<AccountView>> {
    let account = service.use_cases.accounts.own(&caller.actor).await?;
    Ok(success(AccountView::new(&account, caller.actor.is_admin(), service.hospital_time())))
}

async fn log_out(service: web::Data<Service>, OptionalSession(caller): OptionalSession) -> Answer<Nothing> {
    if let Some(Verified { actor, session }) = caller {
        service.use_cases.sessions.log_out(&session, actor.origin.as_ref()).await?;
    }
    let cleared = HttpResponse::Ok().cookie(clearing_cookie(&service)).json(envelope(Vec::<()>::new()));
    Ok(Reply::of(cleared))
}
