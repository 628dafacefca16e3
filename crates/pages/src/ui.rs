//! What the frame of every page shows, and the texts that its template uses.

use std::borrow::Cow;
use std::fmt::Display;

use actix_web::HttpRequest;
use yilin_domain::event::{EventId, EventType};
use yilin_web::auth::{ConsoleUser, console_user};
use yilin_web::error::Language;

use crate::assets;
use crate::page::language;
use crate::parts::Icon;
use crate::texts::Texts;

/// The sections of the console, in the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Visits,
    People,
    DrugOrders,
    Audit,
    Service,
}

/// The navigation: section, path, text and icon.
const SECTIONS: [(Section, &str, &str, Icon); 6] = [
    (Section::Overview, "/console", "nav-overview", Icon::Home),
    (Section::Visits, "/console/visits", "nav-visits", Icon::Calendar),
    (Section::DrugOrders, "/console/drug-orders", "nav-drug-orders", Icon::Pill),
    (Section::People, "/console/people", "nav-people", Icon::Person),
    (Section::Audit, "/console/audit", "nav-audit", Icon::File),
    (Section::Service, "/console/service", "nav-service", Icon::Service),
];

/// A link of the navigation.
pub(crate) struct NavLink {
    pub(crate) path: &'static str,
    pub(crate) text: Cow<'static, str>,
    pub(crate) icon: Icon,
    pub(crate) is_current: bool,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub(crate) struct Ui {
    pub(crate) texts: Texts,
    /// The page's title, which is also its heading.
    pub(crate) title: Cow<'static, str>,
    /// Who is logged in; a page without a user has no navigation.
    pub(crate) user: Option<ConsoleUser>,
    /// What the step before led to, told once on top of the page.
    pub(crate) told: Option<Cow<'static, str>>,
    pub(crate) section: Option<Section>,
    /// The page's own address, to come back to.
    pub(crate) here: String,
    /// The newest event that the page may show, if it listens to later ones.
    pub(crate) heard: Option<EventId>,
}

impl Ui {
    /// The frame of a page that anybody may see.
    pub(crate) fn of(request: &HttpRequest, title: &'static str) -> Self {
        let texts = texts_for(request);
        let is_page = request.method().is_safe();
        let here = if is_page { request.uri().to_string() } else { request.path().to_owned() };
        let title = texts.text(title);
        Self { texts, title, user: console_user(request), told: None, section: None, here, heard: None }
    }

    /// The same in this section of the console.
    pub(crate) fn within(self, section: Section) -> Self {
        Self { section: Some(section), ..self }
    }

    /// The same under another title.
    pub(crate) fn titled(self, title: Cow<'static, str>) -> Self {
        Self { title, ..self }
    }

    /// The same, with what the step before led to.
    pub(crate) fn telling(self, told: Option<Cow<'static, str>>) -> Self {
        Self { told, ..self }
    }

    /// The same, listening to the events after this one.
    pub(crate) fn listening_after(self, heard: Option<EventId>) -> Self {
        Self { heard, ..self }
    }

    /// See [`Texts::text`].
    pub(crate) fn text(&self, key: &'static str) -> Cow<'static, str> {
        self.texts.text(key)
    }

    /// See [`Texts::with`].
    pub(crate) fn with(
        &self,
        key: &'static str,
        name: &'static str,
        value: impl Display,
    ) -> Cow<'static, str> {
        self.texts.with(key, name, value)
    }

    /// The path of an asset.
    #[expect(clippy::unused_self, reason = "templates call it")]
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::path(name)
    }

    /// An icon by its name.
    #[expect(clippy::unused_self, reason = "templates call it")]
    pub(crate) fn icon(&self, name: &str) -> Icon {
        Icon::named(name)
    }

    /// The types of events that pages listen to.
    #[expect(clippy::unused_self, reason = "templates call it")]
    pub(crate) fn event_types(&self) -> String {
        EventType::NAMES.join(" ")
    }

    /// The links of the navigation.
    pub(crate) fn navigation(&self) -> impl Iterator<Item = NavLink> {
        SECTIONS.iter().map(|(section, path, text, icon)| NavLink {
            path,
            text: self.text(text),
            icon: *icon,
            is_current: self.section == Some(*section),
        })
    }

    /// The language that the switch leads to: its code, and its name in itself.
    pub(crate) fn other_language(&self) -> (&'static str, &'static str) {
        match self.texts.0 {
            Language::Chinese => (language::ENGLISH, "English"),
            Language::English => (language::CHINESE, "中文"),
        }
    }
}

/// The texts for a request: in the language that was chosen, else the one that the browser asks for.
pub(crate) fn texts_for(request: &HttpRequest) -> Texts {
    Texts(language::chosen(request).unwrap_or_else(|| Language::of(request.headers())))
}
