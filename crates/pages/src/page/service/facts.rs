//! The state of the service as names and values.

use std::borrow::Cow;

use yilin_domain::file::NodeStatus;
use yilin_domain::time::Timestamp;
use yilin_domain::usecase::{FileState, ModelState, ModelTrouble, ServiceState};
use yilin_domain::webhook::WebhookBacklog;

use crate::console::Console;
use crate::parts::{When, size};
use crate::texts::Texts;

type Words = Cow<'static, str>;

/// What is known of one component.
pub(super) struct Group {
    pub(super) title: Words,
    pub(super) facts: Vec<Fact>,
}

/// A name and its value.
pub(super) struct Fact {
    pub(super) name: Words,
    pub(super) value: Words,
    /// When that was.
    pub(super) when: Option<When>,
}

/// Writes the facts of a component.
struct Writer<'a> {
    console: &'a Console,
    facts: Vec<Fact>,
}

impl<'a> Writer<'a> {
    fn new(console: &'a Console) -> Self {
        Self { console, facts: Vec::new() }
    }

    fn texts(&self) -> Texts {
        self.console.texts
    }

    fn add(mut self, name: &'static str, value: impl Into<Words>) -> Self {
        self.facts.push(Fact { name: self.texts().text(name), value: value.into(), when: None });
        self
    }

    fn number(self, name: &'static str, number: impl Into<u64>) -> Self {
        let number: u64 = number.into();
        self.add(name, number.to_string())
    }

    /// A time, if there is one.
    fn time(mut self, name: &'static str, value: impl Into<Words>, at: Option<Timestamp>) -> Self {
        if let Some(at) = at {
            let when = Some(self.console.clock().moment(at));
            self.facts.push(Fact { name: self.texts().text(name), value: value.into(), when });
        }
        self
    }

    fn titled(self, title: &'static str) -> Group {
        Group { title: self.texts().text(title), facts: self.facts }
    }
}

/// All components.
pub(super) fn groups(state: &ServiceState, console: &Console) -> Vec<Group> {
    vec![
        model(state.model.as_ref(), console),
        files(&state.files, console),
        database(state, console),
        webhooks(state.webhooks, console),
    ]
}

fn model(state: Option<&ModelState>, console: &Console) -> Group {
    let writer = Writer::new(console);
    let texts = console.texts;
    let Some(model) = state else {
        return writer.add("service-model-name", texts.text("service-none")).titled("service-model");
    };
    let failure = model.last_failure.map(|failure| match failure.trouble {
        ModelTrouble::Unavailable => (failure.at, "service-trouble-unavailable"),
        ModelTrouble::Overloaded => (failure.at, "service-trouble-overloaded"),
        ModelTrouble::Failed => (failure.at, "service-trouble-failed"),
    });
    let writer = writer
        .add("service-model-name", model.name.clone())
        .number("service-model-calls", model.calls)
        .number("service-model-callers", model.callers)
        .number("service-model-running", model.running)
        .number("service-model-per-day", model.per_day)
        .number("service-model-at-once", model.at_once);
    let writer = match failure {
        Some((at, why)) => writer.time("service-model-failure", texts.text(why), Some(at)),
        None => writer.add("service-model-failure", texts.text("service-no-failure")),
    };
    writer.titled("service-model")
}

fn files(state: &FileState, console: &Console) -> Group {
    let (writer, texts) = (Writer::new(console), console.texts);
    let writer = match &state.pinning {
        None => writer.add("service-node", texts.text("service-none")),
        Some(pinning) => {
            let node = match pinning.node {
                NodeStatus::Unknown => "service-node-unknown",
                NodeStatus::Ready => "service-node-ready",
                NodeStatus::Unavailable => "service-node-unavailable",
                NodeStatus::Public => "service-node-public",
            };
            writer
                .add("service-node", texts.text(node))
                .number("service-queued", pinning.backlog.files)
                .add("service-queued-size", size(pinning.backlog.bytes))
                .time("service-oldest", "", pinning.backlog.since)
        }
    };
    writer
        .add("service-free", size(state.free_space))
        .add("service-reserve", size(state.reserve))
        .titled("service-files")
}

fn database(state: &ServiceState, console: &Console) -> Group {
    let database = &state.database;
    Writer::new(console)
        .add("service-product", format!("{} {}", database.product, database.version))
        .add("service-latency", format!("{} ms", database.latency.as_millis()))
        .add("service-clock", format!("{} ms", state.clock_offset.num_milliseconds()))
        .number("service-unlinked", state.audit_unlinked)
        .titled("service-database")
}

fn webhooks(state: Option<WebhookBacklog>, console: &Console) -> Group {
    let writer = Writer::new(console);
    let Some(backlog) = state else {
        let none = console.texts.text("service-none");
        return writer.add("service-receiver", none).titled("service-webhooks");
    };
    writer
        .number("service-waiting", backlog.waiting)
        .time("service-oldest", "", backlog.since)
        .number("service-given-up", backlog.given_up)
        .titled("service-webhooks")
}
