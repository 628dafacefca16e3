//! All parts on one page, for whoever changes their look. Only in debug builds.

use askama::Template;
use chrono::Days;
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::list::{Slice, Total};
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::route::{Route, get};

use super::drug_orders::TabChoices;
use crate::answer::{PageResult, View, page};
use crate::console::{Console, Live};
use crate::form::{Choice, Field, Form, Sent};
use crate::parts::{
    Cell, Chart, ChartWords, Empty, Facts, Icon, Pager, Person, RecordRow, RecordTable, Tabs, Tag, Timeline,
    TimelineEntry, When,
};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/console/_kitchen", "consoleKitchen", show).not_audited()]
}

#[derive(Template)]
#[template(path = "page/kitchen.html")]
struct KitchenPage {
    ui: Ui,
    icons: &'static [(&'static str, Icon)],
    tags: Vec<Tag>,
    when: When,
    person: Person,
    facts: Facts,
    timeline: Timeline,
    chart: Chart,
    tabs: Tabs,
    records: RecordTable,
    pager: Pager,
    empty: Empty,
    form: Form,
}

impl Discloses for KitchenPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for KitchenPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

fn person(texts: Texts) -> Person {
    Person {
        uuid: AccountUuid::from_bytes([0; 4]),
        name: "王秀英".to_owned(),
        about: texts.text("person-female").into_owned(),
    }
}

fn records(console: &Console) -> RecordTable {
    let texts = console.texts;
    let columns = ["visit-patient", "visit-when", "visit-physician", "visit-status", "visit-next"];
    let row = |id, status, physician| RecordRow {
        kind: "kitchen",
        subject: "kitchen",
        id,
        path: "/console/_kitchen".to_owned(),
        patient: person(texts),
        cells: vec![
            Cell::When(console.clock().moment(console.time().now)),
            physician,
            Cell::Tags(vec![Tag::of_inquiry(status, texts), Tag::overdue(texts)]),
            Cell::Step(Some(("/console/_kitchen".to_owned(), texts.text("step-appoint")))),
        ],
    };
    let rows = vec![
        row(1, InquiryStatus::Submitted, Cell::Nobody(texts.text("visit-no-physician"))),
        row(2, InquiryStatus::Accepted, Cell::Person(person(texts))),
    ];
    RecordTable::new(columns.map(|column| texts.text(column)).to_vec(), rows)
}

async fn show(Live(console): Live) -> PageResult {
    let (texts, time, clock) = (console.texts, console.time(), console.clock());
    let tags = InquiryStatus::ALL.map(|status| Tag::of_inquiry(status, texts)).into_iter();
    let tags = tags.chain(DrugOrderStatus::ALL.map(|status| Tag::of_drug_order(status, texts)));
    let entry = |status, reason: Option<&str>| TimelineEntry {
        when: clock.moment(time.now),
        what: texts.text("history-accepted"),
        who: "王秀英".to_owned(),
        tag: Some(Tag::of_inquiry(status, texts)),
        reason: reason.map(str::to_owned),
    };
    let days: Vec<_> = time.today().iter_days().take(30).collect();
    let days = days.iter().filter_map(|day| day.checked_sub_days(Days::new(29))).collect::<Vec<_>>();
    let numbers = |of: u64| (0..30).map(|day| (day * of) % 9).collect::<Vec<u64>>();
    let words = ChartWords {
        title: texts.text("overview-visits"),
        day: texts.text("chart-day"),
        table: texts.text("chart-table"),
        kinds: vec![texts.text("visit-home"), texts.text("visit-community")],
    };
    let slice = Slice { items: Vec::<()>::new(), newer: Some(1), older: Some(2) };
    let invalid = Invalid(vec![FieldError { field: "reason", problem: FieldProblem::Missing }]);
    let choices = ["王秀英", "李建国"].map(|name| Choice {
        value: name.to_owned(),
        label: name.into(),
        help: Some(texts.text("step-day-free")),
    });
    let form = Form::of(&console, "/console/_kitchen", &Sent::default(), texts.text("step-cancel-do"))
        .refused_for(&invalid)
        .dangerous()
        .or_back("/console", texts.text("form-back"))
        .field(Field::line("name", texts.text("log-in-name"), 20).help(texts.text("log-in-name-help")))
        .field(Field::choices("physician", texts.text("step-physician"), choices.into()))
        .field(Field::time("appointment_time", texts.text("step-time")))
        .field(Field::file("file", texts.text("import-file"), ".csv"))
        .field(Field::area("reason", texts.text("step-reason"), 500).help(texts.text("step-reason-help")));
    page(&KitchenPage {
        ui: console.ui(Section::Overview, "kitchen-title").telling(Some(texts.text("done-approved"))),
        icons: Icon::ALL,
        tags: tags.chain([Tag::overdue(texts)]).collect(),
        when: clock.moment(time.now),
        person: person(texts),
        facts: Facts::new(texts)
            .add("person-name", "王秀英")
            .tagged(Some(Tag::disabled(texts)))
            .add("person-phone", "13900000001")
            .linked(Some("tel:13900000001".to_owned()))
            .changed_on(Some("/console/_kitchen".to_owned()))
            .add("person-nickname", "")
            .changed_on(Some("/console/_kitchen".to_owned())),
        timeline: Timeline {
            entries: vec![
                entry(InquiryStatus::Assigned, None),
                entry(InquiryStatus::Cancelled, Some("家人已送医")),
            ],
        },
        chart: Chart::new(words, &days, &[&numbers(7), &numbers(5)]),
        tabs: Tabs::of::<TabChoices>(texts, "tabs-label", &None, |_| "/console/_kitchen".to_owned()),
        records: records(&console),
        pager: Pager::new(texts, "/console/_kitchen", &slice, Total::MoreThan(1000)),
        empty: Empty {
            why: texts.text("visits-none-found"),
            way: Some(("/console/visits".to_owned(), texts.text("visits-all"))),
        },
        form,
    })
}
