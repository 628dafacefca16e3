//! What waits for the hospital, today's visits, and the last days in numbers.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::list::Total;
use yilin_domain::usecase::{LastDays, OverviewReport, Waiting};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::import::{self, ImportTable};
use super::service;
use super::told::told;
use super::visit_row::visit_table;
use crate::answer::{PageResult, View, page, see_other};
use crate::console::Live;
use crate::parts::{Chart, ChartWords, Empty, RecordTable, Tag};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

/// Imports shown.
const IMPORTS: usize = 5;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/", "entrance", entrance).not_audited(),
        get("/console", "consoleOverview", show).audited(Read, "inquiry", Record::Search),
    ]
}

/// Leads a browser that was given the bare address to the console.
async fn entrance() -> PageResult {
    Ok(see_other("/console"))
}

/// A number of things that wait, and where they are listed.
struct Count {
    id: &'static str,
    path: &'static str,
    number: String,
    text: Cow<'static, str>,
    is_urgent: bool,
    is_nothing: bool,
}

#[derive(Template)]
#[template(path = "page/overview.html")]
struct OverviewPage {
    ui: Ui,
    warnings: Vec<Cow<'static, str>>,
    counts: Vec<Count>,
    imports: ImportTable,
    today: RecordTable,
    has_more: bool,
    empty: Empty,
    visits: Chart,
    by_status: Vec<(Tag, u64)>,
    drug_orders: Chart,
}

impl OverviewPage {
    const IMPORTS: &'static str = import::PATH;
    const SERVICE: &'static str = service::PATH;
}

impl Discloses for OverviewPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.today.patients())
    }
}

impl View for OverviewPage {
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

async fn show(Live(console): Live, Query(After { done }): Query<After>) -> PageResult {
    let texts = console.texts;
    let OverviewReport { warnings, waiting, imports, today, last_days } =
        console.use_cases().overview.report(&console.actor).await?;
    let by_status = last_days.by_status.iter().filter(|(_, number)| *number > 0);
    let by_status = by_status.map(|(status, number)| (Tag::of_inquiry(*status, texts), *number)).collect();
    let (visits, drug_orders) = charts(&last_days, texts);
    page(&OverviewPage {
        ui: console.ui(Section::Overview, "overview-title").telling(told(done.as_ref(), texts)),
        warnings: warnings.iter().map(|warning| texts.text(service::words(*warning))).collect(),
        counts: counts(&waiting, texts),
        imports: ImportTable::new(&imports, IMPORTS, &console),
        today: visit_table(&today.visits, &console),
        has_more: today.has_more,
        empty: Empty { why: texts.text("overview-no-visits"), way: None },
        visits,
        by_status,
        drug_orders,
    })
}

fn counts(waiting: &Waiting, texts: Texts) -> Vec<Count> {
    let Waiting { to_appoint, unanswered, overdue, to_review, returned, drugs_to_confirm } = *waiting;
    let count = |id, path, number: u64, text| Count {
        id,
        path,
        number: number.to_string(),
        text: texts.text(text),
        is_urgent: false,
        is_nothing: number == 0,
    };
    let overdue = match overdue {
        Total::Exactly(number) => (number.to_string(), number > 0),
        Total::MoreThan(number) => (format!("{number}+"), true),
    };
    vec![
        count("count-to-appoint", "/console/visits?tab=submitted", to_appoint, "overview-to-appoint"),
        count("count-unanswered", "/console/visits?tab=assigned", unanswered, "overview-unanswered"),
        Count {
            id: "count-overdue",
            path: "/console/visits?tab=overdue",
            number: overdue.0,
            text: texts.text("overview-overdue"),
            is_urgent: overdue.1,
            is_nothing: !overdue.1,
        },
        count("count-to-review", "/console/visits?tab=registered", to_review, "overview-to-review"),
        count("count-returned", "/console/visits?tab=returned", returned, "overview-returned"),
        count(
            "count-to-confirm",
            "/console/drug-orders?tab=dispatched",
            drugs_to_confirm,
            "overview-to-confirm",
        ),
    ]
}

fn charts(last_days: &LastDays, texts: Texts) -> (Chart, Chart) {
    let words = |title, kinds| ChartWords {
        title: texts.text(title),
        day: texts.text("chart-day"),
        table: texts.text("chart-table"),
        kinds,
    };
    let (visits, orders) = (&last_days.visits, &last_days.drug_orders);
    let kinds = vec![texts.text("visit-home"), texts.text("visit-community")];
    (
        Chart::new(words("overview-visits", kinds), &visits.days, &[&visits.home, &visits.community]),
        Chart::new(
            words("overview-drug-orders", vec![texts.text("overview-orders")]),
            &orders.days,
            &[&orders.counts],
        ),
    )
}
