//! The list of people: residents, physicians and admins.

use askama::Template;
use url::form_urlencoded::Serializer;
use yilin_domain::account::{Account, AccountUuid, PhoneNumber, Role};
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::id::AccountId;
use yilin_domain::list::Window;
use yilin_domain::usecase::PeopleSearch;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Choice, Choices, Number, Query, Selected, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::{people_duplicates, person, person_new};
use crate::answer::{PageResult, View, page};
use crate::console::Console;
use crate::parts::{Empty, Pager, Person, Tabs, Tag, tab_name};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/people";
/// People per page.
const SIZE: u16 = 25;

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consolePeople", show).audited(Read, "account", Record::Search)]
}

/// Whose accounts are listed.
pub(crate) struct TabChoices;

impl Choices for TabChoices {
    type Value = Role;
    const CHOICES: &'static [Choice<Role>] = &[
        ("patients", "tab-patients", || Role::Patient),
        ("physicians", "tab-physicians", || Role::Physician),
        ("admins", "tab-admins", || Role::Admin),
    ];
}

request! {
    /// What is looked for.
    pub(crate) struct Filters {
        /// Whose accounts.
        tab: Selected<TabChoices>,
        /// A part of a name, a phone number or a part of one, or a uuid.
        text: Option<Text>,
        /// Accounts newer than this one.
        newer: Option<Number<0, { i64::MAX }>>,
        /// Accounts older than this one.
        older: Option<Number<0, { i64::MAX }>>,
    }
}

impl Filters {
    fn text(&self) -> &str {
        self.text.as_ref().map_or("", |Text(text)| text)
    }

    fn window(&self) -> Window<AccountId> {
        match (&self.newer, &self.older) {
            (Some(Number(newer)), _) => Window::NewerThan(AccountId(*newer)),
            (None, Some(Number(older))) => Window::OlderThan(AccountId(*older)),
            (None, None) => Window::Newest,
        }
    }

    /// The list's address for this text under a tab, without a position.
    fn address(&self, tab: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("tab", tab);
        if !self.text().is_empty() {
            query.append_pair("text", self.text());
        }
        format!("{PATH}?{}", query.finish())
    }

    fn tab_name(&self) -> &'static str {
        tab_of(self.tab.0)
    }
}

/// The name of a role's tab.
pub(super) fn tab_of(of: Role) -> &'static str {
    tab_name::<TabChoices>(&of)
}

/// A person in a list.
pub(super) struct PersonRow {
    pub(super) path: String,
    pub(super) person: Person,
    pub(super) phone: String,
    /// A resident's address, or a physician's hospital.
    pub(super) place: String,
    pub(super) disabled: Option<Tag>,
    is_patient: bool,
}

impl PersonRow {
    pub(super) fn new(account: &Account, console: &Console) -> Self {
        let phone = account.phone.as_ref().map(PhoneNumber::as_str);
        let place = match account.role {
            Role::Patient => account.home_address.as_str(),
            Role::Physician => account.hospital.as_str(),
            Role::Admin => "",
        };
        Self {
            path: person::path(account.uuid),
            person: Person::of(account, console.time(), console.texts),
            phone: phone.unwrap_or_default().to_owned(),
            place: place.to_owned(),
            disabled: account.disabled.then(|| Tag::disabled(console.texts)),
            is_patient: account.role == Role::Patient,
        }
    }

    /// The patient whose data the row shows, if it is one.
    pub(super) fn patient(&self) -> Option<AccountUuid> {
        self.is_patient.then_some(self.person.uuid)
    }
}

#[derive(Template)]
#[template(path = "page/people.html")]
struct PeoplePage {
    ui: Ui,
    tabs: Tabs,
    filters: Filters,
    people: Vec<PersonRow>,
    pager: Pager,
    empty: Empty,
}

impl PeoplePage {
    const NEW: &'static str = person_new::PATH;
    const DUPLICATES: &'static str = people_duplicates::PATH;
}

impl Discloses for PeoplePage {
    fn disclosure(&self) -> Disclosure {
        let results = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let patients = Disclosure::of_patients(self.people.iter().filter_map(PersonRow::patient));
        Disclosure { results: Some(results), ..patients }
    }
}

impl View for PeoplePage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Query(filters): Query<Filters>) -> PageResult {
    let people = &console.use_cases().people;
    let search = PeopleSearch { role: filters.tab.0, text: filters.text().to_owned() };
    let slice = people.slice(&console.actor, &search, filters.window(), SIZE).await?;
    let total = people.total(&console.actor, &search).await?;
    let texts = console.texts;
    let address = filters.address(filters.tab_name());
    let is_search = !filters.text().is_empty();
    let why = if is_search { "people-none-found" } else { "people-none" };
    let way = is_search.then(|| (format!("{PATH}?tab={}", filters.tab_name()), texts.text("people-all")));
    let rows = slice.items.iter().map(|account| PersonRow::new(account, &console)).collect();
    let slice = slice.map_positions(|id| id.0);
    page(&PeoplePage {
        ui: console.ui(Section::People, "people-title"),
        tabs: Tabs::of::<TabChoices>(texts, "people-tabs", &filters.tab.0, |tab| filters.address(tab)),
        people: rows,
        pager: Pager::new(texts, &address, &slice, total),
        empty: Empty { why: texts.text(why), way },
        filters,
    })
}
