//! The history of a record.

use std::borrow::Cow;

use askama::Template;

use super::{Tag, When, markup};

/// What happened, oldest first.
#[derive(Template)]
#[template(path = "parts/timeline.html")]
pub(crate) struct Timeline {
    pub(crate) entries: Vec<TimelineEntry>,
}
markup!(Timeline);

/// One thing that happened.
pub(crate) struct TimelineEntry {
    pub(crate) when: When,
    /// What, in words.
    pub(crate) what: Cow<'static, str>,
    /// Who did it.
    pub(crate) who: String,
    /// The state that it led to.
    pub(crate) tag: Option<Tag>,
    /// Why, in the words of who did it.
    pub(crate) reason: Option<String>,
}
