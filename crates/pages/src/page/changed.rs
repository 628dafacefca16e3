//! A step that was not taken, because somebody has changed the record since the person saw it: says what changed, and
//! shows the record.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use askama::Template;
use yilin_domain::account::AccountUuid;
use yilin_domain::id::Version;
use yilin_domain::reason::Reason;
use yilin_domain::transition::HistoryEntry;
use yilin_domain::usecase::HistoryOf;
use yilin_web::audit::{Discloses, Disclosure};

use super::drug_order::OrderFacts;
use super::person_facts::PersonFacts;
use super::visit::VisitFacts;
use crate::answer::{PageResult, View, page_with};
use crate::console::Console;
use crate::parts::Timeline;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

/// The record, as it is now.
pub(super) enum Record {
    Visit(VisitFacts),
    Order(OrderFacts),
    Person(PersonFacts),
}

/// What the page says about a kind of record.
struct Words {
    title: &'static str,
    /// Why the step was not taken, although it is still possible.
    why: &'static str,
    not_possible: &'static str,
    /// Why the step's page, which was only opened, has no form.
    closed: &'static str,
    back: &'static str,
}

impl Record {
    const fn section(&self) -> Section {
        match self {
            Self::Visit(_) => Section::Visits,
            Self::Order(_) => Section::DrugOrders,
            Self::Person(_) => Section::People,
        }
    }

    const fn words(&self) -> Words {
        match self {
            Self::Visit(_) => Words {
                title: "changed-title",
                why: "changed-why",
                not_possible: "changed-not-possible",
                closed: "changed-closed-why",
                back: "changed-back",
            },
            Self::Order(_) => Words {
                title: "drug-changed-title",
                why: "drug-changed-why",
                not_possible: "drug-changed-not-possible",
                closed: "drug-changed-closed-why",
                back: "drug-changed-back",
            },
            Self::Person(_) => Words {
                title: "person-changed-title",
                why: "person-changed-why",
                not_possible: "person-changed-not-possible",
                closed: "person-changed-closed-why",
                back: "person-changed-back",
            },
        }
    }

    fn disclosure(&self) -> Disclosure {
        match self {
            Self::Visit(facts) => facts.disclosure(),
            Self::Order(facts) => facts.disclosure(),
            Self::Person(facts) => facts.disclosure(),
        }
    }
}

/// A step that was not taken.
pub(super) struct NotTaken {
    pub(super) record: Record,
    /// Whether the person took the step, and did not only open its page.
    pub(super) was_sent: bool,
    /// Why it was not taken, if that is more than that the record has changed.
    pub(super) why: Option<&'static str>,
    /// What happened since the person saw the record; empty if the person had not seen it.
    pub(super) since: Timeline,
    /// The reason that was typed, so that it is not lost.
    pub(super) typed: Option<Reason>,
    /// The step's page and name, if it is still possible.
    pub(super) again: Option<(String, &'static str)>,
    /// The record's page.
    pub(super) back: String,
}

#[derive(Template)]
#[template(path = "page/changed.html")]
struct ChangedPage {
    ui: Ui,
    record: Record,
    why: Cow<'static, str>,
    since: Timeline,
    typed: Option<String>,
    again: Option<(String, Cow<'static, str>)>,
    back: (String, Cow<'static, str>),
}

impl Discloses for ChangedPage {
    fn disclosure(&self) -> Disclosure {
        self.record.disclosure()
    }
}

impl View for ChangedPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// The page that says so.
pub(super) fn not_taken(console: &Console, step: NotTaken) -> PageResult {
    let NotTaken { record, was_sent, why: special, since, typed, again, back } = step;
    let (texts, words) = (console.texts, record.words());
    let (title, why) = match (was_sent, &again) {
        (true, Some(_)) => (words.title, words.why),
        (true, None) => (words.title, words.not_possible),
        (false, _) => ("changed-closed", words.closed),
    };
    let view = ChangedPage {
        ui: console.ui(record.section(), title),
        why: texts.text(special.unwrap_or(why)),
        since,
        typed: typed.map(|reason| reason.as_str().to_owned()),
        again: again.map(|(path, name)| (path, texts.text(name))),
        back: (back, texts.text(words.back)),
        record,
    };
    page_with(StatusCode::CONFLICT, &view)
}

/// The first change after the version that the person saw, if the same person made it: perhaps it is what the form asks
/// for, which was sent twice.
pub(super) fn own_change<R, S, A>(
    history: &HistoryOf<R, HistoryEntry<S, A>>,
    by: AccountUuid,
    seen: Version,
) -> Option<&HistoryEntry<S, A>> {
    let line = history.lines.iter().find(|line| line.entry.version == seen.next())?;
    Some(&line.entry).filter(|entry| entry.by == by)
}
