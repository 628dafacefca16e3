//! An account for a person: first whose, then the form for that role. Who may be known already is shown before anybody is
//! added.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::{Account, AccountRequest, AccountUuid, HomeAddress, Hospital, PersonName, Role};
use yilin_domain::audit::AuditAction::Create;
use yilin_domain::error::Error;
use yilin_domain::idempotency::Once;
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{AccountBody, Query, Selected};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::password_fields::typed_twice;
use super::people::{PersonRow, TabChoices, tab_of};
use super::under_way::under_way;
use super::{password_fields, people, person, person_facts, person_fields};
use crate::answer::{PageResult, View, form_page, see_other};
use crate::console::Console;
use crate::form::{Field, Form, Posted, Refusal, Sent};
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/people/new";

/// The field with the accounts that were shown because they may belong to the person.
const SEEN: &str = "form_seen_people";

/// How many of them are shown.
const SHOWN: usize = 10;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleNewPersonPage", show).not_audited(),
        post(PATH, "consoleNewPerson", create).audited(Create, "account", Record::Search),
    ]
}

request! {
    /// For whom.
    pub(crate) struct ForWhom {
        /// Whose account, as the tabs of the list call it.
        kind: Option<Selected<TabChoices>>,
    }
}

/// The choice of the role.
#[derive(Template)]
#[template(path = "page/person_kind.html")]
struct KindPage {
    ui: Ui,
    /// Of each role the form, the name, and what it is for.
    kinds: Vec<(String, Cow<'static, str>, Cow<'static, str>)>,
}

impl Discloses for KindPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for KindPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// The form for a role.
#[derive(Template)]
#[template(path = "page/person_new.html")]
struct NewPersonPage {
    ui: Ui,
    /// Those who may be the person.
    people: Vec<PersonRow>,
    has_more: bool,
    form: Form,
    /// The patient who has the phone number that was typed.
    holder: Option<AccountUuid>,
}

impl Discloses for NewPersonPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.people.iter().filter_map(PersonRow::patient).chain(self.holder))
    }
}

impl View for NewPersonPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Query(ForWhom { kind }): Query<ForWhom>) -> PageResult {
    match kind {
        Some(Selected(role)) => ask(&console, role, &Sent::default(), &[], None).await,
        None => choose(&console, None),
    }
}

fn choose(console: &Console, refusal: Option<&Refusal>) -> PageResult {
    let texts = console.texts;
    let kinds = Role::ALL.map(|role| {
        let about = match role {
            Role::Patient => "person-new-patient",
            Role::Physician => "person-new-physician",
            Role::Admin => "person-new-admin",
        };
        let path = with_parameter(PATH, "kind", tab_of(role));
        (path, texts.text(person_facts::role(role)), texts.text(about))
    });
    form_page(&KindPage { ui: console.ui(Section::People, "person-new"), kinds: kinds.into() }, refusal)
}

/// The form for a role. `known` may be the person.
async fn ask(
    console: &Console,
    role: Role,
    sent: &Sent,
    known: &[Account],
    refusal: Option<&Refusal>,
) -> PageResult {
    let texts = console.texts;
    let holder = person_fields::holder(console, sent, refusal).await?;
    let seen = seen(sent).into_iter().chain(known.iter().map(|account| account.uuid));
    let seen: Vec<_> = seen.map(|uuid| uuid.to_string()).collect();
    let submit = if known.is_empty() { "person-new-do" } else { "person-new-anyway" };
    let form = Form::of(console, PATH, sent, texts.text(submit))
        .hidden("role", role.as_str())
        .hidden(SEEN, seen.join(" "))
        .noting_password()
        .refused_with(refusal)
        .fields(fields(role, holder.as_ref(), texts))
        .or_back(with_parameter(people::PATH, "tab", tab_of(role)), texts.text("form-back"));
    let title = match role {
        Role::Patient => "person-new-patient-title",
        Role::Physician => "person-new-physician-title",
        Role::Admin => "person-new-admin-title",
    };
    let view = NewPersonPage {
        ui: console.ui(Section::People, title),
        people: known.iter().take(SHOWN).map(|account| PersonRow::new(account, console)).collect(),
        has_more: known.len() > SHOWN,
        form,
        holder: holder.filter(|account| account.role == Role::Patient).map(|account| account.uuid),
    };
    form_page(&view, refusal)
}

