//! Log-in and log-out.

use std::borrow::Cow;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, Responder as _, ResponseError as _, web};
use askama::Template;
use yilin_domain::account::{PhoneNumber, Role};
use yilin_domain::audit::AuditAction::Execute;
use yilin_domain::error::{Error, LoginRefused};
use yilin_domain::usecase::{LoggedIn, Realm};
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::Service;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::auth::{
    ConsoleUser, Verified, clearing_console_cookie, console_cookie, console_session, log_in,
};
use yilin_web::context::RequestContext;
use yilin_web::error::ApiError;
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::language::OpenForm;
use super::{password, resume};
use crate::answer::{PageResult, View, form_page, page_with, see_other};
use crate::form::{Field, Form, Kept, MAX_FORM_BYTES, Refusal, Sent};
use crate::paths::is_local;
use crate::texts::Texts;
use crate::ui::{Ui, texts_for};

/// The field with the address to go to afterwards, as in the query.
const NEXT: &str = "next";
/// The field with the sealed content of a form.
pub(super) const KEPT: &str = "kept";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/console/log-in", "consoleLogInPage", show).not_audited(),
        post("/console/log-in", "consoleLogIn", start)
            .max_body(MAX_FORM_BYTES, || ApiError::BodyTooLarge)
            .audited(Execute, "account", Record::Handler),
        post("/console/log-out", "consoleLogOut", end).audited(Execute, "session", Record::Search),
    ]
}

/// The log-in page.
#[derive(Template)]
#[template(path = "page/log_in.html")]
struct LogInPage {
    ui: Ui,
    /// Why it is shown, if nobody asked for it.
    why: Option<Cow<'static, str>>,
    form: Form,
}

impl Discloses for LogInPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for LogInPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

request! {
    /// Where to go after the log-in.
    pub(crate) struct Next {
        /// An address within the console.
        next: Option<Text>,
        /// What was done before.
        done: Option<Text>,
    }
}

async fn show(request: HttpRequest, Query(Next { next, done }): Query<Next>) -> PageResult {
    let next = next.map(|Text(next)| next).filter(|next| is_local(next));
    if console_session(&request).is_ok() {
        return Ok(see_other(next.as_deref().unwrap_or("/console")));
    }
    let texts = texts_for(&request);
    let told = done.filter(|Text(done)| done == "logged-out").map(|_| texts.text("log-in-logged-out"));
    let why = next.as_ref().map(|_| texts.text("log-in-first"));
    let form = with_fields(form(texts, &Sent::default(), next.as_deref(), None), texts);
    let ui = Ui::of(&request, "log-in-title").telling(told);
    page_with(StatusCode::OK, &LogInPage { ui, why, form })
}

/// The log-in page in answer to a form whose session has ended. What it contained is carried along; if that is not
/// possible, at least the way back to its page.
pub(crate) fn again(request: &HttpRequest, kept: Option<&Kept>) -> Result<HttpResponse, ApiError> {
    let service = Service::of(request).ok_or(ApiError::Unauthenticated)?;
    let texts = texts_for(request);
    let sealed = kept.map(|kept| kept.seal(service)).transpose()?.flatten();
    let why = texts.text(if sealed.is_some() { "log-in-kept" } else { "log-in-ended" });
    let next = Some(request.path()).filter(|_| sealed.is_none() && is_page_too(request));
    let form = with_fields(form(texts, &Sent::default(), next, sealed.as_deref()), texts);
    let view = LogInPage { ui: Ui::of(request, "log-in-title"), why: Some(why), form };
    let answer = page_with(ApiError::Unauthenticated.status_code(), &view)?;
    Ok(answer.respond_to(request))
}

/// Whether a page has the address that a form was sent to.
fn is_page_too(request: &HttpRequest) -> bool {
    let context = RequestContext::of(request);
    let sent = context.as_ref().and_then(RequestContext::route);
    sent.is_some_and(|sent| {
        super::all().iter().any(|page| page.method == Method::GET && page.path == sent.path)
    })
}

/// The log-in form. `next` and `kept` are carried along.
fn form(texts: Texts, sent: &Sent, next: Option<&str>, kept: Option<&str>) -> Form {
    let form = Form::new(texts, "/console/log-in", sent, texts.text("log-in-do"));
    let form = next.into_iter().fold(form, |form, next| form.hidden(NEXT, next));
    kept.into_iter().fold(form, |form, kept| form.hidden(KEPT, kept))
}

