//! The list of visits.

use std::borrow::Cow;

use askama::Template;
use chrono::NaiveDate;
use url::form_urlencoded::Serializer;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{DayRange, InquiryStatus};
use yilin_domain::list::Window;
use yilin_domain::usecase::VisitSearch;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Choice, Choices, Query, Selected, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::visit_row::VisitRow;
use crate::answer::{PageResult, View, page};
use crate::console::Live;
use crate::parts::{Empty, Pager};
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

/// The tabs.
pub(crate) struct Tabs;

impl Choices for Tabs {
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
        tab: Selected<Tabs>,
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
    fn search(&self) -> VisitSearch {
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

    fn window(&self) -> Window<InquiryId> {
        match (self.newer, self.older) {
            (Some(newer), _) => Window::NewerThan(newer),
            (None, Some(older)) => Window::OlderThan(older),
            (None, None) => Window::Newest,
        }
    }

    /// The list's address with these filters under another tab, without a position.
    fn address(&self, tab: &str) -> String {
        let mut query = Serializer::new(String::new());
        let mut add = |name, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        add("tab", Some(tab.to_owned()).filter(|tab| tab != "all"));
        add("name", self.name.as_ref().map(|Text(name)| name.clone()));
        add("from", self.from.map(|day| day.to_string()));
        add("to", self.to.map(|day| day.to_string()));
        add("physician", self.physician.map(|uuid| uuid.to_string()));
        add("patient", self.patient.map(|uuid| uuid.to_string()));
        let query = query.finish();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    }

    fn tab_name(&self) -> &'static str {
        let choice = Tabs::CHOICES.iter().find(|(.., value)| value() == self.tab.0);
        choice.map_or("all", |(name, ..)| name)
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

/// A link that selects a part of the list.
pub(super) struct TabLink {
    pub(super) path: String,
    pub(super) text: Cow<'static, str>,
    pub(super) is_current: bool,
}

#[derive(Template)]
#[template(path = "page/visits.html")]
struct VisitsPage {
    ui: Ui,
    tabs: Vec<TabLink>,
    filters: Filters,
    rows: Vec<VisitRow>,
    pager: Pager,
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
        Disclosure::of_patients(self.rows.iter().map(VisitRow::patient))
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
    let slice = lists.slice(&console.actor, &search, filters.window(), SIZE).await?;
    let total = lists.total(&console.actor, &search).await?;
    let texts = console.texts;
    let tabs = Tabs::CHOICES.iter().map(|(name, text, value)| TabLink {
        path: filters.address(name),
        text: texts.text(text),
        is_current: value() == filters.tab.0,
    });
    let address = filters.address(filters.tab_name());
    let why = if filters.are_set() { "visits-none-found" } else { "visits-none" };
    let way = filters.are_set().then(|| (PATH.to_owned(), texts.text("visits-all")));
    page(&VisitsPage {
        ui: console.ui(Section::Visits, "visits-title"),
        tabs: tabs.collect(),
        rows: slice.items.iter().map(|details| VisitRow::new(details, &console)).collect(),
        pager: Pager::new(texts, &address, &slice, total),
        empty: Empty { why: texts.text(why), way },
        filters,
    })
}
