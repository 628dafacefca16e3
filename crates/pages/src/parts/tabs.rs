//! Tabs: links that each select a part of a list.

use std::borrow::Cow;

use askama::Template;
use yilin_web::input::Choices;

use super::markup;
use crate::texts::Texts;

/// The tabs of a list.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<nav aria-label="{{ label }}"><ul class="tabs">
  {% for tab in links %}<li><a href="{{ tab.path }}"{% if tab.is_current %} aria-current="page"{% endif %}>{{ tab.text }}</a></li>{% endfor %}
</ul></nav>"#
)]
pub(crate) struct Tabs {
    label: Cow<'static, str>,
    links: Vec<TabLink>,
}
markup!(Tabs);

/// A tab.
struct TabLink {
    path: String,
    text: Cow<'static, str>,
    is_current: bool,
}

impl Tabs {
    /// The tabs of these choices, whose descriptions are names of texts, and so is the label. `address` gives the list under
    /// the tab of a name.
    pub(crate) fn of<C: Choices>(
        texts: Texts,
        label: &'static str,
        current: &C::Value,
        address: impl Fn(&str) -> String,
    ) -> Self
    where
        C::Value: PartialEq,
    {
        let links = C::CHOICES.iter().map(|(name, text, value)| TabLink {
            path: address(name),
            text: texts.text(text),
            is_current: value() == *current,
        });
        Self { label: texts.text(label), links: links.collect() }
    }
}

/// The name of the chosen tab.
pub(crate) fn tab_name<C: Choices>(current: &C::Value) -> &'static str
where
    C::Value: PartialEq,
{
    let chosen = C::CHOICES.iter().find(|(.., value)| value() == *current);
    chosen.or(C::CHOICES.first()).map_or("", |(name, ..)| name)
}
