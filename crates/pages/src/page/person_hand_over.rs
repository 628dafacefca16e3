//! Handing a physician's work over to another one: what would move, to whom, and afterwards what moved.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::{Account, AccountUuid, Role};
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{HandOverProspect, HandedOver};
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::ApiError;
use yilin_web::input::{Number, Query};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::person_facts::PersonFacts;
use super::physician_search::{self, FIELD, Search, label};
use super::{drug_orders, person, visits};
use crate::answer::{PageResult, View, form_page, page, see_other};
use crate::console::Console;
use crate::form::{Choice, Field, Form, Posted, Refusal, Sent};
use crate::id::Id;
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

const PATH: &str = "/console/people/{id}/hand-over";
const DONE: &str = "/console/people/{id}/handed-over";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleHandOverPage", show).audited(Read, "account", Record::Field("id")),
        post(PATH, "consoleHandOver", take).audited(Update, "account", Record::Field("id")),
        get(DONE, "consoleHandedOver", show_done).audited(Read, "account", Record::Field("id")),
    ]
}

/// The path of the page.
pub(super) fn path(uuid: AccountUuid) -> String {
    format!("{}/hand-over", person::path(uuid))
}

/// A text about a number of visits and drug orders.
pub(super) fn work_words(key: &'static str, work: HandedOver, texts: Texts) -> Cow<'static, str> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    texts.with_numbers(key, &[("visits", number(work.inquiries)), ("orders", number(work.drug_orders))], &[])
}

request! {
    /// To whom, and why.
    pub(crate) struct HandOverFields {
        /// The physician who takes the work over.
        to: AccountUuid,
        /// The reason.
        reason: Reason,
    }
}

#[derive(Template)]
#[template(path = "page/hand_over.html")]
struct HandOverPage {
    ui: Ui,
    facts: PersonFacts,
    work: Cow<'static, str>,
    form: Form,
}

impl Discloses for HandOverPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for HandOverPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Id(from): Id<AccountUuid>, Query(search): Query<Search>) -> PageResult {
    ask(&console, from, &search.text(), &Sent::default(), None).await
}

async fn ask(
    console: &Console,
    from: AccountUuid,
    searched: &str,
    sent: &Sent,
    refusal: Option<&Refusal>,
) -> PageResult {
    let hand_over = &console.use_cases().hand_over;
    let found = hand_over.prospect(&console.actor, from, searched).await?;
    let HandOverProspect { from: physician, work, successors, has_more } = found;
    let texts = console.texts;
    let choice = |account: &Account| Choice {
        value: account.uuid.to_string(),
        label: label(&account.username, &account.hospital),
        help: None,
    };
    let reason = Field::area("reason", texts.text("step-reason"), Reason::MAX_CHARS);
    let successors = successors.iter().map(choice).collect();
    let to = physician_search::fields(texts, searched, has_more, ("to", "hand-over-to"), successors);
    let form = Form::of(console, path(from), sent, texts.text("hand-over-do"))
        .refused_with(refusal)
        .fields(to)
        .field(reason.help(texts.text("step-reason-help")))
        .or_back(person::path(from), texts.text("form-back"));
    let words = if work.is_nothing() { "hand-over-nothing" } else { "hand-over-work" };
    let view = HandOverPage {
        ui: console.ui(Section::People, "hand-over-title"),
        facts: PersonFacts::new(&physician, console),
        work: work_words(words, work, texts),
        form,
    };
    form_page(&view, refusal)
}

async fn take(Id(from): Id<AccountUuid>, posted: Posted<HandOverFields>) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let moved = match fields {
        Ok(HandOverFields { to, reason }) => {
            let hand_over = &console.use_cases().hand_over;
            hand_over.run(&console.actor, from, to, reason).await.map(|moved| (to, moved))
        }
        Err(invalid) => Err(invalid.into()),
    };
    match moved {
        Ok((to, moved)) => Ok(see_other(done_path(from, to, moved))),
        Err(error) => {
            let searched = sent.value(FIELD).unwrap_or_default();
            let refusal = refusal(error, console.texts)?;
            ask(&console, from, searched, &sent, Some(&refusal)).await
        }
    }
}

/// Somebody may have disabled the physician who was chosen.
fn refusal(error: Error, texts: Texts) -> Result<Refusal, ApiError> {
    let is_gone = |error: &FieldError| error.field == "to" && error.problem == FieldProblem::UnknownPhysician;
    match &error {
        Error::Invalid(Invalid(problems)) if problems.iter().any(is_gone) => {
            Ok(Refusal::about("to", texts.text("hand-over-gone")))
        }
        _ => Refusal::of(error),
    }
}

fn done_path(from: AccountUuid, to: AccountUuid, moved: HandedOver) -> String {
    let path = with_parameter(&format!("{}/handed-over", person::path(from)), "to", &to.to_string());
    let path = with_parameter(&path, "visits", &moved.inquiries.to_string());
    with_parameter(&path, "orders", &moved.drug_orders.to_string())
}

request! {
    /// What was handed over.
    pub(crate) struct Moved {
        /// To whom.
        to: Option<AccountUuid>,
        /// How many visits.
        visits: Option<Number<0, { i64::MAX }>>,
        /// How many drug orders.
        orders: Option<Number<0, { i64::MAX }>>,
    }
}

/// What was handed over, and where it is now.
#[derive(Template)]
#[template(path = "page/handed_over.html")]
struct HandedOverPage {
    ui: Ui,
    from: AccountUuid,
    is_nothing: bool,
    moved: Cow<'static, str>,
    /// The other physician's lists.
    lists: Vec<(String, Cow<'static, str>)>,
    /// What is left, for example after an interruption, and the page to hand it over.
    left: Option<(Cow<'static, str>, String)>,
    back: (String, Cow<'static, str>),
}

impl Discloses for HandedOverPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("account", &self.from, None)
    }
}

impl View for HandedOverPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// The account, if it is a physician's.
fn physician(account: Account) -> Result<Account, Error> {
    if account.role == Role::Physician { Ok(account) } else { Err(Error::NotFound) }
}

async fn show_done(console: Console, Id(from): Id<AccountUuid>, Query(moved): Query<Moved>) -> PageResult {
    let Some(to) = moved.to else { return Ok(see_other(person::path(from))) };
    let (people, texts) = (&console.use_cases().people, console.texts);
    let predecessor = physician(people.find(&console.actor, from).await?)?;
    let successor = physician(people.find(&console.actor, to).await?)?;
    let left = console.use_cases().hand_over.open_work(&console.actor, from).await?;
    let number = |number: Option<Number<0, { i64::MAX }>>| number.map_or(0, |Number(number)| number);
    let numbers = [("visits", number(moved.visits)), ("orders", number(moved.orders))];
    let is_nothing = numbers.iter().all(|(_, number)| *number == 0);
    let words = if is_nothing { "handed-over-nothing" } else { "handed-over" };
    let of_successor = |list, text| {
        (
            with_parameter(list, "physician", &to.to_string()),
            texts.with(text, "name", successor.username.as_str()),
        )
    };
    page(&HandedOverPage {
        ui: console.ui(Section::People, "handed-over-title"),
        from,
        is_nothing,
        moved: texts.with_numbers(words, &numbers, &[("name", &successor.username.as_str())]),
        lists: vec![
            of_successor(visits::PATH, "handed-over-visits"),
            of_successor(drug_orders::PATH, "handed-over-orders"),
        ],
        left: (!left.is_nothing()).then(|| (work_words("handed-over-left", left, texts), path(from))),
        back: (person::path(from), texts.with("handed-over-back", "name", predecessor.username.as_str())),
    })
}
