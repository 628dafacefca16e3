//! The list of drug orders.

use std::borrow::Cow;

use askama::Template;
use url::form_urlencoded::Serializer;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::DrugOrderId;
use yilin_domain::list::Window;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Choice, Choices, Query, Selected};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::drug_order::{patient_of, physician_of};
use super::visits::TabLink;
use super::{drug_order, drug_receipt};
use crate::answer::{PageResult, View, page};
use crate::console::{Console, Live};
use crate::parts::{Empty, Pager, Person, Tag, When};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/drug-orders";
/// Orders per page.
const SIZE: u16 = 25;

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleDrugOrders", show).audited(Read, "drug_order", Record::Search)]
}

/// The tabs.
pub(crate) struct Tabs;

impl Choices for Tabs {
    type Value = Option<DrugOrderStatus>;
    const CHOICES: &'static [Choice<Self::Value>] = &[
        ("all", "tab-all", || None),
        ("pending", "status-pending", || Some(DrugOrderStatus::Pending)),
        ("purchased", "status-purchased", || Some(DrugOrderStatus::Purchased)),
        ("dispatched", "status-dispatched", || Some(DrugOrderStatus::Dispatched)),
        ("received", "status-received", || Some(DrugOrderStatus::Received)),
    ];
}

request! {
    /// The filters of the list.
    pub(crate) struct Filters {
        /// The tab.
        tab: Selected<Tabs>,
        /// The physician.
        physician: Option<AccountUuid>,
        /// The patient.
        patient: Option<AccountUuid>,
        /// Orders newer than this one.
        newer: Option<DrugOrderId>,
        /// Orders older than this one.
        older: Option<DrugOrderId>,
    }
}

impl Filters {
    fn filter(&self) -> DrugOrderFilter {
        let party = match (self.patient, self.physician) {
            (Some(patient), _) => DrugOrderParty::Patient(patient),
            (None, Some(physician)) => DrugOrderParty::Physician(physician),
            (None, None) => DrugOrderParty::Anyone,
        };
        DrugOrderFilter {
            party,
            statuses: self.tab.0.map_or_else(StatusSet::all, |status| StatusSet::of(&[status])),
        }
    }

    fn window(&self) -> Window<DrugOrderId> {
        match (self.newer, self.older) {
            (Some(newer), _) => Window::NewerThan(newer),
            (None, Some(older)) => Window::OlderThan(older),
            (None, None) => Window::Newest,
        }
    }

    /// The list's address with these filters under another tab, without a position.
    fn address(&self, tab: &str) -> String {
        let mut query = Serializer::new(String::new());
        if tab != "all" {
            query.append_pair("tab", tab);
        }
        for (name, uuid) in [("physician", self.physician), ("patient", self.patient)] {
            if let Some(uuid) = uuid {
                query.append_pair(name, &uuid.to_string());
            }
        }
        let query = query.finish();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    }

    fn tab_name(&self) -> &'static str {
        let choice = Tabs::CHOICES.iter().find(|(.., value)| value() == self.tab.0);
        choice.map_or("all", |(name, ..)| name)
    }

    /// Whether the list may have more orders without them.
    fn are_set(&self) -> bool {
        self.tab.0.is_some() || self.physician.is_some() || self.patient.is_some()
    }
}

/// An order in the list.
struct OrderRow {
    id: i64,
    path: String,
    patient: Person,
    physician: Person,
    visit: When,
    ordered: When,
    tag: Tag,
    /// The hospital's next step, and its page.
    step: Option<(String, Cow<'static, str>)>,
}

impl OrderRow {
    fn new(details: &DrugOrderDetails, console: &Console) -> Self {
        let (order, texts, clock) = (&details.order, console.texts, console.clock());
        let step = order.status().awaits_confirmation();
        Self {
            id: order.id.0,
            path: drug_order::path(order.id),
            patient: patient_of(details, console),
            physician: physician_of(details),
            visit: clock.visit(details.appointment_time),
            ordered: clock.moment(order.created_at),
            tag: Tag::of_drug_order(order.status(), texts),
            step: step.then(|| (drug_receipt::path(order.id), texts.text("drug-receipt"))),
        }
    }
}

#[derive(Template)]
#[template(path = "page/drug_orders.html")]
struct DrugOrdersPage {
    ui: Ui,
    tabs: Vec<TabLink>,
    rows: Vec<OrderRow>,
    pager: Pager,
    empty: Empty,
}

impl Discloses for DrugOrdersPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.rows.iter().map(|row| row.patient.uuid))
    }
}

impl View for DrugOrdersPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(Live(console): Live, Query(filters): Query<Filters>) -> PageResult {
    let orders = &console.use_cases().drug_orders;
    let filter = filters.filter();
    let slice = orders.slice(&console.actor, &filter, filters.window(), SIZE).await?;
    let total = orders.total(&console.actor, &filter).await?;
    let texts = console.texts;
    let tabs = Tabs::CHOICES.iter().map(|(name, text, value)| TabLink {
        path: filters.address(name),
        text: texts.text(text),
        is_current: value() == filters.tab.0,
    });
    let why = if filters.are_set() { "drug-none-found" } else { "drug-none" };
    let way = filters.are_set().then(|| (PATH.to_owned(), texts.text("drug-all")));
    page(&DrugOrdersPage {
        ui: console.ui(Section::DrugOrders, "drug-orders-title"),
        tabs: tabs.collect(),
        rows: slice.items.iter().map(|details| OrderRow::new(details, &console)).collect(),
        pager: Pager::new(texts, &filters.address(filters.tab_name()), &slice, total),
        empty: Empty { why: texts.text(why), way },
    })
}
