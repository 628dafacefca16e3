//! One drug order: for whom and of which visit, its history, and the proof of delivery.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderHistoryEntry, DrugOrderStatus};
use yilin_domain::file::{LinkedKind, LinkedRecord};
use yilin_domain::id::{DrugOrderId, Version};
use yilin_domain::inquiry::PatientSummary;
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{HistoryLine, HistoryOf};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::told::told;
use super::{drug_orders, drug_receipt, visit};
use crate::answer::{PageResult, View, page};
use crate::console::{Console, Live};
use crate::id::Id;
use crate::parts::{FileView, Person, Tag, Timeline, TimelineEntry, When};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/console/drug-orders/{id}", "consoleDrugOrder", show).audited(
        Read,
        "drug_order",
        Record::Field("id"),
    )]
}

/// The path of an order's page.
pub(super) fn path(id: DrugOrderId) -> String {
    format!("{}/{id}", drug_orders::PATH)
}

/// The patient who needs the drugs.
pub(super) fn patient_of(details: &DrugOrderDetails, console: &Console) -> Person {
    let patient = PatientSummary {
        uuid: details.order.patient,
        username: details.patient_username.clone(),
        sex: details.patient_sex,
        age: details.patient_age,
    };
    Person::patient(&patient, console.time(), console.texts)
}

/// The physician who purchases them.
pub(super) fn physician_of(details: &DrugOrderDetails) -> Person {
    Person {
        uuid: details.order.physician,
        name: details.physician_username.as_str().to_owned(),
        about: details.hospital.as_str().to_owned(),
    }
}

/// What an order is about.
pub(super) struct OrderFacts {
    pub(super) id: i64,
    pub(super) patient: Person,
    pub(super) physician: Person,
    pub(super) tag: Tag,
    pub(super) ordered: When,
    pub(super) visit: When,
    pub(super) visit_path: String,
    pub(super) phone: String,
    pub(super) findings: String,
    /// Invoice and proof of delivery, once dispatched.
    pub(super) certificate: Option<FileView>,
}

impl OrderFacts {
    pub(super) fn new(details: &DrugOrderDetails, console: &Console) -> Self {
        let (order, texts, clock) = (&details.order, console.texts, console.clock());
        let place = LinkedRecord { kind: LinkedKind::DrugOrder, id: order.id.0, patient: order.patient };
        let certificate = order.certificate().map(|file| {
            let link = console.use_cases().files.show(&console.actor, place, file);
            FileView::picture(file, &link, "drug-certificate", texts)
        });
        let phone = details.reserved_phone.as_ref().map(|phone| phone.as_str().to_owned());
        Self {
            id: order.id.0,
            patient: patient_of(details, console),
            physician: physician_of(details),
            tag: Tag::of_drug_order(order.status(), texts),
            ordered: clock.moment(order.created_at),
            visit: clock.visit(details.appointment_time),
            visit_path: visit::path(order.inquiry),
            phone: phone.unwrap_or_default(),
            findings: details.notes.diagnostic_description.as_str().to_owned(),
            certificate,
        }
    }

    /// For the audit log.
    pub(super) fn disclosure(&self) -> Disclosure {
        Disclosure::of("drug_order", &self.id, Some(self.patient.uuid))
    }
}

#[derive(Template)]
#[template(path = "page/drug_order.html")]
struct DrugOrderPage {
    ui: Ui,
    facts: OrderFacts,
    /// The hospital's step, if the order waits for it.
    step: Option<(String, Cow<'static, str>)>,
    timeline: Timeline,
}

impl Discloses for DrugOrderPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for DrugOrderPage {
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
    Live(console): Live,
    Id(id): Id<DrugOrderId>,
    Query(After { done }): Query<After>,
) -> PageResult {
    let history = console.use_cases().drug_orders.history(&console.actor, id).await?;
    let (details, texts) = (&history.record, console.texts);
    let step = details.order.status().awaits_confirmation();
    let title = texts.with("drug-order-title", "name", details.patient_username.as_str());
    page(&DrugOrderPage {
        ui: console
            .ui(Section::DrugOrders, "drug-orders-title")
            .titled(title)
            .telling(told(done.as_ref(), texts)),
        facts: OrderFacts::new(details, &console),
        step: step.then(|| (drug_receipt::path(id), texts.text("drug-receipt"))),
        timeline: timeline(&history, Version(0), &console),
    })
}

/// What happened to an order after this version, oldest first.
pub(super) fn timeline(
    history: &HistoryOf<DrugOrderDetails, DrugOrderHistoryEntry>,
    after: Version,
    console: &Console,
) -> Timeline {
    let lines = history.lines.iter().filter(|line| line.entry.version > after);
    Timeline { entries: lines.map(|line| entry(line, console)).collect() }
}

fn entry(line: &HistoryLine<DrugOrderHistoryEntry>, console: &Console) -> TimelineEntry {
    let (texts, entry) = (console.texts, &line.entry);
    let is_step = entry.from != Some(entry.to);
    let what = match (is_step, entry.to) {
        (false, _) => {
            let physician = line.physician.as_ref().map(|physician| physician.username.as_str());
            texts.with("drug-handed-over", "name", physician.unwrap_or_default())
        }
        (true, DrugOrderStatus::Pending) => texts.text("drug-ordered"),
        (true, DrugOrderStatus::Purchased) => texts.text("drug-purchased"),
        (true, DrugOrderStatus::Dispatched) => texts.text("drug-dispatched"),
        (true, DrugOrderStatus::Received) => texts.text("drug-received"),
    };
    TimelineEntry {
        when: console.clock().moment(entry.at),
        what,
        who: line.by.username.as_str().to_owned(),
        tag: is_step.then(|| Tag::of_drug_order(entry.to, texts)),
        reason: entry.reason.as_ref().map(Reason::as_str).map(str::to_owned),
    }
}
