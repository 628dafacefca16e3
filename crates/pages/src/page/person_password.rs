//! A new password for somebody who has forgotten theirs.

use askama::Template;
use yilin_domain::account::{AccountUuid, PhoneNumber};
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::id::Version;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::route::{Record, Route, get, post};

use super::changed::{self, NotTaken, not_taken};
use super::password_fields::{self, NewPasswordFields, typed_twice};
use super::person_facts::PersonFacts;
use super::{password, person};
use crate::answer::{PageResult, View, form_page, see_other};
use crate::console::Console;
use crate::form::{Form, Posted, Refusal, Sent};
use crate::id::Id;
use crate::parts::Timeline;
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

const PATH: &str = "/console/people/{id}/password";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleSetPasswordPage", show).audited(Read, "account", Record::Field("id")),
        post(PATH, "consoleSetPassword", set).audited(Update, "account", Record::Field("id")),
    ]
}

/// The path of the page.
pub(super) fn path(uuid: AccountUuid) -> String {
    format!("{}/password", person::path(uuid))
}

#[derive(Template)]
#[template(path = "page/person_password.html")]
struct SetPasswordPage {
    ui: Ui,
    facts: PersonFacts,
    form: Form,
}

impl Discloses for SetPasswordPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for SetPasswordPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Id(uuid): Id<AccountUuid>) -> PageResult {
    if uuid == console.actor.uuid {
        // One's own has a page that asks for the present one.
        return Ok(see_other(password::PATH));
    }
    ask(&console, uuid, &Sent::default(), None).await
}

async fn ask(console: &Console, uuid: AccountUuid, sent: &Sent, refusal: Option<&Refusal>) -> PageResult {
    let account = console.use_cases().people.find(&console.actor, uuid).await?;
    let texts = console.texts;
    // What password managers know the account by.
    let login = account.phone.as_ref().filter(|_| account.role.logs_in_by_phone());
    let login = login.map_or(account.username.as_str(), PhoneNumber::as_str);
    let form = Form::of(console, path(uuid), sent, texts.text("person-set-password-do"))
        .for_account(login)
        .of_version(sent.version().unwrap_or(Version(account.password_version)))
        .refused_with(refusal)
        .fields(password_fields::fields(texts, texts.text("person-set-password-help")))
        .or_back(person::path(uuid), texts.text("form-back"));
    let facts = PersonFacts::new(&account, console);
    form_page(
        &SetPasswordPage { ui: console.ui(Section::People, "person-set-password"), facts, form },
        refusal,
    )
}

async fn set(Id(uuid): Id<AccountUuid>, posted: Posted<NewPasswordFields>) -> PageResult {
    let Posted { console, fields, sent } = posted;
    if uuid == console.actor.uuid {
        return Ok(see_other(password::PATH));
    }
    let done = match typed_twice(fields, &sent) {
        Ok(NewPasswordFields { password }) => {
            let seen = sent.version().map(|Version(seen)| seen);
            console.use_cases().accounts.set_password(&console.actor, uuid, password, seen).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match done {
        Ok(_) => Ok(see_other(with_parameter(&person::path(uuid), "done", "set-password"))),
        Err(Error::Changed) => overtaken(&console, uuid).await,
        Err(error) => ask(&console, uuid, &sent, Some(&Refusal::of(error)?)).await,
    }
}

/// Somebody else has set it meanwhile: they may have told it to the person already.
async fn overtaken(console: &Console, uuid: AccountUuid) -> PageResult {
    let account = console.use_cases().people.find(&console.actor, uuid).await?;
    let step = NotTaken {
        record: changed::Record::Person(PersonFacts::new(&account, console)),
        was_sent: true,
        why: Some("person-password-overtaken"),
        since: Timeline { entries: vec![] },
        typed: None,
        again: Some((path(uuid), "person-set-password")),
        back: person::path(uuid),
    };
    not_taken(console, step)
}
