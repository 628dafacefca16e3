//! The change of one's own password.

use actix_web::http::StatusCode;
use askama::Template;
use yilin_domain::account::{AccountUpdate, NewPassword};
use yilin_domain::audit::AuditAction::Update;
use yilin_domain::error::Error;
use yilin_domain::usecase::UpdateRoute;
use yilin_domain::validation::Invalid;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::auth::{ConsoleUser, console_cookie};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use crate::answer::{PageResult, View, page_with, see_other};
use crate::console::{BeforeChange, Console};
use crate::form::{BeforeChangePosted, Field, Form, Posted, Sent};
use crate::paths::{is_local, with_parameter};
use crate::texts::Texts;
use crate::ui::Ui;

const PATH: &str = "/console/password";

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

/// What is wrong with a new password.
enum Wrong {
    Invalid(Invalid),
    /// The second was not the same.
    NotRepeated,
}

fn ask(console: &Console, sent: &Sent, next: Option<&str>, wrong: Option<&Wrong>) -> PageResult {
    let texts = console.texts;
    let new = |name, text| Field::password(name, texts.text(text), "new-password");
    let form = Form::of(console, PATH, sent, texts.text("password-do")).for_account(&console.user.name);
    let form = next.into_iter().fold(form, |form, next| form.hidden("next", next));
    let form = match wrong {
        Some(Wrong::Invalid(invalid)) => form.refused_for(invalid),
        Some(Wrong::NotRepeated) => form.problem("password_again", texts.text("password-not-repeated")),
        None => form,
    };
    let form = form
        .field(new("password", "password-new").help(texts.text("password-help")))
        .field(new("password_again", "password-again"));
    let is_due = console.user.must_change_password;
    let form = if is_due { form } else { form.or_back("/console", texts.text("form-back")) };
    let ui = Ui::of(&console.request, "password-title");
    // Without the navigation, because nothing in it would lead anywhere.
    let ui = Ui { user: ui.user.filter(|_| !is_due), ..ui };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, &PasswordPage { ui, is_due, form })
}

request! {
    /// A new password, typed twice.
    pub(crate) struct NewPasswordTwice {
        /// The password.
        password: NewPassword,
        /// The same.
        password_again: Text,
    }
}

async fn change(BeforeChangePosted(posted): BeforeChangePosted<NewPasswordTwice>) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let next = sent.value("next").filter(|next| is_local(next)).map(str::to_owned);
    let again = |wrong| ask(&console, &sent, next.as_deref(), Some(&wrong));
    let fields = match fields {
        Ok(fields) => fields,
        Err(invalid) => return again(Wrong::Invalid(invalid)),
    };
    if fields.password.reveal() != fields.password_again.0 {
        return again(Wrong::NotRepeated);
    }
    let update = AccountUpdate::of_password(console.actor.uuid, fields.password);
    match console.use_cases().accounts.update(&console.actor, UpdateRoute::Patient, update).await {
        Ok(account) => {
            let user = ConsoleUser { must_change_password: false, ..ConsoleUser::from(&account) };
            let cookie = console_cookie(&console.service, &console.session, account.role, &user)?;
            let start = next.as_deref().unwrap_or("/console");
            see_other(with_parameter(start, "done", "password")).with_cookie(&cookie)
        }
        Err(Error::Invalid(invalid)) => again(Wrong::Invalid(invalid)),
        Err(error) => Err(error.into()),
    }
}
