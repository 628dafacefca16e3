//! The list of drug orders.

use askama::Template;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::DrugOrderId;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Choice, Choices, Query, Selected};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::drug_order::{patient_of, physician_of};
use super::of_person::OfPerson;
use super::{drug_order, drug_receipt};
use crate::answer::{PageResult, View, page};
use crate::console::{Console, Live};
use crate::parts::{Cell, Empty, Pager, RecordRow, RecordTable, Tabs, Tag, tab_name, window};
use crate::paths::with_query;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/drug-orders";
/// Orders per page.
const SIZE: u16 = 25;

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleDrugOrders", show).audited(Read, "drug_order", Record::Search)]
}

/// What the tabs are.
pub(crate) struct TabChoices;

impl Choices for TabChoices {
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
        tab: Selected<TabChoices>,
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

    /// The list's address with these filters under another tab, without a position.
    fn address(&self, tab: &str) -> String {
        with_query(
            PATH,
            [
                ("tab", Some(tab.to_owned()).filter(|tab| tab != "all")),
                ("physician", self.physician.map(|uuid| uuid.to_string())),
                ("patient", self.patient.map(|uuid| uuid.to_string())),
            ],
        )
    }

    /// The same tab's without the person.
    fn address_of_everyone(&self) -> String {
        let tab = tab_name::<TabChoices>(&self.tab.0);
        with_query(PATH, [("tab", Some(tab.to_owned()).filter(|tab| tab != "all"))])
    }

    /// Whether the list may have more orders without them.
    fn are_set(&self) -> bool {
        self.tab.0.is_some() || self.physician.is_some() || self.patient.is_some()
    }
}

/// Orders as a table.
fn order_table(orders: &[DrugOrderDetails], console: &Console) -> RecordTable {
    let columns =
        ["visit-patient", "drug-ordered-at", "visit-when", "visit-physician", "visit-status", "visit-next"];
    let columns = columns.into_iter().map(|column| console.texts.text(column));
    RecordTable::new(columns.collect(), orders.iter().map(|details| row(details, console)).collect())
}

fn row(details: &DrugOrderDetails, console: &Console) -> RecordRow {
    let (order, texts, clock) = (&details.order, console.texts, console.clock());
    let step = order.status().awaits_confirmation();
    RecordRow {
        kind: "drug-order",
        subject: "drug_order",
        id: order.id.0,
        path: drug_order::path(order.id),
        patient: patient_of(details, console),
        cells: vec![
            Cell::When(clock.moment(order.created_at)),
            Cell::When(clock.visit(details.appointment_time)),
            Cell::Person(physician_of(details)),
            Cell::Tags(vec![Tag::of_drug_order(order.status(), texts)]),
            Cell::Step(step.then(|| (drug_receipt::path(order.id), texts.text("drug-receipt")))),
        ],
    }
}

#[derive(Template)]
#[template(path = "page/drug_orders.html")]
struct DrugOrdersPage {
    ui: Ui,
    of_person: OfPerson,
    tabs: Tabs,
    patient: Option<AccountUuid>,
    orders: RecordTable,
    pager: Pager,
    empty: Empty,
}

impl Discloses for DrugOrdersPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.orders.patients().chain(self.patient))
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
    let window = window(filters.newer, filters.older);
    let slice = orders.slice(&console.actor, &filter, window, SIZE).await?;
    let total = orders.total(&console.actor, &filter).await?;
    let texts = console.texts;
    let address = filters.address(tab_name::<TabChoices>(&filters.tab.0));
    let why = if filters.are_set() { "drug-none-found" } else { "drug-none" };
    let way = filters.are_set().then(|| (PATH.to_owned(), texts.text("drug-all")));
    page(&DrugOrdersPage {
        ui: console.ui(Section::DrugOrders, "drug-orders-title"),
        of_person: OfPerson::new(&console, filters.physician, filters.patient, filters.address_of_everyone())
            .await?,
        patient: filters.patient,
        tabs: Tabs::of::<TabChoices>(texts, "tabs-label", &filters.tab.0, |tab| filters.address(tab)),
        orders: order_table(&slice.items, &console),
        pager: Pager::new(texts, &address, &slice, total),
        empty: Empty { why: texts.text(why), way },
    })
}
