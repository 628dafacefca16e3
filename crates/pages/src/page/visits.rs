//! The list of visits.

use askama::Template;
use chrono::NaiveDate;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{DayRange, InquiryStatus};
use yilin_domain::usecase::VisitSearch;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Choice, Choices, Query, Selected, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::of_person::OfPerson;
use super::visit_row::visit_table;
use super::visits_export;
use crate::answer::{PageResult, View, page};
use crate::console::Live;
use crate::export::ExportLinks;
use crate::parts::{Empty, Pager, RecordTable, Tabs, none_between, tab_name, total_words, window};
use crate::paths::with_query;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/visits";
/// Visits per page.
const SIZE: u16 = 25;

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleVisits", show).audited(Read, "inquiry", Record::Search)]
}

/// What the tabs of the list select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    All,
    Overdue,
    In(InquiryStatus),
}

/// What the tabs are.
pub(crate) struct TabChoices;

impl Choices for TabChoices {
    type Value = Tab;
    const CHOICES: &'static [Choice<Tab>] = &[
        ("all", "tab-all", || Tab::All),
        ("submitted", "tab-submitted", || Tab::In(InquiryStatus::Submitted)),
        ("assigned", "tab-assigned", || Tab::In(InquiryStatus::Assigned)),
        ("accepted", "tab-accepted", || Tab::In(InquiryStatus::Accepted)),
        ("registered", "tab-registered", || Tab::In(InquiryStatus::Registered)),
        ("returned", "tab-returned", || Tab::In(InquiryStatus::Returned)),
        ("approved", "tab-approved", || Tab::In(InquiryStatus::Approved)),
        ("cancelled", "tab-cancelled", || Tab::In(InquiryStatus::Cancelled)),
        ("overdue", "tab-overdue", || Tab::Overdue),
    ];
}

request! {
    /// The filters of the list.
    pub(crate) struct Filters {
        /// The tab.
        tab: Selected<TabChoices>,
        /// A part of the patient's name.
        name: Option<Text>,
        /// The first day.
        from: Option<NaiveDate>,
        /// The last day.
        to: Option<NaiveDate>,
        /// The physician.
        physician: Option<AccountUuid>,
        /// The patient.
        patient: Option<AccountUuid>,
        /// Visits newer than this one.
        newer: Option<InquiryId>,
        /// Visits older than this one.
        older: Option<InquiryId>,
    }
}

impl Filters {
    pub(super) fn search(&self) -> VisitSearch {
        VisitSearch {
            statuses: match self.tab.0 {
                Tab::All | Tab::Overdue => StatusSet::all(),
                Tab::In(status) => StatusSet::of(&[status]),
            },
            overdue: self.tab.0 == Tab::Overdue,
            days: DayRange { first: self.from, last: self.to },
            physician: self.physician,
            patient: self.patient,
            patient_name: self.name.as_ref().map(|Text(name)| name.clone()).unwrap_or_default(),
        }
    }

    /// The address of this path with these filters under another tab, without a position.
    fn address(&self, path: &str, tab: &str) -> String {
        let people = [("physician", self.physician), ("patient", self.patient)];
        let people = people.map(|(name, uuid)| (name, uuid.map(|uuid| uuid.to_string())));
        with_query(path, self.without_people(tab).into_iter().chain(people))
    }

    /// The address of the list with these filters, but for the person's.
    fn address_of_everyone(&self) -> String {
        with_query(PATH, self.without_people(self.tab_name()))
    }

    /// The parameters of these filters under another tab, but for the people.
    fn without_people(&self, tab: &str) -> [(&'static str, Option<String>); 4] {
        [
            ("tab", Some(tab.to_owned()).filter(|tab| tab != "all")),
            ("name", self.name.as_ref().map(|Text(name)| name.clone())),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
        ]
    }

    fn tab_name(&self) -> &'static str {
        tab_name::<TabChoices>(&self.tab.0)
    }

    /// Whether the list may have more visits without them.
    fn are_set(&self) -> bool {
        let days = self.from.is_some() || self.to.is_some();
        days || self.tab.0 != Tab::All
            || self.name.is_some()
            || self.physician.is_some()
            || self.patient.is_some()
    }
}

#[derive(Template)]
#[template(path = "page/visits.html")]
struct VisitsPage {
    ui: Ui,
    of_person: OfPerson,
    tabs: Tabs,
    filters: Filters,
    visits: RecordTable,
    pager: Pager,
    export: ExportLinks,
    empty: Empty,
}

impl VisitsPage {
    fn name(&self) -> &str {
        self.filters.name.as_ref().map_or("", |Text(name)| name)
    }

    fn day(day: Option<&NaiveDate>) -> String {
        day.map(ToString::to_string).unwrap_or_default()
    }
}

impl Discloses for VisitsPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.visits.patients().chain(self.filters.patient))
    }
}

impl View for VisitsPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(Live(console): Live, Query(filters): Query<Filters>) -> PageResult {
    let lists = &console.use_cases().visit_lists;
    let search = filters.search();
    let window = window(filters.newer, filters.older);
    let slice = lists.slice(&console.actor, &search, window, SIZE).await?;
    let total = lists.total(&console.actor, &search).await?;
    let texts = console.texts;
    let address = filters.address(PATH, filters.tab_name());
    let export = filters.address(visits_export::PATH, filters.tab_name());
    let why = if filters.are_set() { "visits-none-found" } else { "visits-none" };
    let why = none_between(filters.from, filters.to, why);
    let way = filters.are_set().then(|| (PATH.to_owned(), texts.text("visits-all")));
    page(&VisitsPage {
        ui: console.ui(Section::Visits, "visits-title"),
        of_person: OfPerson::new(&console, filters.physician, filters.patient, filters.address_of_everyone())
            .await?,
        tabs: Tabs::of::<TabChoices>(texts, "tabs-label", &filters.tab.0, |tab| filters.address(PATH, tab)),
        visits: visit_table(&slice.items, &console),
        pager: Pager::new(texts, &address, &slice, total),
        export: ExportLinks::of_total(texts, &export, total_words(texts, total)),
        empty: Empty { why: texts.text(why), way },
        filters,
    })
}
