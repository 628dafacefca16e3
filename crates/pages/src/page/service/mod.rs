//! The state of the service: what needs attention, the language model, files, database and webhooks.

mod facts;
mod settings;
mod webhooks;

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::event::EventId;
use yilin_domain::usecase::{ModelCaller, ServiceState, ServiceWarning};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::told::told;
use crate::answer::{PageResult, View, page, see_other};
use crate::console::Console;
use crate::form::Posted;
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};
use facts::Group;
use webhooks::GivenUpRow;

pub(super) const PATH: &str = "/console/service";
const RETRY: &str = "/console/service/webhooks";
/// Deliveries that were given up, per page.
const GIVEN_UP: u16 = 25;

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get(PATH, "consoleService", show).audited(Read, "service", Record::Search),
        post(RETRY, "consoleWebhookRetry", retry).audited(Update, "webhook", Record::Search),
    ];
    routes.extend(settings::routes());
    routes
}

/// An account with its calls to the model today.
struct Caller {
    /// The patient, if it is one.
    patient: Option<AccountUuid>,
    name: String,
    calls: u32,
}

impl Caller {
    fn new(caller: &ModelCaller) -> Self {
        let account = caller.account.as_ref();
        let patient = account.filter(|account| account.role == Role::Patient).map(|account| account.uuid);
        let name =
            account.map_or_else(|| caller.uuid.to_string(), |account| account.username.as_str().to_owned());
        Self { patient, name, calls: caller.calls }
    }
}

#[derive(Template)]
#[template(path = "page/service.html")]
struct ServicePage {
    ui: Ui,
    warnings: Vec<Cow<'static, str>>,
    groups: Vec<Group>,
    callers: Vec<Caller>,
    given_up: Vec<GivenUpRow>,
    /// Where the list of what was given up goes on.
    more: Option<String>,
    version: &'static str,
}

impl ServicePage {
    /// Where a delivery is queued again.
    const RETRY: &'static str = RETRY;
    const SETTINGS: &'static str = settings::PATH;
}

impl Discloses for ServicePage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.callers.iter().filter_map(|caller| caller.patient))
    }
}

impl View for ServicePage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

request! {
    /// A part of what was given up, and what was done before.
    pub(crate) struct Position {
        /// Deliveries of events after this one.
        after: Option<EventId>,
        /// The step.
        done: Option<Text>,
    }
}

async fn show(console: Console, Query(Position { after, done }): Query<Position>) -> PageResult {
    let (texts, use_cases) = (console.texts, console.use_cases());
    let state = use_cases.service.state(&console.actor).await?;
    let after = after.unwrap_or(EventId::START);
    let given_up = use_cases.webhooks.given_up(&console.actor, after, GIVEN_UP).await?;
    let is_full = given_up.len() == usize::from(GIVEN_UP);
    let last = given_up.last().filter(|_| is_full).map(|last| last.event.id);
    let ServiceState { model, warnings, .. } = &state;
    page(&ServicePage {
        ui: console.ui(Section::Service, "service-title").telling(told(done.as_ref(), texts)),
        warnings: warnings.iter().map(|warning| texts.text(words(*warning))).collect(),
        groups: facts::groups(&state, &console),
        callers: model.iter().flat_map(|model| &model.busiest).map(Caller::new).collect(),
        given_up: given_up.iter().map(|given_up| GivenUpRow::new(given_up, &console)).collect(),
        more: last.map(|last| with_parameter(PATH, "after", &last.0.to_string())),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// What a warning says, and what to do.
pub(super) const fn words(warning: ServiceWarning) -> &'static str {
    match warning {
        ServiceWarning::ClockOffset => "service-warning-clock",
        ServiceWarning::DiskFull => "service-warning-disk",
        ServiceWarning::NodeUnavailable => "service-warning-node",
        ServiceWarning::NodePublic => "service-warning-public",
        ServiceWarning::WebhooksGivenUp => "service-warning-webhooks",
        ServiceWarning::AuditUnlinked => "service-warning-audit",
    }
}

request! {
    /// Which delivery to queue again.
    pub(crate) struct Which {
        /// Its event; all of them without one.
        event: Option<EventId>,
    }
}

async fn retry(posted: Posted<Which>) -> PageResult {
    let Posted { console, fields, .. } = posted;
    let which = fields.map_err(Error::Invalid)?.event;
    match console.use_cases().webhooks.retry(&console.actor, which).await {
        // One that is not among them was queued again before: the form was sent twice.
        Ok(_) | Err(Error::NotFound) => Ok(see_other(with_parameter(PATH, "done", "requeued"))),
        Err(error) => Err(error.into()),
    }
}
