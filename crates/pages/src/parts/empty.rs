//! An empty list: why it is empty, and what to do.

use std::borrow::Cow;

use askama::Template;
use chrono::NaiveDate;

use super::markup;

/// Instead of a list without entries.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="empty"><p>{{ why }}</p>{% if let Some((path, text)) = way %}<p><a href="{{ path }}">{{ text }}</a></p>{% endif %}</div>"#
)]
pub(crate) struct Empty {
    /// Why it is empty.
    pub(crate) why: Cow<'static, str>,
    /// A link to what to do.
    pub(crate) way: Option<(String, Cow<'static, str>)>,
}
markup!(Empty);

/// The text that says why a list between these days is empty.
pub(crate) fn none_between(
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    none_found: &'static str,
) -> &'static str {
    let are_reversed = first.zip(last).is_some_and(|(first, last)| first > last);
    if are_reversed { "days-reversed" } else { none_found }
}
