//! An empty list: why it is empty, and what to do.

use std::borrow::Cow;

use askama::Template;

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