fn fields(role: Role, holder: Option<&Account>, texts: Texts) -> Vec<Field> {
    let line = |name, text, max| Field::line(name, texts.text(text), max);
    let optional = |text| texts.with("form-optional", "label", texts.text(text));
    let phone = person_fields::phone(role, holder, texts);
    let sex = person_fields::sex(true, texts);
    let (of_role, password_help) = match role {
        Role::Patient => {
            let name = line("username", "person-name", PersonName::MAX_CHARS);
            let born = Field::day("birth_date", optional("person-birth-date"));
            let age = Field::number("age", optional("person-age-today"));
            let age = age.help(texts.text("person-age-help"));
            let address = Field::line("home_addr", optional("person-address"), HomeAddress::MAX_CHARS);
            (vec![name, phone, sex, born, age, address], "person-password-optional")
        }
        Role::Physician => {
            let name = line("username", "person-name", PersonName::MAX_CHARS);
            let hospital = Field::line("hospital", optional("person-hospital"), Hospital::MAX_CHARS);
            (vec![name, phone, sex, hospital], "person-password-optional")
        }
        Role::Admin => {
            let name = line("username", "person-admin-name", PersonName::ADMIN_CHARS.1);
            (vec![name.help(texts.text("person-admin-name-help"))], "person-password-admin")
        }
    };
    let password_help = texts.text(password_help);
    let password = match role {
        Role::Patient | Role::Physician => password_fields::optional_fields(texts, password_help),
        Role::Admin => password_fields::fields(texts, password_help),
    };
    of_role.into_iter().chain(password).collect()
}

async fn create(posted: Posted<AccountBody>) -> PageResult {
    let done = if posted.sent.has_password() { "account-created" } else { "account-created-initial" };
    let receipt = posted.receipt(|created: &Account| person::path(created.uuid));
    let Posted { console, fields, sent } = posted;
    let Some(role) = sent.value("role").and_then(Role::of_name) else {
        return choose(&console, Some(&Invalid::one("role", FieldProblem::Missing).into()));
    };
    if sent.lost_password() {
        let lost = Refusal::about("password", console.texts.text("password-lost"));
        return ask(&console, role, &sent, &[], Some(&lost)).await;
    }
    let request = match typed_twice(fields, &sent) {
        Ok(AccountBody(request)) => request,
        Err(invalid) => return ask(&console, role, &sent, &[], Some(&invalid.into())).await,
    };
    let (accounts, seen) = (&console.use_cases().accounts, seen(&sent));
    let create = |receipt| accounts.create_unless_known(&console.actor, request.clone(), &seen, receipt);
    match console.use_cases().once.run_after(receipt, create).await {
        Ok(Once::Created(account)) => {
            Ok(see_other(with_parameter(&person::path(account.uuid), "done", done)))
        }
        // Sent twice: the second leads to what the first created.
        Ok(Once::Before(path)) => Ok(see_other(with_parameter(&path, "done", done))),
        Err(error) => refused(&console, request, sent, error).await,
    }
}

/// The form again, with why nobody was added.
async fn refused(console: &Console, request: AccountRequest, sent: Sent, error: Error) -> PageResult {
    let texts = console.texts;
    let role = request.role;
    match error {
        Error::PersonMayExist => {
            let known = console.use_cases().accounts.known_as(&console.actor, &request).await?;
            let refusal = Refusal::of(error)?.in_words(texts.text("person-new-known"));
            ask(console, role, &sent, &known, Some(&refusal)).await
        }
        // The person went back to the form of somebody who was added, and typed somebody else in.
        Error::KeyMismatch => {
            let refusal = Refusal::of(error)?.in_words(texts.text("form-sent-before"));
            ask(console, role, &sent.renewed(), &[], Some(&refusal)).await
        }
        Error::KeyInUse => {
            let list = with_parameter(people::PATH, "tab", tab_of(role));
            let list = with_parameter(&list, "text", request.username.as_str());
            under_way(console, Section::People, (list, "under-way-people"))
        }
        error => ask(console, role, &sent, &[], Some(&Refusal::of(error)?)).await,
    }
}

/// The accounts that were shown because they may belong to the person.
fn seen(sent: &Sent) -> Vec<AccountUuid> {
    let seen = sent.value(SEEN).unwrap_or_default().split(' ');
    seen.filter_map(|uuid| AccountUuid::parse(uuid).ok()).collect()
}
