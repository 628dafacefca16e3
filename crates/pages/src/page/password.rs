//! The change of one's own password.

use askama::Template;
use yilin_domain::audit::AuditAction::Update;
use yilin_domain::error::{Error, LoginRefused};
use yilin_domain::usecase::OwnPasswordChange;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::auth::{ConsoleUser, console_cookie};
use yilin_web::client;
use yilin_web::error::ApiError;
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::log_in;
use super::password_fields::{self, NewPasswordFields, typed_twice};
use crate::answer::{PageResult, View, form_page, see_other};
use crate::console::{BeforeChange, Console};
use crate::form::{BeforeChangePosted, Field, Form, Posted, Refusal, Sent};
use crate::paths::{is_local, with_parameter};
use crate::texts::Texts;
use crate::ui::Ui;

pub(super) const PATH: &str = "/console/password";

/// The field with the present password, as the use case calls it.
const CURRENT: &str = "current_password";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consolePasswordPage", show).not_audited(),
        post(PATH, "consolePassword", change).audited(Update, "account", Record::Caller),
    ]
}

/// The page on which a password has to be changed before anything else, and where to go afterwards.
pub(super) fn path(next: Option<&str>) -> String {
    next.map_or_else(|| PATH.to_owned(), |next| with_parameter(PATH, "next", next))
}

#[derive(Template)]
#[template(path = "page/password.html")]
struct PasswordPage {
    ui: Ui,
    /// Whether nothing else is possible before.
    is_due: bool,
    form: Form,
}

impl Discloses for PasswordPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for PasswordPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

request! {
    /// Where to go afterwards.
    pub(crate) struct After {
        /// An address within the console.
        next: Option<Text>,
    }
}

async fn show(BeforeChange(console): BeforeChange, Query(After { next }): Query<After>) -> PageResult {
    let next = next.map(|Text(next)| next).filter(|next| is_local(next));
    ask(&console, &Sent::default(), next.as_deref(), None)
}

fn ask(console: &Console, sent: &Sent, next: Option<&str>, refusal: Option<&Refusal>) -> PageResult {
    let texts = console.texts;
    let form = Form::of(console, PATH, sent, texts.text("password-do")).for_account(&console.user.name);
    let form = next.into_iter().fold(form, |form, next| form.hidden("next", next));
    let form = form.refused_with(refusal);
    let is_due = console.user.must_change_password;
    let form = if is_due {
        form
    } else {
        let current = Field::password(CURRENT, texts.text("password-current"), "current-password");
        form.field(current).or_back("/console", texts.text("form-back"))
    };
    let form = form.fields(password_fields::fields(texts, texts.text("password-help")));
    let ui = Ui::of(&console.request, "password-title");
    // Without the navigation, because nothing in it would lead anywhere.
    let ui = Ui { user: ui.user.filter(|_| !is_due), ..ui };
    form_page(&PasswordPage { ui, is_due, form }, refusal)
}

async fn change(BeforeChangePosted(posted): BeforeChangePosted<NewPasswordFields>) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let next = sent.value("next").filter(|next| is_local(next)).map(str::to_owned);
    let changed = match typed_twice(fields, &sent) {
        Ok(NewPasswordFields { password }) => {
            let change = OwnPasswordChange {
                current: sent.value(CURRENT).map(str::to_owned),
                new: password,
                client_address: client::address(&console.request, &console.service),
            };
            console.use_cases().accounts.change_own_password(&console.actor, change).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match changed {
        Ok(account) => {
            let user = ConsoleUser { must_change_password: false, ..ConsoleUser::from(&account) };
            let cookie = console_cookie(&console.service, &console.session, account.role, &user)?;
            let start = next.as_deref().unwrap_or("/console");
            see_other(with_parameter(start, "done", "password")).with_cookie(&cookie)
        }
        Err(error) => {
            let refusal = refusal(error, console.texts)?;
            ask(&console, &sent, next.as_deref(), Some(&refusal))
        }
    }
}

fn refusal(error: Error, texts: Texts) -> Result<Refusal, ApiError> {
    match error {
        Error::LoginRefused(LoginRefused::WrongCredentials) => {
            Ok(Refusal::of(error)?.at(CURRENT).in_words(texts.text("password-wrong")))
        }
        Error::LoginRefused(refused) => Ok(Refusal::of(error)?.in_words(log_in::why(refused, texts))),
        error => Refusal::of(error),
    }
}
