//! What is known of a person, to be corrected.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::{
    Account, AccountUpdate, AccountUuid, HomeAddress, Hospital, Nickname, PhoneNumber, Role, Sex,
};
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::usecase::UpdateRoute;
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::Clearable;
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::{person, person_fields};
use crate::answer::{PageResult, View, form_page, see_other};
use crate::console::Console;
use crate::form::{Field, Form, Posted, Refusal, Sent};
use crate::id::Id;
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

const PATH: &str = "/console/people/{id}/edit";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleEditPersonPage", show).audited(Read, "account", Record::Field("id")),
        post(PATH, "consoleEditPerson", change).audited(Update, "account", Record::Field("id")),
    ]
}

/// The path of the page.
pub(super) fn path(uuid: AccountUuid) -> String {
    format!("{}/edit", person::path(uuid))
}

request! {
    /// What was typed; only some of it applies to a role.
    pub(crate) struct PersonFields {
        /// The nickname.
        nickname: Clearable<Nickname>,
        /// The phone number.
        phone: Option<PhoneNumber>,
        /// The sex.
        sex: Option<Sex>,
        /// A patient's address.
        home_addr: Clearable<HomeAddress>,
        /// A physician's hospital.
        hospital: Clearable<Hospital>,
    }
}

/// The fields, each with the one that carries the value that the person saw: what was not touched stays as it is, also
/// if somebody else has changed it meanwhile.
const SEEN: [(&str, &str); 5] = [
    ("nickname", "form_seen_nickname"),
    ("phone", "form_seen_phone"),
    ("sex", "form_seen_sex"),
    ("home_addr", "form_seen_home_addr"),
    ("hospital", "form_seen_hospital"),
];

#[derive(Template)]
#[template(path = "page/person_form.html")]
struct EditPage {
    ui: Ui,
    shown: AccountUuid,
    /// The patients whose data it shows.
    patients: Vec<AccountUuid>,
    form: Form,
}

impl Discloses for EditPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure { patients: self.patients.clone(), ..Disclosure::of("account", &self.shown, None) }
    }
}

impl View for EditPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Id(uuid): Id<AccountUuid>) -> PageResult {
    let account = console.use_cases().people.find(&console.actor, uuid).await?;
    ask(&console, &account, &Sent::default(), None).await
}

async fn ask(console: &Console, account: &Account, sent: &Sent, refusal: Option<&Refusal>) -> PageResult {
    let uuid = account.uuid;
    let holder = person_fields::holder(console, sent, refusal).await?;
    let texts = console.texts;
    let mut form = Form::of(console, path(uuid), sent, texts.text("person-edit-do"))
        .refused_with(refusal)
        .or_back(person::path(uuid), texts.text("form-back"));
    for (name, seen) in SEEN {
        let value = value_of(account, name);
        if is_overtaken(account, sent, name, seen) {
            // From now on the person has seen it.
            form = form.problem(name, told(value, texts)).hidden(seen, value);
        } else {
            form = form.hidden(seen, sent.value(seen).unwrap_or(value));
        }
    }
    for (name, field) in fields(account, holder.as_ref(), texts) {
        form = form.field(field.value(value_of(account, name)));
    }
    let shown = [Some(account), holder.as_ref()].into_iter().flatten();
    let patients = shown.filter(|account| account.role == Role::Patient).map(|account| account.uuid);
    let title = texts.with("person-edit-title", "name", account.username.as_str());
    let view = EditPage {
        ui: console.ui(Section::People, "person-edit").titled(title),
        shown: uuid,
        patients: patients.collect(),
        form,
    };
    form_page(&view, refusal)
}

/// The fields of an account, in their order.
fn fields(account: &Account, holder: Option<&Account>, texts: Texts) -> Vec<(&'static str, Field)> {
    let line = |name, text, max| (name, Field::line(name, texts.text(text), max));
    let phone = person_fields::phone(account.role, holder, texts);
    let sex = person_fields::sex(account.sex.is_none(), texts);
    let place = match account.role {
        Role::Patient => Some(line("home_addr", "person-address", HomeAddress::MAX_CHARS)),
        Role::Physician => Some(line("hospital", "person-hospital", Hospital::MAX_CHARS)),
        Role::Admin => None,
    };
    let nickname = line("nickname", "person-nickname", Nickname::MAX_CHARS);
    [Some(("phone", phone)), Some(("sex", sex)), place, Some(nickname)].into_iter().flatten().collect()
}