fn with_fields(form: Form, texts: Texts) -> Form {
    let name = Field::line("username", texts.text("log-in-name"), 100).completed_as("username");
    form.field(name.help(texts.text("log-in-name-help"))).field(Field::password(
        "password",
        texts.text("log-in-password"),
        "current-password",
    ))
}

async fn start(service: web::Data<Service>, request: HttpRequest, OpenForm(sent): OpenForm) -> PageResult {
    let sent = Sent::from(sent);
    let texts = texts_for(&request);
    let next = sent.value(NEXT).filter(|next| is_local(next)).map(str::to_owned);
    let kept = sent.value(KEPT).and_then(|sealed| Some((sealed.to_owned(), Kept::open(sealed, &service)?)));
    let sealed = kept.as_ref().map(|(sealed, _)| sealed.as_str());
    let missing =
        ["username", "password"].into_iter().filter(|name| sent.value(name).is_none_or(str::is_empty));
    let missing: Vec<FieldError> =
        missing.map(|field| FieldError { field, problem: FieldProblem::Missing }).collect();
    let refusal = if missing.is_empty() {
        match check(&service, &request, &sent).await {
            Ok(LoggedIn { account, session }) if account.role == Role::Admin => {
                let user = ConsoleUser::from(&account);
                let cookie = console_cookie(&service, &session, account.role, &user)?;
                let answer = match kept {
                    _ if user.must_change_password => see_other(password::path(next.as_deref())),
                    Some((_, kept)) if kept.is_of(account.uuid) => resume::ask(&request, user, &kept)?,
                    _ => see_other(next.as_deref().unwrap_or("/console")),
                };
                return answer.with_cookie(&cookie);
            }
            Ok(LoggedIn { session, .. }) => {
                // The right password, but not for this door.
                service.use_cases.sessions.log_out(&session, None).await?;
                Refusal::of(LoginRefused::WrongCredentials.into())?.in_words(texts.text("log-in-not-staff"))
            }
            Err(ApiError::Domain(Error::LoginRefused(refused))) => {
                Refusal::of(refused.into())?.in_words(why(refused, texts))
            }
            Err(error) => return Err(error),
        }
    } else {
        Invalid(missing).into()
    };
    let form = form(texts, &sent, next.as_deref(), sealed).refused_with(Some(&refusal));
    let view = LogInPage { ui: Ui::of(&request, "log-in-title"), why: None, form: with_fields(form, texts) };
    form_page(&view, Some(&refusal))
}

/// Why a password was not checked, or was not right.
pub(super) fn why(refused: LoginRefused, texts: Texts) -> Cow<'static, str> {
    match refused {
        LoginRefused::TooManyAttempts { retry_after } => {
            texts.count("log-in-locked", retry_after.as_secs().div_ceil(60))
        }
        other => ApiError::from(other).message(texts.0).into(),
    }
}

/// Checks what was typed. Patients and physicians log in by phone, admins by name; a name may look like a phone number.
async fn check(service: &Service, request: &HttpRequest, sent: &Sent) -> Result<LoggedIn, ApiError> {
    let typed = |field| sent.value(field).unwrap_or_default().to_owned();
    let (name, password) = (typed("username"), typed("password"));
    if PhoneNumber::parse(name.trim()).is_ok() {
        match log_in(service, request, Realm::App, name.clone(), password.clone()).await {
            Err(ApiError::Domain(Error::LoginRefused(LoginRefused::WrongCredentials))) => {}
            decided => return decided,
        }
    }
    log_in(service, request, Realm::Console, name, password).await
}

/// Ends the session. Nobody is told that there was none.
async fn end(service: web::Data<Service>, request: HttpRequest) -> PageResult {
    match console_session(&request) {
        Ok((Verified { actor, session }, _)) => {
            service.use_cases.sessions.log_out(&session, actor.origin.as_ref()).await?;
        }
        Err(ApiError::Unauthenticated) => {}
        Err(error) => return Err(error),
    }
    see_other("/console/log-in?done=logged-out").with_cookie(&clearing_console_cookie(&service))
}
