//! One person: the account, who may be the same person, and the sessions.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::{Account, AccountUuid, Role};
use yilin_domain::audit::AuditAction::{Execute, Read};
use yilin_domain::error::Error;
use yilin_domain::session::SessionId;
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::people::PersonRow;
use super::person_facts::PersonFacts;
use super::told::told;
use super::{audit, drug_orders, person_edit, person_hand_over, person_password, person_standing, visits};
use crate::answer::{PageResult, View, page, see_other};
use crate::console::Console;
use crate::form::Posted;
use crate::id::Id;
use crate::parts::{Timeline, When};
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/console/people/{id}", "consolePerson", show).errors([Error::NotFound]).audited(
            Read,
            "account",
            Record::Field("id"),
        ),
        post("/console/people/{id}/sessions", "consoleEndSessions", end_sessions)
            .errors([Error::NotFound])
            .audited(Execute, "account", Record::Field("id")),
    ]
}

/// The path of a person's page.
pub(super) fn path(uuid: AccountUuid) -> String {
    format!("/console/people/{uuid}")
}

/// A session.
struct SessionRow {
    id: SessionId,
    started: When,
    expires: When,
    from: String,
    /// Whether it is the one in which the page is shown.
    is_own: bool,
}

#[derive(Template)]
#[template(path = "page/person.html")]
struct PersonPage {
    ui: Ui,
    facts: PersonFacts,
    /// The steps, each a page of its own.
    steps: Vec<(String, Cow<'static, str>)>,
    /// Lists of what has to do with the person.
    lists: Vec<(String, Cow<'static, str>)>,
    people: Vec<PersonRow>,
    /// When and why the account was disabled and enabled.
    standings: Timeline,
    sessions: Vec<SessionRow>,
    end_path: String,
}

impl Discloses for PersonPage {
    fn disclosure(&self) -> Disclosure {
        let shown = self.facts.disclosure();
        let others = self.people.iter().filter_map(PersonRow::patient);
        Disclosure { patients: shown.patients.iter().copied().chain(others).collect(), ..shown }
    }
}

impl View for PersonPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

request! {
    /// What was done before.
    pub(crate) struct After {
        /// The step.
        done: Option<Text>,
    }
}

async fn show(
    console: Console,
    Id(uuid): Id<AccountUuid>,
    Query(After { done }): Query<After>,
) -> PageResult {
    let people = &console.use_cases().people;
    let found = people.sessions_of(&console.actor, uuid).await?;
    let duplicates = people.duplicates_of(&console.actor, uuid).await?;
    let standings = console.use_cases().accounts.standings(&console.actor, uuid).await?;
    let (account, texts, clock) = (&found.account, console.texts, console.clock());
    let sessions = found.sessions.iter().map(|session| SessionRow {
        id: session.id,
        started: clock.moment(session.started_at),
        expires: clock.moment(session.expires_at),
        from: session.client_address.clone(),
        is_own: session.id == console.session.id,
    });
    let named = |(path, text): (String, &'static str)| (path, texts.text(text));
    let name = texts.with("person-title", "name", account.username.as_str());
    page(&PersonPage {
        ui: console.ui(Section::People, "people-title").titled(name).telling(told(done.as_ref(), texts)),
        facts: PersonFacts::with_changes(account, &console),
        steps: steps(account).into_iter().map(named).collect(),
        lists: lists(account).into_iter().map(named).collect(),
        people: duplicates.iter().map(|account| PersonRow::new(account, &console)).collect(),
        standings: person_standing::timeline(&standings, &console),
        sessions: sessions.collect(),
        end_path: format!("{}/sessions", path(uuid)),
    })
}

/// The steps that an account's state allows.
fn steps(account: &Account) -> Vec<(String, &'static str)> {
    let uuid = account.uuid;
    let work = (account.role == Role::Physician).then(|| (person_hand_over::path(uuid), "hand-over-title"));
    let standing = (person_standing::path(uuid, !account.disabled), person_standing::name(!account.disabled));
    let password = (person_password::path(uuid), "person-set-password");
    let edit = (person_edit::path(uuid), "person-edit");
    [Some(edit), Some(password), work, Some(standing)].into_iter().flatten().collect()
}

/// The lists that show what has to do with a person.
fn lists(account: &Account) -> Vec<(String, &'static str)> {
    let uuid = account.uuid.to_string();
    let of = |list, parameter, text| (with_parameter(list, parameter, &uuid), text);
    let records = match account.role {
        Role::Patient => Some("patient"),
        Role::Physician => Some("physician"),
        Role::Admin => None,
    };
    let records = records.into_iter().flat_map(|party| {
        [of(visits::PATH, party, "person-visits"), of(drug_orders::PATH, party, "person-drug-orders")]
    });
    let log = [of(audit::PATH, "patient", "person-audit-about"), of(audit::PATH, "agent", "person-audit-by")];
    records.chain(log).collect()
}

request! {
    /// Which sessions end.
    pub(crate) struct EndSessions {
        /// One; all if it is empty.
        session: Option<Text>,
    }
}

async fn end_sessions(Id(uuid): Id<AccountUuid>, posted: Posted<EndSessions>) -> PageResult {
    let Posted { console, fields, .. } = posted;
    let session = match fields?.session {
        None => None,
        Some(Text(text)) => {
            let session = SessionId::parse(&text);
            Some(session.ok_or(Invalid::one("session", FieldProblem::NotAUuid))?)
        }
    };
    let people = &console.use_cases().people;
    people.find(&console.actor, uuid).await?;
    match people.end_sessions(&console.actor, uuid, session).await {
        // It has ended by itself, or the form was sent twice.
        Ok(_) | Err(Error::NotFound) => Ok(see_other(with_parameter(&path(uuid), "done", "ended"))),
        Err(error) => Err(error.into()),
    }
}
