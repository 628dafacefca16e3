//! Accounts that may belong to the same person, group by group.

use askama::Template;
use yilin_domain::account::{Account, PersonName, ReservedPhone, Role};
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Choice, Choices, Query, Selected, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::people::{self, PersonRow};
use crate::answer::{PageResult, View, page};
use crate::console::Console;
use crate::parts::{Empty, Tabs, tab_name};
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/people/duplicates";

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleDuplicates", show).audited(Read, "account", Record::Search)]
}

/// What the accounts of a group share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    /// Role, name, and date of birth or age.
    Name(Role),
    /// The number to call about a visit.
    Phone,
}

/// What the tabs are.
pub(crate) struct TabChoices;

impl Choices for TabChoices {
    type Value = Shared;
    const CHOICES: &'static [Choice<Shared>] = &[
        ("patients", "duplicates-patients", || Shared::Name(Role::Patient)),
        ("physicians", "duplicates-physicians", || Shared::Name(Role::Physician)),
        ("phones", "duplicates-phones", || Shared::Phone),
    ];
}

request! {
    /// Which groups.
    pub(crate) struct Groups {
        /// What they share.
        tab: Selected<TabChoices>,
        /// The value after which the search goes on.
        after: Option<Text>,
    }
}

/// Accounts that share a value.
struct Group {
    value: String,
    people: Vec<PersonRow>,
}

#[derive(Template)]
#[template(path = "page/people_duplicates.html")]
struct DuplicatesPage {
    ui: Ui,
    tabs: Tabs,
    groups: Vec<Group>,
    /// Where the search goes on.
    next: Option<String>,
    empty: Empty,
}

impl DuplicatesPage {
    const PEOPLE: &'static str = people::PATH;
}

impl Discloses for DuplicatesPage {
    fn disclosure(&self) -> Disclosure {
        let rows = self.groups.iter().flat_map(|group| &group.people);
        Disclosure::of_patients(rows.filter_map(PersonRow::patient))
    }
}

impl View for DuplicatesPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Query(Groups { tab: Selected(shared), after }): Query<Groups>) -> PageResult {
    let people = &console.use_cases().people;
    let after = after.as_ref().map(|Text(after)| after.as_str());
    let group = |(value, accounts): (String, Vec<Account>)| Group {
        value,
        people: accounts.iter().map(|account| PersonRow::new(account, &console)).collect(),
    };
    let (groups, next): (Vec<Group>, _) = match shared {
        Shared::Name(role) => {
            let after = after.map(PersonName::parse).transpose().map_err(not_a_position)?;
            let found = people.duplicates_by_name(&console.actor, role, after.as_ref()).await?;
            let named = found.groups.into_iter().map(|(name, group)| (name.as_str().to_owned(), group));
            (named.map(group).collect(), found.next.map(|name| name.as_str().to_owned()))
        }
        Shared::Phone => {
            let after = after.map(ReservedPhone::parse).transpose().map_err(not_a_position)?;
            let found = people.duplicates_by_phone(&console.actor, after.as_ref()).await?;
            let by_phone = found.groups.into_iter().map(|(phone, group)| (phone.as_str().to_owned(), group));
            (by_phone.map(group).collect(), found.next.map(|phone| phone.as_str().to_owned()))
        }
    };
    let texts = console.texts;
    let address = |name: &str| with_parameter(PATH, "tab", name);
    let tab = tab_name::<TabChoices>(&shared);
    let why = if next.is_some() { "duplicates-none-yet" } else { "duplicates-none" };
    page(&DuplicatesPage {
        ui: console.ui(Section::People, "duplicates-title"),
        tabs: Tabs::of::<TabChoices>(texts, "duplicates-tabs", &shared, address),
        groups,
        next: next.map(|next| with_parameter(&address(tab), "after", &next)),
        empty: Empty { why: texts.text(why), way: None },
    })
}

fn not_a_position(problem: FieldProblem) -> Invalid {
    Invalid::one("after", problem)
}
