//! Disabling an account, and enabling it again: each a page of its own that says what will happen, and asks why.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::{Account, AccountUuid, Standing};
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{HistoryLine, HistoryOf};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::changed::{self, NotTaken, not_taken};
use super::person;
use super::person_facts::PersonFacts;
use super::person_hand_over::{self, work_words};
use crate::answer::{PageResult, View, form_page, see_other};
use crate::console::Console;
use crate::form::{Field, Form, Posted, Refusal, Sent};
use crate::id::Id;
use crate::parts::{Tag, Timeline, TimelineEntry};
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

const DISABLE: &str = "/console/people/{id}/disable";
const ENABLE: &str = "/console/people/{id}/enable";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(DISABLE, "consoleDisablePage", show_disable).audited(Read, "account", Record::Field("id")),
        post(DISABLE, "consoleDisable", disable).audited(Update, "account", Record::Field("id")),
        get(ENABLE, "consoleEnablePage", show_enable).audited(Read, "account", Record::Field("id")),
        post(ENABLE, "consoleEnable", enable).audited(Update, "account", Record::Field("id")),
    ]
}

/// The path of the page that disables an account, or enables it.
pub(super) fn path(uuid: AccountUuid, disable: bool) -> String {
    format!("{}/{}", person::path(uuid), if disable { "disable" } else { "enable" })
}

/// The name of the step.
pub(super) const fn name(disable: bool) -> &'static str {
    if disable { "person-disable" } else { "person-enable" }
}

request! {
    /// Why.
    pub(crate) struct Why {
        /// The reason.
        reason: Reason,
    }
}

/// What a person should know before.
struct Warning {
    text: Cow<'static, str>,
    /// Where to do something about it.
    link: Option<(String, Cow<'static, str>)>,
}

#[derive(Template)]
#[template(path = "page/person_standing.html")]
struct StandingPage {
    ui: Ui,
    about: Cow<'static, str>,
    warnings: Vec<Warning>,
    facts: PersonFacts,
    form: Form,
}

impl Discloses for StandingPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for StandingPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show_disable(console: Console, Id(uuid): Id<AccountUuid>) -> PageResult {
    show(&console, uuid, true).await
}

async fn show_enable(console: Console, Id(uuid): Id<AccountUuid>) -> PageResult {
    show(&console, uuid, false).await
}

async fn disable(Id(uuid): Id<AccountUuid>, posted: Posted<Why>) -> PageResult {
    take(uuid, posted, true).await
}

async fn enable(Id(uuid): Id<AccountUuid>, posted: Posted<Why>) -> PageResult {
    take(uuid, posted, false).await
}

async fn show(console: &Console, uuid: AccountUuid, disable: bool) -> PageResult {
    let history = console.use_cases().accounts.standings(&console.actor, uuid).await?;
    if history.record.disabled == disable {
        return so_already(console, &history, disable, None);
    }
    ask(console, &history.record, disable, &Sent::default(), None).await
}

async fn ask(
    console: &Console,
    account: &Account,
    disable: bool,
    sent: &Sent,
    refusal: Option<&Refusal>,
) -> PageResult {
    let (texts, uuid) = (console.texts, account.uuid);
    let reason = Field::area("reason", texts.text("step-reason"), Reason::MAX_CHARS);
    let form = Form::of(console, path(uuid, disable), sent, texts.text(name(disable)))
        .refused_with(refusal)
        .field(reason.help(texts.text("person-reason-help")))
        .or_back(person::path(uuid), texts.text("form-back"));
    let mut warnings = Vec::new();
    if disable {
        let work = console.use_cases().hand_over.open_work(&console.actor, uuid).await?;
        if !work.is_nothing() {
            let link = (person_hand_over::path(uuid), texts.text("hand-over-title"));
            let text = work_words("person-disable-work", work, texts);
            warnings.push(Warning { text, link: Some(link) });
        }
        if uuid == console.actor.uuid {
            warnings.push(Warning { text: texts.text("person-disable-own"), link: None });
        }
    }
    let view = StandingPage {
        ui: console.ui(Section::People, name(disable)),
        about: texts.text(if disable { "person-disable-about" } else { "person-enable-about" }),
        warnings,
        facts: PersonFacts::new(account, console),
        form: if disable { form.dangerous() } else { form },
    };
    form_page(&view, refusal)
}

async fn take(uuid: AccountUuid, posted: Posted<Why>, disable: bool) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let accounts = &console.use_cases().accounts;
    let history = accounts.standings(&console.actor, uuid).await?;
    let done = match fields {
        Ok(Why { reason }) if history.record.disabled == disable => {
            return so_already(&console, &history, disable, Some(reason));
        }
        Ok(Why { reason }) => accounts.set_disabled(&console.actor, uuid, disable, reason).await,
        Err(invalid) => Err(invalid.into()),
    };
    match done {
        Ok(_) => Ok(see_other(done_path(uuid, disable))),
        Err(error) => ask(&console, &history.record, disable, &sent, Some(&Refusal::of(error)?)).await,
    }
}

fn done_path(uuid: AccountUuid, disable: bool) -> String {
    with_parameter(&person::path(uuid), "done", if disable { "disabled" } else { "enabled" })
}

/// The account is as the step would make it: says since when and why. If that was this very form, sent twice, leads to
/// where the first one led.
fn so_already(
    console: &Console,
    history: &HistoryOf<Account, Standing>,
    disable: bool,
    typed: Option<Reason>,
) -> PageResult {
    let uuid = history.record.uuid;
    let last = history.lines.last();
    let is_own = |line: &HistoryLine<Standing>| {
        line.entry.by == console.actor.uuid && Some(&line.entry.reason) == typed.as_ref()
    };
    if last.is_some_and(is_own) {
        return Ok(see_other(done_path(uuid, disable)));
    }
    // Who only opens the page has not seen the account before.
    let since = last.filter(|_| typed.is_some()).map(|line| entry(line, console));
    let step = NotTaken {
        record: changed::Record::Person(PersonFacts::new(&history.record, console)),
        was_sent: typed.is_some(),
        why: None,
        since: Timeline { entries: since.into_iter().collect() },
        typed,
        again: None,
        back: person::path(uuid),
    };
    not_taken(console, step)
}

/// When and why the account was disabled and enabled, oldest first.
pub(super) fn timeline(history: &HistoryOf<Account, Standing>, console: &Console) -> Timeline {
    Timeline { entries: history.lines.iter().map(|line| entry(line, console)).collect() }
}

fn entry(line: &HistoryLine<Standing>, console: &Console) -> TimelineEntry {
    let (texts, entry) = (console.texts, &line.entry);
    TimelineEntry {
        when: console.clock().moment(entry.at),
        what: texts.text(if entry.disabled { "standing-disabled" } else { "standing-enabled" }),
        who: line.by.username.as_str().to_owned(),
        tag: entry.disabled.then(|| Tag::disabled(texts)),
        reason: Some(entry.reason.as_str().to_owned()),
    }
}