/// What the account has in a field.
fn value_of<'a>(account: &'a Account, name: &str) -> &'a str {
    match name {
        "nickname" => account.nickname.as_str(),
        "phone" => account.phone.as_ref().map(PhoneNumber::as_str).unwrap_or_default(),
        "sex" => account.sex.map(Sex::as_str).unwrap_or_default(),
        "home_addr" => account.home_address.as_str(),
        "hospital" => account.hospital.as_str(),
        _ => "",
    }
}

/// Whether the person has touched a field that somebody else has changed meanwhile to something else.
fn is_overtaken(account: &Account, sent: &Sent, name: &str, seen: &str) -> bool {
    let (stored, Some(seen), Some(typed)) = (value_of(account, name), sent.value(seen), sent.value(name))
    else {
        return false;
    };
    let typed = typed.trim();
    typed != seen && seen != stored && typed != stored
}

/// What somebody else has made of a field.
fn told(value: &str, texts: Texts) -> Cow<'static, str> {
    if value.is_empty() {
        texts.text("person-edit-now-empty")
    } else {
        texts.with("person-edit-now", "value", value)
    }
}

async fn change(Id(uuid): Id<AccountUuid>, posted: Posted<PersonFields>) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let people = &console.use_cases().people;
    let account = people.find(&console.actor, uuid).await?;
    let updated = match with_phone(fields, &sent) {
        Ok(_) if SEEN.iter().any(|(name, seen)| is_overtaken(&account, &sent, name, seen)) => {
            Err(Error::Changed)
        }
        Ok(fields) => {
            let (accounts, update) = (&console.use_cases().accounts, update(uuid, fields, &sent));
            accounts.update_as_seen(&console.actor, UpdateRoute::Patient, update, Some(account)).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match updated {
        Ok(_) => Ok(see_other(with_parameter(&person::path(uuid), "done", "account-updated"))),
        Err(error) => {
            let is_overtaken = matches!(error, Error::Changed);
            let refusal = Refusal::of(error)?;
            let overtaken = console.texts.text("person-edit-overtaken");
            let refusal = if is_overtaken { refusal.in_words(overtaken) } else { refusal };
            ask(&console, &people.find(&console.actor, uuid).await?, &sent, Some(&refusal)).await
        }
    }
}

/// The fields, unless a phone number was to be removed: nobody could log in without it.
fn with_phone(fields: Result<PersonFields, Invalid>, sent: &Sent) -> Result<PersonFields, Invalid> {
    let is_blank = |name| sent.value(name).is_none_or(|value| value.trim().is_empty());
    if !is_blank("phone") || is_blank("form_seen_phone") {
        return fields;
    }
    let mut problems = fields.err().map(|invalid| invalid.0).unwrap_or_default();
    problems.push(FieldError { field: "phone", problem: FieldProblem::Missing });
    Err(Invalid(problems))
}

/// An update of what the person has touched.
fn update(uuid: AccountUuid, fields: PersonFields, sent: &Sent) -> AccountUpdate {
    let is_touched = |name: &str| {
        let seen = SEEN.iter().find(|(known, _)| *known == name).and_then(|(_, seen)| sent.value(seen));
        sent.value(name) != seen
    };
    AccountUpdate {
        uuid,
        is_echo: false,
        nickname: fields.nickname.0.filter(|_| is_touched("nickname")),
        password: None,
        phone: fields.phone.filter(|_| is_touched("phone")),
        sex: fields.sex.filter(|_| is_touched("sex")),
        home_address: fields.home_addr.0.filter(|_| is_touched("home_addr")),
        hospital: fields.hospital.0.filter(|_| is_touched("hospital")),
    }
}
